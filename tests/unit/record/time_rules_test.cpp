// SPDX-License-Identifier: Apache-2.0
#include "record/time_rules.hpp"

#include <doctest/doctest.h>

#include <cstdint>

using namespace dnsmesh::record;

TEST_CASE("differences are those of whole numbers, at both ends of 64 bits") {
  CHECK_FALSE(is_ahead_by_more(UINT64_MAX, INT64_MAX, UINT64_MAX));
  CHECK(is_ahead_by_more(UINT64_MAX, 0, UINT64_MAX - 1));
  CHECK_FALSE(is_ahead_by_more(UINT64_MAX, 0, UINT64_MAX));
  CHECK(is_ahead_by_more(UINT64_MAX, -1, UINT64_MAX));
  CHECK(is_ahead_by_more(0, INT64_MIN, 5));
  CHECK_FALSE(is_ahead_by_more(0, -5, 5));
  CHECK(is_ahead_by_more(1, -5, 5));
  CHECK_FALSE(is_ahead_by_more(0, INT64_MAX, 0));
  CHECK_FALSE(is_ahead_by_more(15, 10, 5));
  CHECK(is_ahead_by_more(16, 10, 5));
  CHECK_FALSE(is_behind_by_more(5, 10, 5));
  CHECK(is_behind_by_more(4, 10, 5));
  CHECK_FALSE(is_behind_by_more(0, -1, 0));
  CHECK_FALSE(is_behind_by_more(UINT64_MAX, INT64_MAX, 0));
  CHECK(is_before(0, 1));
  CHECK_FALSE(is_before(0, -1));
  CHECK_FALSE(is_before(UINT64_MAX, INT64_MAX));
  CHECK(is_before_or_at(7, 7));
  CHECK_FALSE(is_before_or_at(8, 7));
}
