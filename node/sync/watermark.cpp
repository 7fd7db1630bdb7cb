// SPDX-License-Identifier: Apache-2.0
#include "sync/watermark.hpp"

#include <algorithm>
#include <tuple>
#include <utility>

#include "base/bytes.hpp"
#include "base/hex.hpp"
#include "base/limits.hpp"

namespace dnsmesh::sync {

FeedPoint point_of(const DigestEntry& entry) { return {entry.ts_ms, entry.name, to_hex(view(entry.hash))}; }

UsableEntries usable_entries(std::vector<DigestEntry> entries, const FeedPoint& scan, std::int64_t ts_ms_max) {
  UsableEntries usable;
  usable.future = std::erase_if(entries, [&](const DigestEntry& entry) { return entry.ts_ms > ts_ms_max; });
  const auto order = [](const DigestEntry& a, const DigestEntry& b) {
    return std::tie(a.ts_ms, a.name, a.hash) < std::tie(b.ts_ms, b.name, b.hash);
  };
  const auto not_after = [&](const DigestEntry& a, const DigestEntry& b) { return !order(a, b); };
  usable.disordered = std::ranges::adjacent_find(entries, not_after) != entries.end() ||
                      (!entries.empty() && point_of(entries.front()) <= scan);
  if (usable.disordered) {
    std::ranges::sort(entries, order);
    const auto repeated = std::ranges::unique(entries, not_after);
    entries.erase(repeated.begin(), repeated.end());
    std::erase_if(entries, [&](const DigestEntry& entry) { return point_of(entry) <= scan; });
  }
  usable.entries = std::move(entries);
  return usable;
}

std::int64_t newest_ts_ms(std::int64_t own_now_ms, std::int64_t peer_now_ms) {
  return std::max(own_now_ms, std::min(peer_now_ms, own_now_ms + limits::sync_peer_clock_ahead_ms_max)) +
         limits::sync_future_ms_max;
}

FeedPoint pass_start(const FeedPoint& wm, std::int64_t peer_now_ms, std::int64_t interval_ms) {
  if (peer_now_ms - wm.ts_ms >= interval_ms + limits::sync_look_back_fresh_ms) return wm;
  return moved_back(wm, limits::sync_look_back_ms);
}

FeedPoint moved_back(const FeedPoint& point, std::int64_t ms) {
  return {std::max<std::int64_t>(0, point.ts_ms - ms), "", ""};
}

void SettledPrefix::settle(std::size_t index) {
  settled_[index] = 1;
  while (end_ < settled_.size() && settled_[end_] != 0) ++end_;
}

std::size_t SettledPrefix::end_with(std::span<const std::size_t> indices) const {
  std::vector<std::size_t> also(indices.begin(), indices.end());
  std::ranges::sort(also);
  auto next = std::ranges::lower_bound(also, end_);
  std::size_t end = end_;
  while (end < settled_.size()) {
    while (next != also.end() && *next < end) ++next;
    if (settled_[end] == 0 && (next == also.end() || *next != end)) break;
    ++end;
  }
  return end;
}

}  // namespace dnsmesh::sync
