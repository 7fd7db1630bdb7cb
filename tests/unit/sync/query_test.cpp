// SPDX-License-Identifier: Apache-2.0
#include "sync/query.hpp"

#include <doctest/doctest.h>

#include <limits>
#include <string>

using namespace dnsmesh;
using sync::Query;

TEST_CASE("a parameter is found by its decoded name, the first that is not empty") {
  const std::string target = "/path?a=&b&=x&%61=1%2B+2&a=3&c=%zz%4&d=a=b";
  const Query query(target);
  CHECK(query.get("a") == "1+ 2");
  CHECK_FALSE(query.get("b").has_value());
  CHECK(query.get("c") == "%zz%4");
  CHECK(query.get("d") == "a=b");
  CHECK_FALSE(query.get("e").has_value());
  CHECK_FALSE(Query("/path").get("a").has_value());
  CHECK_FALSE(Query("/path?").get("a").has_value());
  CHECK_FALSE(Query("/path?&&&").get("a").has_value());
  CHECK(Query("/path?x=?a=1").get("x") == "?a=1");
}

TEST_CASE("the path of a target ends before its query") {
  CHECK(sync::path_of("/a/b?c?d") == "/a/b");
  CHECK(sync::path_of("/a/b") == "/a/b");
  CHECK(sync::path_of("") == "");
}

TEST_CASE("integers are decimal digits with or without a sign, and saturate") {
  constexpr std::int64_t k_max = std::numeric_limits<std::int64_t>::max();
  CHECK(sync::parse_integer("0") == 0);
  CHECK(sync::parse_integer("+5") == 5);
  CHECK(sync::parse_integer("-5") == -5);
  CHECK(sync::parse_integer("9223372036854775807") == k_max);
  CHECK(sync::parse_integer("99999999999999999999") == k_max);
  CHECK(sync::parse_integer("-99999999999999999999") == -k_max);
  for (const std::string bad : {"", "+", "-", "--1", "+-1", "1 ", " 1", "1.0", "1e3", "0x1", "1_0"}) {
    CAPTURE(bad);
    CHECK_FALSE(sync::parse_integer(bad).has_value());
  }
}
