// SPDX-License-Identifier: Apache-2.0
#include "access/rate_limiter.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <string>

#include "base/limits.hpp"

using namespace dnsmesh;
using access::RateLimiter;

TEST_CASE("a key starts full, a refusal costs nothing, and the level comes back in fractions") {
  ManualClock clock(0);
  RateLimiter limiter({2, 3}, clock);
  for (int i = 0; i < 3; ++i) CHECK(limiter.allow("a"));
  CHECK_FALSE(limiter.allow("a"));
  CHECK_FALSE(limiter.allow("a"));
  clock.advance_ms(499);
  CHECK_FALSE(limiter.allow("a"));
  clock.advance_ms(1);
  CHECK(limiter.allow("a"));
  CHECK_FALSE(limiter.allow("a"));
  clock.advance_ms(3600000);
  for (int i = 0; i < 3; ++i) CHECK(limiter.allow("a"));
  CHECK_FALSE(limiter.allow("a"));
}

TEST_CASE("many small steps refill as much as one large one") {
  ManualClock clock(0);
  RateLimiter limiter({10, 1}, clock);
  CHECK(limiter.allow("a"));
  for (int i = 0; i < 99; ++i) {
    clock.advance_ms(1);
    CHECK_FALSE(limiter.allow("a"));
  }
  clock.advance_ms(2);  // a little more than the sum of a hundred fractions
  CHECK(limiter.allow("a"));
}

TEST_CASE("stepping the wall clock changes no bucket") {
  ManualClock clock(1000000);
  RateLimiter limiter({1, 1}, clock);
  CHECK(limiter.allow("a"));
  clock.set_wall_ms(99000000);
  CHECK_FALSE(limiter.allow("a"));
}

TEST_CASE("a rate or burst of zero or less, or none, switches the limit off") {
  const ManualClock clock(0);
  constexpr double k_nan = std::numeric_limits<double>::quiet_NaN();
  for (const access::Rate rate :
       {access::Rate{0, 5}, access::Rate{5, 0}, access::Rate{-1, 5}, access::Rate{5, -1}, access::Rate{k_nan, 5}}) {
    RateLimiter limiter(rate, clock);
    for (int i = 0; i < 100; ++i) REQUIRE(limiter.allow("a"));
    CHECK(limiter.keys() == 0);
  }
}

TEST_CASE("a burst below one refuses everything, a tiny rate is no overflow") {
  const ManualClock clock(0);
  RateLimiter small({1, 0.5}, clock);
  CHECK_FALSE(small.allow("a"));
  RateLimiter slow({1e-300, 1}, clock);
  CHECK(slow.allow("a"));
  CHECK_FALSE(slow.allow("a"));
}

TEST_CASE("a full table forgets full buckets before throttled ones, however many new keys come") {
  ManualClock clock(0);
  RateLimiter limiter({0.001, 2}, clock);
  CHECK(limiter.allow("throttled"));
  CHECK(limiter.allow("throttled"));
  for (std::size_t i = 0; i < 3 * limits::rate_limit_keys_max; ++i) {
    limiter.allow("flood " + std::to_string(i));
    if (i % 1000 == 0) clock.advance_ms(1);
  }
  CHECK(limiter.keys() == limits::rate_limit_keys_max);
  CHECK_FALSE(limiter.allow("throttled"));
}

TEST_CASE("another rate forgets the buckets, the same rate does not") {
  const ManualClock clock(0);
  RateLimiter limiter({1, 1}, clock);
  CHECK(limiter.allow("a"));
  limiter.set_rate({1, 1});
  CHECK_FALSE(limiter.allow("a"));
  limiter.set_rate({1, 2});
  CHECK(limiter.allow("a"));
  CHECK(limiter.allow("a"));
  CHECK_FALSE(limiter.allow("a"));
}
