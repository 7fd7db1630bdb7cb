// SPDX-License-Identifier: Apache-2.0
#include "sync/wire_parts.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <limits>
#include <nlohmann/json.hpp>

#include "base/hex.hpp"
#include "base/json.hpp"
#include "base/limits.hpp"

namespace dnsmesh::sync {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::int64_t k_ms_per_s = 1000;

bool is_lower_hex(char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); }

bool is_name_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-';
}

}  // namespace

std::optional<crypto::Hash256> parse_hash(std::string_view text) {
  constexpr std::size_t k_digits = 2 * std::tuple_size_v<crypto::Hash256>;
  if (text.size() != k_digits || !std::ranges::all_of(text, is_lower_hex)) return std::nullopt;
  return to_array<std::tuple_size_v<crypto::Hash256>>(from_hex(text).value_or(""));
}

bool is_wire_name(std::string_view text) { return !text.empty() && text.size() <= limits::owner_name_bytes_max; }

bool is_replicable(std::string_view name) { return std::ranges::all_of(name, is_name_character); }

std::optional<std::int64_t> parse_natural(std::string_view text) {
  std::int64_t number = 0;
  if (text.empty() || text[0] == '-') return std::nullopt;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return number;
}

void append_number(std::string& out, std::int64_t number) {
  const fmt::format_int digits(number);
  out.append(digits.data(), digits.size());
}

void append_hash(std::string& out, const crypto::Hash256& hash) { out += to_hex(view(hash)); }

void append_quoted_hash(std::string& out, const crypto::Hash256& hash) {
  out.push_back('"');
  append_hash(out, hash);
  out.push_back('"');
}

void append_seq(std::string& out, std::optional<std::uint64_t> seq) { out += seq ? std::to_string(*seq) : "null"; }

std::int64_t left_s(std::int64_t until_s, std::int64_t now_s) { return until_s > now_s ? until_s - now_s : 1; }

std::int64_t left_ms(std::int64_t until_s, std::int64_t now_ms) {
  constexpr std::int64_t k_until_s_max = std::numeric_limits<std::int64_t>::max() / k_ms_per_s;
  const std::int64_t until_ms = std::min(until_s, k_until_s_max) * k_ms_per_s;
  return until_ms > now_ms ? until_ms - now_ms : 1;
}

Result<Json> parse_body(std::string_view body) {
  auto parsed = parse_json(null_for_unpaired_surrogates(body), limits::json_depth_max);
  if (!parsed) return fail(ErrorCode::sync_malformed, std::move(parsed.error().text));
  return std::move(*parsed);
}

std::optional<std::uint64_t> natural_u64_member(const Json& object, std::string_view key) {
  if (!object.is_object()) return std::nullopt;
  const auto found = object.find(key);
  if (found == object.end() || !found->is_number_integer()) return std::nullopt;
  if (!found->is_number_unsigned() && found->get<std::int64_t>() < 0) return std::nullopt;
  return found->get<std::uint64_t>();
}

std::optional<std::int64_t> natural_member(const Json& object, std::string_view key) {
  const auto number = natural_u64_member(object, key);
  if (!number || *number > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max())) return std::nullopt;
  return static_cast<std::int64_t>(*number);
}

const std::string* text_member(const Json& object, std::string_view key) {
  if (!object.is_object()) return nullptr;
  const auto found = object.find(key);
  return found == object.end() ? nullptr : found->get_ptr<const std::string*>();
}

}  // namespace dnsmesh::sync
