// SPDX-License-Identifier: Apache-2.0
// Maps a user domain to clusters; signed by the operator of the user domain (spec/records.md 3).
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "crypto/ed25519.hpp"

namespace dnsmesh::record {

struct BootstrapEntry {
  std::uint16_t priority = 0;        // lower is preferred
  std::string cluster_base_domain;   // without a trailing dot
  crypto::PublicKey operator_spk{};  // carried, never checked as a point

  bool operator==(const BootstrapEntry&) const = default;
};

struct BootstrapRecord {
  std::string user_domain;  // without a trailing dot
  crypto::PublicKey signer_spk{};
  std::uint64_t seq = 0;
  std::uint64_t exp = 0;                // unix seconds; still valid when exp == now
  std::vector<BootstrapEntry> entries;  // 1..16; a parsed record has them by priority, the preferred one first

  bool operator==(const BootstrapRecord&) const = default;
};

inline constexpr std::size_t k_bootstrap_entries_max = 16;

/// The record of `text` when it is validly signed by `signer_spk` (32 bytes), names that key, and is in force at
/// `now_s`; with `expected_user_domain` also for that domain. Errors: as parse_cluster_manifest, with record_body_entry
/// for an entry.
Result<BootstrapRecord> parse_bootstrap_record(std::string_view text, std::string_view signer_spk, std::int64_t now_s,
                                               std::optional<std::string_view> expected_user_domain = std::nullopt);

/// The fields of `text` without any check of signature, key, name or time. Errors: those of open_text, record_short,
/// and the body codes.
Result<BootstrapRecord> read_bootstrap_record(std::string_view text);

/// The body alone. Errors: record_body_*.
Result<BootstrapRecord> parse_bootstrap_record_body(std::string_view body);

/// Signs a record, its entries sorted by priority (ties keep their order). Errors: record_issue_refused.
Result<std::string> issue_bootstrap_record(const BootstrapRecord& record, const crypto::SigningKey& key);

}  // namespace dnsmesh::record
