// SPDX-License-Identifier: Apache-2.0
#include "base/latency_histogram.hpp"

#include <algorithm>
#include <limits>

namespace dnsmesh {
namespace {

constexpr double k_us_per_s = 1e6;

/// With one writer a load and a store cost less than a locked addition.
template <class Number>
void add_to(std::atomic<Number>& value, Number more) {
  value.store(value.load(std::memory_order_relaxed) + more, std::memory_order_relaxed);
}

}  // namespace

LatencyTotals& LatencyTotals::operator+=(const LatencyTotals& other) {
  for (std::size_t i = 0; i < counts.size(); ++i) counts[i] += other.counts[i];
  sum_us += other.sum_us;
  return *this;
}

MetricSample LatencyTotals::sample() const {
  MetricSample out;
  out.value = static_cast<double>(sum_us) / k_us_per_s;
  std::uint64_t below = 0;
  for (std::size_t i = 0; i < counts.size(); ++i) {
    below += counts[i];
    const bool is_last = i == k_latency_bounds_us.size();
    out.buckets.push_back(
        {is_last ? std::numeric_limits<double>::infinity() : static_cast<double>(k_latency_bounds_us[i]) / k_us_per_s,
         below});
  }
  return out;
}

void LatencyHistogram::add(std::int64_t us, std::uint64_t count) {
  const auto bucket = std::ranges::lower_bound(k_latency_bounds_us, us) - k_latency_bounds_us.begin();
  add_to(counts_[static_cast<std::size_t>(bucket)], count);
  add_to(sum_us_, us * static_cast<std::int64_t>(count));
}

LatencyTotals LatencyHistogram::totals() const {
  LatencyTotals out;
  for (std::size_t i = 0; i < out.counts.size(); ++i) out.counts[i] = counts_[i].load(std::memory_order_relaxed);
  out.sum_us = sum_us_.load(std::memory_order_relaxed);
  return out;
}

}  // namespace dnsmesh
