// SPDX-License-Identifier: Apache-2.0
// "new_spk succeeds old_spk for subject", signed by both keys (spec/records.md 7).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.hpp"
#include "crypto/ed25519.hpp"
#include "record/subject.hpp"

namespace dnsmesh::record {

struct RotationRecord {
  SubjectType subject_type{};
  std::string subject;  // as written
  crypto::PublicKey old_spk{};
  crypto::PublicKey new_spk{};
  std::uint64_t seq = 0;
  std::uint64_t ts = 0;   // unix seconds, unchecked
  std::uint64_t exp = 0;  // unix seconds; still valid when exp == now

  bool operator==(const RotationRecord&) const = default;
};

/// The record of `text` when both keys signed it and it is in force at `now_s`. An expectation that is given must hold;
/// an empty one never does. Errors: the codes of spec/records.md 7.2, in its order.
Result<RotationRecord> parse_rotation_record(std::string_view text, std::int64_t now_s,
                                             std::optional<std::string_view> expected_old_spk = std::nullopt,
                                             std::optional<std::string_view> expected_subject = std::nullopt);

/// The body alone. Errors: record_body_*.
Result<RotationRecord> parse_rotation_record_body(std::string_view body);

/// Signs a record with both keys that it names. Errors: record_issue_refused.
Result<std::string> issue_rotation_record(const RotationRecord& record, const crypto::SigningKey& old_key,
                                          const crypto::SigningKey& new_key);

}  // namespace dnsmesh::record
