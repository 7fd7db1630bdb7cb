// SPDX-License-Identifier: Apache-2.0
#include "sync/back_off.hpp"

#include <algorithm>

#include "base/limits.hpp"

namespace dnsmesh::sync {

void BackOff::failed(std::int64_t now_ms, Random& random) {
  constexpr int k_doublings_max = 5;
  const std::int64_t pause_ms =
      std::min(limits::sync_back_off_ms_min << std::min(failures_, k_doublings_max), limits::sync_back_off_ms_max);
  ++failures_;
  until_ms_ = now_ms + std::min(jittered(pause_ms, random), limits::sync_back_off_ms_max);
}

void BackOff::succeeded() {
  failures_ = 0;
  until_ms_ = 0;
}

std::int64_t BackOff::wait_ms(std::int64_t now_ms) const { return std::max<std::int64_t>(until_ms_ - now_ms, 0); }

std::int64_t jittered(std::int64_t value, Random& random) {
  const std::int64_t spread = value / 5;
  if (spread <= 0) return value;
  return value - spread + static_cast<std::int64_t>(random.below(static_cast<std::uint64_t>(2 * spread) + 1));
}

}  // namespace dnsmesh::sync
