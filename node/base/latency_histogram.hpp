// SPDX-License-Identifier: Apache-2.0
// How long things took, in buckets: for metrics. Written by one thread without a lock, read by any.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>

#include "base/metrics.hpp"

namespace dnsmesh {

/// Upper bounds of the buckets in microseconds, inclusive: from an answer out of memory to a disk that hardly moves.
inline constexpr std::array<std::int64_t, 18> k_latency_bounds_us = {10,     25,     50,     100,     250,     500,
                                                                     1000,   2500,   5000,   10000,   25000,   50000,
                                                                     100000, 250000, 500000, 1000000, 2500000, 5000000};

/// What a histogram held at one moment. The last bucket has no upper bound.
struct LatencyTotals {
  std::array<std::uint64_t, k_latency_bounds_us.size() + 1> counts{};
  std::int64_t sum_us = 0;

  LatencyTotals& operator+=(const LatencyTotals& other);
  /// The sample of a family of type histogram, in seconds.
  MetricSample sample() const;
};

class LatencyHistogram {
 public:
  /// `count` things took `us` microseconds each. The owning thread only.
  void add(std::int64_t us, std::uint64_t count = 1);
  /// Any thread.
  LatencyTotals totals() const;

 private:
  std::array<std::atomic<std::uint64_t>, k_latency_bounds_us.size() + 1> counts_{};
  std::atomic<std::int64_t> sum_us_{0};
};

}  // namespace dnsmesh
