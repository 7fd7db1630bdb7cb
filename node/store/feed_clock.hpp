// SPDX-License-Identifier: Apache-2.0
// Gives every commit its place in the two feeds: the millisecond of the classic feed, which never decreases and is
// closed by a digest (spec/anti-entropy.md 3.4), and the rseq of the change feed (15.2). Pure; the owner guards it with
// a lock.
#pragma once

#include <algorithm>
#include <cstdint>

namespace dnsmesh::store {

/// The stamps that a group of commits starts from.
struct CommitStamp {
  std::int64_t now_s = 0;
  std::int64_t stored_ms = 0;
  std::int64_t rseq = 0;  // the last one given out
};

class FeedClock {
 public:
  FeedClock() = default;
  /// `last_ms`: no row has a later stamp. `rseq_high`: the largest committed rseq.
  FeedClock(std::int64_t last_ms, std::int64_t rseq_high) : last_ms_(last_ms), rseq_high_(rseq_high) {}

  /// A group begins: its millisecond is taken but not visible until finish().
  CommitStamp begin(std::int64_t wall_ms) {
    flying_ = true;
    flying_ms_ = std::max(wall_ms, last_ms_);
    const std::int64_t second = wall_ms >= 0 ? wall_ms / 1000 : (wall_ms - 999) / 1000;
    return {.now_s = second, .stored_ms = flying_ms_, .rseq = rseq_high_};
  }

  /// The group is durable; `rseq_high` is the last one that it used.
  void finish(std::int64_t rseq_high) {
    flying_ = false;
    last_ms_ = flying_ms_;
    last_ms_carried_ = true;
    rseq_high_ = rseq_high;
    if (close_wanted_) close_if_carried();
    close_wanted_ = false;
  }

  /// The group wrote nothing.
  void abandon() {
    flying_ = false;
    if (close_wanted_) close_if_carried();
    close_wanted_ = false;
  }

  /// A digest may list rows below the millisecond that this gives; no later commit gets a stamp below it. A group in
  /// flight keeps its millisecond open, and the next group gets a later one: otherwise a clock that was set back would
  /// hide the rows of a busy store for as long as it stays busy.
  std::int64_t close() {
    if (flying_) {
      close_wanted_ = true;
      return flying_ms_;
    }
    close_if_carried();
    return last_ms_;
  }

  std::int64_t rseq_high() const { return rseq_high_; }

 private:
  void close_if_carried() {
    if (last_ms_carried_) ++last_ms_;
    last_ms_carried_ = false;
  }

  std::int64_t last_ms_ = 0;
  bool last_ms_carried_ = false;  // a row has this stamp
  bool flying_ = false;
  std::int64_t flying_ms_ = 0;
  bool close_wanted_ = false;
  std::int64_t rseq_high_ = 0;
};

}  // namespace dnsmesh::store
