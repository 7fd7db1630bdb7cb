// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include "store_fixture.hpp"

using namespace dnsmesh;
using namespace dnsmesh::store;
using Strings = std::vector<std::string>;

TEST_CASE_TEMPLATE("a published value is read until its life ends", House, BOTH_STORES) {
  House house;
  RecordStore& store = *house.store;
  CHECK(outcome_of(store, put_of("a.example", "one", 10)) == Outcome::inserted);
  CHECK(values_at(store, "a.example") == Strings{"one"});
  house.clock.advance_ms(9'999);
  CHECK(values_at(store, "a.example") == Strings{"one"});
  house.clock.advance_ms(1);
  CHECK(values_at(store, "a.example").empty());
  CHECK(store.live_count() == 0);
}

TEST_CASE_TEMPLATE("a delete removes one value or all of a name", House, BOTH_STORES) {
  House house;
  RecordStore& store = *house.store;
  for (const char* value : {"one", "two", "three"}) commit(store, put_of("a.example", value));
  CHECK(outcome_of(store, Delete{"a.example", "two"}) == Outcome::removed);
  CHECK(outcome_of(store, Delete{"a.example", "two"}) == Outcome::absent);
  CHECK(values_at(store, "a.example") == Strings{"one", "three"});
  CHECK(outcome_of(store, Delete{"a.example", {}}) == Outcome::removed);
  CHECK(values_at(store, "a.example").empty());
  CHECK(outcome_of(store, Delete{"a.example", {}}) == Outcome::absent);
}

TEST_CASE_TEMPLATE("the listener sees a change before its publisher hears of it", House, BOTH_STORES) {
  House house;
  std::vector<Change> seen;
  house.store->set_listener([&seen](std::span<const Change> changes) { seen.assign(changes.begin(), changes.end()); });
  const auto receipt = commit(*house.store, put_of("a.example", "one", 10));
  REQUIRE(receipt.has_value());
  REQUIRE(seen.size() == 1);
  CHECK(seen[0].kind == Change::Kind::put);
  CHECK(seen[0].name == "a.example");
  CHECK(seen[0].value == "one");
  CHECK(seen[0].expires_s == k_start_s + 10);
  CHECK(seen[0].rseq == receipt->rseq);
}
