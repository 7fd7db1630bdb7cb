// SPDX-License-Identifier: Apache-2.0
// Binds a username to an X25519 and an Ed25519 key; authenticates itself (spec/records.md 4).
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.hpp"
#include "base/error.hpp"
#include "crypto/ed25519.hpp"

namespace dnsmesh::record {

struct IdentityRecord {
  std::string username;  // 1..64 bytes of UTF-8
  ByteArray<32> x25519_pk{};
  crypto::PublicKey ed25519_spk{};
  std::uint64_t ts = 0;                      // unix seconds, informational
  std::vector<std::uint8_t> versions = {1};  // ascending

  bool operator==(const IdentityRecord&) const = default;
};

inline constexpr std::size_t k_username_bytes_max = 64;

/// The record of `text` when its embedded key signed it; no time rule, and trust in the key is the caller's affair.
/// Errors: the codes of spec/records.md 4, in its order.
Result<IdentityRecord> parse_identity_record(std::string_view text);

/// The same without looking at the signature: for what decides no trust. Errors: as above but record_signature.
Result<IdentityRecord> read_identity_record(std::string_view text);

/// The body alone. Errors: record_body_*.
Result<IdentityRecord> parse_identity_record_body(std::string_view body);

/// Signs a record with the key that it names; versions are sorted and each written once. Errors: record_issue_refused.
Result<std::string> issue_identity_record(const IdentityRecord& record, const crypto::SigningKey& key);

}  // namespace dnsmesh::record
