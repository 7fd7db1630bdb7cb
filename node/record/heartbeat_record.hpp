// SPDX-License-Identifier: Apache-2.0
// The signed sign of life of a node (spec/records.md 9). Anyone can sign one for any endpoint with a key of their own:
// it proves possession of the key and nothing else.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/error.hpp"
#include "crypto/ed25519.hpp"
#include "record/time_rules.hpp"

namespace dnsmesh::record {

struct HeartbeatRecord {
  std::string endpoint;  // spec/records.md 9.1
  crypto::PublicKey operator_spk{};
  std::string version;              // 0..32 ASCII bytes, control characters included
  std::uint16_t capabilities = 0;   // k_capability_claim_provider; unknown bits are kept
  std::string claim_provider_zone;  // 0..64 bytes; hostile text until checked, empty in the legacy layout
  std::uint64_t ts = 0;             // unix seconds
  std::uint64_t exp = 0;            // unix seconds, later than ts; expired when exp == now

  bool operator==(const HeartbeatRecord&) const = default;
};

inline constexpr std::uint16_t k_capability_claim_provider = 1;

/// The record of `text` when its embedded key signed it, `ts` is within `skew_s` of `now_s` and `exp` lies ahead.
/// Errors: the codes of spec/records.md 9.2, in its order.
Result<HeartbeatRecord> parse_heartbeat_record(std::string_view text, std::int64_t now_s,
                                               std::uint64_t skew_s = k_ts_skew_s);

/// The body alone, both layouts. Errors: record_body_*.
Result<HeartbeatRecord> parse_heartbeat_record_body(std::string_view body);

/// Signs a record in the current layout with the key that it names. Errors: record_issue_refused.
Result<std::string> issue_heartbeat_record(const HeartbeatRecord& record, const crypto::SigningKey& key);

}  // namespace dnsmesh::record
