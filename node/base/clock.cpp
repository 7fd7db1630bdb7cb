// SPDX-License-Identifier: Apache-2.0
#include "base/clock.hpp"

#include <chrono>

namespace dnsmesh {
namespace {

template <class StdClock, class Unit>
std::int64_t now_in() {
  return std::chrono::duration_cast<Unit>(StdClock::now().time_since_epoch()).count();
}

}  // namespace

std::int64_t Clock::wall_s() const {
  const std::int64_t ms = wall_ms();
  return ms >= 0 ? ms / 1000 : (ms - 999) / 1000;
}

std::int64_t SystemClock::wall_ms() const { return now_in<std::chrono::system_clock, std::chrono::milliseconds>(); }

std::int64_t SystemClock::monotonic_ms() const {
  return now_in<std::chrono::steady_clock, std::chrono::milliseconds>();
}

std::int64_t SystemClock::monotonic_us() const {
  return now_in<std::chrono::steady_clock, std::chrono::microseconds>();
}

}  // namespace dnsmesh
