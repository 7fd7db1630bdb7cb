// SPDX-License-Identifier: Apache-2.0
// A node's own idea of the time: off, drifting, and now and then set by somebody.
#pragma once

#include <cstdint>
#include <optional>

#include "base/clock.hpp"
#include "event_queue.hpp"

namespace dnsmesh::simulation {

class SimClock final : public Clock {
 public:
  /// `events` must outlive it.
  SimClock(const EventQueue& events, std::int64_t offset_ms, std::int64_t drift_ppm)
      : events_(events), offset_ms_(offset_ms), drift_ppm_(drift_ppm) {}

  std::int64_t wall_ms() const override { return k_start_ms + offset_ms_ + monotonic_ms(); }
  std::int64_t monotonic_ms() const override {
    const std::int64_t passed_ms = events_.now_ms() - k_start_ms;
    return passed_ms + passed_ms * drift_ppm_ / 1'000'000;
  }

  /// How far the wall clock is from true time.
  std::int64_t error_ms() const { return wall_ms() - events_.now_ms(); }
  /// Moves the wall clock, forward or back.
  void step_ms(std::int64_t ms) {
    offset_ms_ += ms;
    stepped_ms_ = monotonic_ms();
  }
  bool was_set() const { return stepped_ms_.has_value(); }
  /// What was computed before it was set may be committed now.
  bool just_set() const { return stepped_ms_ && monotonic_ms() < *stepped_ms_ + 1000; }

 private:
  const EventQueue& events_;
  std::int64_t offset_ms_;
  std::int64_t drift_ppm_;
  std::optional<std::int64_t> stepped_ms_;  // when it was set last
};

}  // namespace dnsmesh::simulation
