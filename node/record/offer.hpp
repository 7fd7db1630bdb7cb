// SPDX-License-Identifier: Apache-2.0
// May a peer be offered this pair? Judged once, when the pair is written (spec/anti-entropy.md 3.4, duty 2): a row that
// a peer must refuse freezes the peer's watermark, so it is stored and served but not offered.
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <string_view>

#include "base/error.hpp"
#include "crypto/ed25519.hpp"

namespace dnsmesh::record {

/// What is stored beside a row. `reason` is set when the pair is not offered (record_* codes); otherwise the pair may
/// be offered while `now_s <= valid_until_s` (the signed end of the record, k_always_valid when it has none).
struct Offer {
  static constexpr std::int64_t k_always_valid = std::numeric_limits<std::int64_t>::max();

  std::optional<ErrorCode> reason;
  std::int64_t valid_until_s = k_always_valid;

  bool allowed_at(std::int64_t now_s) const { return !reason && now_s <= valid_until_s; }
  bool operator==(const Offer&) const = default;
};

/// May a synced pair be taken: gate 4 of spec/anti-entropy.md 7, exactly as existing nodes apply it (no name rule, no
/// bounds, no refusal of expired content beyond each type's own check). Errors: record_empty_value,
/// record_unknown_type, record_reserved_owner, or the code of the record's own check. Any thread; no I/O.
Result<void> sync_accepts(std::string_view owner_name, std::string_view value, std::int64_t now_s,
                          const std::optional<crypto::PublicKey>& operator_key);

/// Judges a pair as the strictest reader would: the name rule of a digest entry and the type table of gate 4.
/// `operator_key` is the pinned key when there is one. Any thread; no I/O.
Offer judge_offer(std::string_view owner_name, std::string_view value, std::int64_t now_s,
                  const std::optional<crypto::PublicKey>& operator_key);

}  // namespace dnsmesh::record
