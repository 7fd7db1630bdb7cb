// SPDX-License-Identifier: Apache-2.0
#include "base/latency_histogram.hpp"

#include <doctest/doctest.h>

#include <cmath>

using namespace dnsmesh;

TEST_CASE("a duration falls into the first bucket that holds it, bounds included, the longest into the last") {
  LatencyHistogram histogram;
  for (std::size_t i = 0; i < k_latency_bounds_us.size(); ++i) {
    histogram.add(k_latency_bounds_us[i]);
    histogram.add(k_latency_bounds_us[i] + 1);
    const LatencyTotals totals = histogram.totals();
    CAPTURE(i);
    CHECK(totals.counts[i] == (i == 0 ? 1 : 2));
    CHECK(totals.counts[i + 1] == 1);
  }
  histogram.add(0);
  CHECK(histogram.totals().counts[0] == 2);
  histogram.add(1000000000000);
  CHECK(histogram.totals().counts.back() == 2);
}

TEST_CASE("durations are added up, many of one length at once, and over threads") {
  LatencyHistogram one;
  one.add(7, 3);
  LatencyHistogram other;
  other.add(100000000);
  LatencyTotals totals = one.totals();
  totals += other.totals();
  CHECK(totals.sum_us == 100000021);
  const MetricSample sample = totals.sample();
  CHECK(sample.value == doctest::Approx(100.000021));
  REQUIRE(sample.buckets.size() == k_latency_bounds_us.size() + 1);
  CHECK(sample.buckets.front().upper_bound == doctest::Approx(1e-5));
  CHECK(sample.buckets.front().count_below == 3);
  CHECK(sample.buckets[sample.buckets.size() - 2].count_below == 3);
  CHECK(std::isinf(sample.buckets.back().upper_bound));
  CHECK(sample.buckets.back().count_below == 4);
}
