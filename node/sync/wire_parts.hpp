// SPDX-License-Identifier: Apache-2.0
// Small pieces that the forms of wire.hpp share. Only sync/wire_*.cpp use it.
#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.hpp"
#include "crypto/hash.hpp"

namespace dnsmesh::sync {

/// 64 lower-case hex digits.
std::optional<crypto::Hash256> parse_hash(std::string_view text);

/// 1 to 253 bytes.
bool is_wire_name(std::string_view text);

/// The character rule of a replicable name (spec/anti-entropy.md 3.3).
bool is_replicable(std::string_view name);

/// Decimal digits alone, below 2^63.
std::optional<std::int64_t> parse_natural(std::string_view text);

void append_number(std::string& out, std::int64_t number);
void append_hash(std::string& out, const crypto::Hash256& hash);
/// A quoted hash.
void append_quoted_hash(std::string& out, const crypto::Hash256& hash);
/// A number or null.
void append_seq(std::string& out, std::optional<std::uint64_t> seq);

/// Whole seconds or milliseconds that are left, at least 1 (spec/anti-entropy.md 3.2).
std::int64_t left_s(std::int64_t until_s, std::int64_t now_s);
std::int64_t left_ms(std::int64_t until_s, std::int64_t now_ms);

/// A short body as a tree; an unpaired surrogate makes its string null. Error: sync_malformed.
Result<nlohmann::ordered_json> parse_body(std::string_view body);

/// Members of an object; nothing when it is absent or of another type.
std::optional<std::int64_t> natural_member(const nlohmann::ordered_json& object, std::string_view key);
std::optional<std::uint64_t> natural_u64_member(const nlohmann::ordered_json& object, std::string_view key);
const std::string* text_member(const nlohmann::ordered_json& object, std::string_view key);

}  // namespace dnsmesh::sync
