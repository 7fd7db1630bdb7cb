// SPDX-License-Identifier: Apache-2.0
#include "sync/clock_offset.hpp"

#include <algorithm>
#include <cstdlib>
#include <vector>

#include "base/limits.hpp"

namespace dnsmesh::sync {
namespace {

/// A Date beyond this (the year 9999 and its mirror) is nonsense, and times a thousand it must not overflow.
constexpr std::int64_t k_date_s_max = 253402300799;

}  // namespace

void ClockOffsets::note(std::string_view peer, std::int64_t date_s, std::int64_t sent_ms, std::int64_t received_ms,
                        std::int64_t monotonic_ms) {
  constexpr std::int64_t k_half_second_ms = 500;
  if (date_s < -k_date_s_max || date_s > k_date_s_max) return;
  const std::int64_t middle_ms = sent_ms + (received_ms - sent_ms) / 2;
  seen_.insert_or_assign(std::string(peer), Seen{date_s * 1000 + k_half_second_ms - middle_ms, monotonic_ms});
}

void ClockOffsets::forget(std::string_view peer) {
  if (const auto found = seen_.find(peer); found != seen_.end()) seen_.erase(found);
}

bool ClockOffsets::recent(const Seen& seen, std::int64_t monotonic_ms) const {
  return monotonic_ms - seen.at_ms <= limits::sync_clock_age_ms;
}

std::optional<std::int64_t> ClockOffsets::offset_ms(std::string_view peer, std::int64_t monotonic_ms) const {
  const auto found = seen_.find(peer);
  if (found == seen_.end() || !recent(found->second, monotonic_ms)) return std::nullopt;
  return found->second.offset_ms;
}

bool ClockOffsets::own_clock_disagrees(std::int64_t monotonic_ms) const {
  std::vector<std::int64_t> offsets;
  for (const auto& [peer, seen] : seen_) {
    if (recent(seen, monotonic_ms)) offsets.push_back(seen.offset_ms);
  }
  if (offsets.size() < 2) return false;
  std::ranges::sort(offsets);
  const std::size_t upper = offsets.size() / 2;
  std::int64_t median_ms = std::abs(offsets[upper]);
  if (offsets.size() % 2 == 0) median_ms = std::min(median_ms, std::abs(offsets[upper - 1]));
  return median_ms > limits::sync_clock_disagree_ms;
}

}  // namespace dnsmesh::sync
