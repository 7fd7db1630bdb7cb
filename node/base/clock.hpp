// SPDX-License-Identifier: Apache-2.0
// The clock as a parameter. Engines never read the wall clock themselves: production passes SystemClock, tests and the
// simulation pass ManualClock.
#pragma once

#include <atomic>
#include <cstdint>

namespace dnsmesh {

/// Thread-safe: any thread may ask at any time.
class Clock {
 public:
  virtual ~Clock() = default;
  /// Unix time in milliseconds. May jump, also backwards.
  virtual std::int64_t wall_ms() const = 0;
  /// Milliseconds since an arbitrary start; never goes back. For deadlines and rates.
  virtual std::int64_t monotonic_ms() const = 0;
  /// The same scale in microseconds: for how long something took.
  virtual std::int64_t monotonic_us() const { return monotonic_ms() * 1000; }
  /// Unix time in whole seconds, rounded down (spec/records.md 1.5).
  std::int64_t wall_s() const;
};

class SystemClock final : public Clock {
 public:
  std::int64_t wall_ms() const override;
  std::int64_t monotonic_ms() const override;
  std::int64_t monotonic_us() const override;
};

/// The in-memory twin: stands still until it is moved.
class ManualClock final : public Clock {
 public:
  explicit ManualClock(std::int64_t wall_ms) : wall_ms_(wall_ms) {}
  std::int64_t wall_ms() const override { return wall_ms_; }
  std::int64_t monotonic_ms() const override { return monotonic_ms_; }
  /// Lets time pass on both scales.
  void advance_ms(std::int64_t ms) {
    wall_ms_ += ms;
    monotonic_ms_ += ms;
  }
  /// Steps the wall clock only, as an operator or NTP does.
  void set_wall_ms(std::int64_t ms) { wall_ms_ = ms; }

 private:
  std::atomic<std::int64_t> wall_ms_;
  std::atomic<std::int64_t> monotonic_ms_{0};
};

}  // namespace dnsmesh
