// SPDX-License-Identifier: Apache-2.0
#include "base/clock.hpp"

#include <chrono>

namespace dnsmesh {
namespace {

template <class StdClock>
std::int64_t milliseconds_of() {
  return std::chrono::duration_cast<std::chrono::milliseconds>(StdClock::now().time_since_epoch()).count();
}

}  // namespace

std::int64_t Clock::wall_s() const {
  const std::int64_t ms = wall_ms();
  return ms >= 0 ? ms / 1000 : (ms - 999) / 1000;
}

std::int64_t SystemClock::wall_ms() const { return milliseconds_of<std::chrono::system_clock>(); }

std::int64_t SystemClock::monotonic_ms() const { return milliseconds_of<std::chrono::steady_clock>(); }

}  // namespace dnsmesh
