// SPDX-License-Identifier: Apache-2.0
// Comparing signed times with the clock (spec/records.md 1.5). Signed times are any u64, so a plain subtraction could
// wrap; these compare as if on mathematical integers.
#pragma once

#include <cstdint>
#include <utility>

namespace dnsmesh::record {

/// Cluster manifests, bootstrap and rotation records: five years of 365 days.
inline constexpr std::uint64_t k_long_exp_ahead_s_max = 157680000;
/// Prekeys, slot manifests, heartbeats and claims: 30 days.
inline constexpr std::uint64_t k_short_exp_ahead_s_max = 2592000;
/// How far a claim's or revocation's `ts` may lie ahead, and the default freshness of a heartbeat.
inline constexpr std::uint64_t k_ts_skew_s = 300;
/// Claims carry, and heartbeats are issued with, times below 2^63 only.
inline constexpr std::uint64_t k_signed_time_end = std::uint64_t{1} << 63;

constexpr bool is_before(std::uint64_t time_s, std::int64_t now_s) { return std::cmp_less(time_s, now_s); }

constexpr bool is_before_or_at(std::uint64_t time_s, std::int64_t now_s) { return std::cmp_less_equal(time_s, now_s); }

/// time_s - now_s > limit_s
constexpr bool is_ahead_by_more(std::uint64_t time_s, std::int64_t now_s, std::uint64_t limit_s) {
  const auto now = static_cast<std::uint64_t>(now_s);
  if (now_s >= 0) return time_s > now && time_s - now > limit_s;
  const std::uint64_t before_epoch_s = 0 - now;
  return time_s > limit_s || limit_s - time_s < before_epoch_s;
}

/// now_s - time_s > limit_s
constexpr bool is_behind_by_more(std::uint64_t time_s, std::int64_t now_s, std::uint64_t limit_s) {
  const auto now = static_cast<std::uint64_t>(now_s);
  return now_s >= 0 && now > time_s && now - time_s > limit_s;
}

}  // namespace dnsmesh::record
