// SPDX-License-Identifier: Apache-2.0
// Positions in a peer's feeds and the rule by which they move (spec/anti-entropy.md 8): `wm` is the end of the longest
// prefix of entries that are settled, `scan` the read position of the current pass. Nothing a peer says about positions
// (`next_cursor`, `has_more`) is used. Pure.
#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "crypto/hash.hpp"
#include "sync/wire.hpp"

namespace dnsmesh::sync {

/// A place in the classic feed of one peer: (ts, name, hash in hex), compared as integer, bytes, bytes. The smallest is
/// the beginning.
struct FeedPoint {
  std::int64_t ts_ms = 0;
  std::string name;
  std::string hash;

  auto operator<=>(const FeedPoint&) const = default;
};

FeedPoint point_of(const DigestEntry& entry);

/// The entries of a digest page that are used, strictly ascending and beyond `scan`.
struct UsableEntries {
  std::vector<DigestEntry> entries;
  std::size_t future = 0;   // with a ts above what is allowed: no position (8.3)
  bool disordered = false;  // not strictly ascending, or not beyond `scan`: no honest server does that
};
UsableEntries usable_entries(std::vector<DigestEntry> entries, const FeedPoint& scan, std::int64_t ts_ms_max);

/// The newest ts that is taken from a peer whose Date header says `peer_now_ms` (our own time when it has none).
std::int64_t newest_ts_ms(std::int64_t own_now_ms, std::int64_t peer_now_ms);

/// Where a pass begins: a little before a fresh watermark, because existing servers can lose rows below it
/// (spec/anti-entropy.md 6.3, "Look-back"); at the watermark once it is older.
FeedPoint pass_start(const FeedPoint& wm, std::int64_t peer_now_ms, std::int64_t interval_ms);
/// `point` moved back by `ms`, to the beginning of that millisecond.
FeedPoint moved_back(const FeedPoint& point, std::int64_t ms);

/// Which entries of a page are settled, and how far all are. Entries before `counted_from` (re-read below the
/// watermark) do not hold the prefix up.
class SettledPrefix {
 public:
  SettledPrefix(std::size_t size, std::size_t counted_from) : settled_(size, 0), end_(counted_from) {}

  void settle(std::size_t index);
  bool settled(std::size_t index) const { return settled_[index] != 0; }
  /// Index after the last entry of the prefix.
  std::size_t end() const { return end_; }
  /// The end once `indices` are settled too: what may be written together with them.
  std::size_t end_with(std::span<const std::size_t> indices) const;
  bool complete() const { return end_ >= settled_.size(); }

 private:
  std::vector<char> settled_;
  std::size_t end_;
};

}  // namespace dnsmesh::sync
