// SPDX-License-Identifier: Apache-2.0
// The pointer of a first contact (spec/records.md 10). Nothing in it names the recipient: the owner name implies it,
// and nothing binds the record to that name.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/bytes.hpp"
#include "base/error.hpp"
#include "crypto/ed25519.hpp"

namespace dnsmesh::record {

struct ClaimRecord {
  ByteArray<16> msg_id{};
  crypto::PublicKey sender_spk{};
  std::string sender_mailbox_domain;  // 1..43 bytes of UTF-8 without blanks and controls; not a checked DNS name
  std::uint8_t slot = 0;              // 0..9
  std::uint64_t ts = 0;               // unix seconds below 2^63
  std::uint64_t exp = 0;              // unix seconds below 2^63, later than ts; expired when exp == now

  bool operator==(const ClaimRecord&) const = default;
};

/// Mailbox and claim slots are 0..9 (spec/records.md 13).
inline constexpr std::uint8_t k_slot_max = 9;

/// The record of `text` when its embedded key signed it and it is in force at `now_s`. Errors: the codes of
/// spec/records.md 10, in its order.
Result<ClaimRecord> parse_claim_record(std::string_view text, std::int64_t now_s);

/// The body alone. Errors: record_body_*.
Result<ClaimRecord> parse_claim_record_body(std::string_view body);

/// Signs a record with the key that it names. Errors: record_issue_refused.
Result<std::string> issue_claim_record(const ClaimRecord& record, const crypto::SigningKey& key);

}  // namespace dnsmesh::record
