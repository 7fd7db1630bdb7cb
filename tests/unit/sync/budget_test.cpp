// SPDX-License-Identifier: Apache-2.0
// How often a peer is asked, and what is known of its clock.
#include <doctest/doctest.h>

#include "base/limits.hpp"
#include "sync/back_off.hpp"
#include "sync/clock_offset.hpp"
#include "sync/request_budget.hpp"
#include "sync/single_flight.hpp"

using namespace dnsmesh;

namespace {

int requests_until(sync::RequestBudget& budget, std::int64_t from_ms, std::int64_t to_ms) {
  int count = 0;
  for (std::int64_t now_ms = from_ms; now_ms <= to_ms; ++now_ms) {
    while (budget.wait_ms(now_ms) == 0) {
      budget.take(now_ms);
      ++count;
    }
  }
  return count;
}

}  // namespace

TEST_CASE("a budget gives its burst at once and then its rate") {
  sync::RequestBudget budget(5, 40);
  CHECK(requests_until(budget, 0, 0) == 40);
  CHECK(budget.wait_ms(0) == 200);
  CHECK(requests_until(budget, 1, 10000) == 50);
}

TEST_CASE("a halved budget gives half of both for ten minutes") {
  sync::RequestBudget budget(5, 40);
  budget.halve(0);
  CHECK(requests_until(budget, 0, 0) == 20);
  CHECK(requests_until(budget, 1, 10010) == 25);
  CHECK(requests_until(budget, limits::sync_halved_ms + 20000, limits::sync_halved_ms + 20000) >= 39);
}

TEST_CASE("the pause doubles from two seconds to a minute, spread by a fifth, and ends with a success") {
  SeededRandom random(1);
  sync::BackOff back_off;
  CHECK(back_off.wait_ms(0) == 0);
  std::int64_t expected_ms = 2000;
  for (int failure = 1; failure <= 10; ++failure) {
    back_off.failed(0, random);
    CHECK(back_off.wait_ms(0) >= expected_ms * 4 / 5);
    CHECK(back_off.wait_ms(0) <= std::min<std::int64_t>(expected_ms * 6 / 5, 60000));
    CHECK(back_off.failures() == failure);
    expected_ms = std::min<std::int64_t>(expected_ms * 2, 60000);
  }
  back_off.succeeded();
  CHECK(back_off.wait_ms(0) == 0);
  CHECK(back_off.failures() == 0);
}

TEST_CASE("what is too small to be spread stays as it is") {
  SeededRandom random(1);
  CHECK(sync::jittered(0, random) == 0);
  CHECK(sync::jittered(4, random) == 4);
}

TEST_CASE("a peer's clock is known by its Date, from the middle of the call, for an hour") {
  sync::ClockOffsets clocks;
  CHECK_FALSE(clocks.offset_ms("a", 0));
  clocks.note("a", 1000, 990000, 991000, 0);
  CHECK(clocks.offset_ms("a", 0) == 10000);
  CHECK(clocks.offset_ms("a", limits::sync_clock_age_ms) == 10000);
  CHECK_FALSE(clocks.offset_ms("a", limits::sync_clock_age_ms + 1));
  clocks.note("b", INT64_MAX, 0, 0, 0);
  CHECK_FALSE(clocks.offset_ms("b", 0));
}

TEST_CASE("our clock is doubted only when the median of two peers or more is an hour away") {
  constexpr std::int64_t k_far_s = 3700;
  sync::ClockOffsets clocks;
  clocks.note("a", k_far_s, 0, 0, 0);
  CHECK_FALSE(clocks.own_clock_disagrees(0));  // one says nothing
  clocks.note("b", 0, 0, 0, 0);
  CHECK_FALSE(clocks.own_clock_disagrees(0));  // one of two is not believed
  clocks.note("b", k_far_s, 0, 0, 0);
  CHECK(clocks.own_clock_disagrees(0));
  clocks.note("c", 0, 0, 0, 0);
  CHECK(clocks.own_clock_disagrees(0));  // two of three
  clocks.note("b", 0, 0, 0, 0);
  CHECK_FALSE(clocks.own_clock_disagrees(0));
  clocks.note("b", -k_far_s, 0, 0, 0);
  clocks.note("c", -k_far_s, 0, 0, 0);
  CHECK(clocks.own_clock_disagrees(0));  // slow as well as fast
  clocks.forget("b");
  clocks.forget("c");
  CHECK_FALSE(clocks.own_clock_disagrees(0));
}

TEST_CASE("a claim keeps others off its pairs as long as it lives") {
  sync::SingleFlight flights;
  const sync::PairKey a{"a", {}};
  const sync::PairKey b{"b", {}};
  {
    const auto first = flights.claim({a, a});
    CHECK(flights.claimed(a));
    {
      const auto second = flights.claim({a, b});
      CHECK(flights.claimed(b));
    }
    CHECK(flights.claimed(a));  // the second had not got it
    CHECK_FALSE(flights.claimed(b));
  }
  CHECK_FALSE(flights.claimed(a));
}
