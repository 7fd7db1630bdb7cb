// SPDX-License-Identifier: Apache-2.0
// "revoked_spk is no longer good for subject", signed by that key; verifies for ever (spec/records.md 8).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.hpp"
#include "crypto/ed25519.hpp"
#include "record/subject.hpp"

namespace dnsmesh::record {

enum class RevocationReason : std::uint8_t { compromise = 1, routine = 2, lost_key = 3, other = 4 };

struct RevocationRecord {
  SubjectType subject_type{};
  std::string subject;  // as written
  crypto::PublicKey revoked_spk{};
  RevocationReason reason{};
  std::uint64_t ts = 0;  // unix seconds

  bool operator==(const RevocationRecord&) const = default;
};

/// What a caller may ask of a revocation beyond its signature. A node sets none of these.
struct RevocationExpectation {
  std::optional<std::string_view> revoked_spk;
  std::optional<std::string_view> subject;
  std::optional<std::uint64_t> max_age_s;
};

/// The record of `text` when the key that it revokes signed it. Errors: the codes of spec/records.md 8, in its order.
Result<RevocationRecord> parse_revocation_record(std::string_view text, std::int64_t now_s,
                                                 const RevocationExpectation& expected = {});

/// The body alone. Errors: record_body_*.
Result<RevocationRecord> parse_revocation_record_body(std::string_view body);

/// Signs a record with the key that it revokes. Errors: record_issue_refused.
Result<std::string> issue_revocation_record(const RevocationRecord& record, const crypto::SigningKey& key);

}  // namespace dnsmesh::record
