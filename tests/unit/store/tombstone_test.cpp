// SPDX-License-Identifier: Apache-2.0
// A delete and a shortened life hold against peers that still have the pair (spec/anti-entropy.md 15.6).
#include <doctest/doctest.h>

#include "store_fixture.hpp"

using namespace dnsmesh;
using namespace dnsmesh::store;
using Strings = std::vector<std::string>;

namespace {

Put from_peer(std::string name, std::string value, std::int64_t ttl_s = 300) {
  Put put = put_of(std::move(name), std::move(value), ttl_s);
  put.ttl_rule = TtlRule::never_shorten;
  put.from_peer = true;
  return put;
}

std::optional<Tombstone> tombstone_of(const RecordStore& store, const std::string& name, const std::string& value) {
  const auto found = store.tombstone(name, crypto::sha256(value));
  REQUIRE(found.has_value());
  return *found;
}

}  // namespace

TEST_CASE_TEMPLATE("a deleted pair does not come back from a peer until its old life has ended", House, BOTH_STORES) {
  House house;
  RecordStore& store = *house.store;
  commit(store, put_of("a.example", "one", 300));
  commit(store, Delete{"a.example", {}});
  const auto tombstone = tombstone_of(store, "a.example", "one");
  REQUIRE(tombstone.has_value());
  CHECK(tombstone->until_s == k_start_s + 300 + limits::tombstone_slack_s);
  CHECK(tombstone->life_until_s == 0);
  CHECK(tombstone->deleted_ms == k_start_ms);
  CHECK(outcome_of(store, from_peer("a.example", "one")) == Outcome::buried);
  CHECK(outcome_of(store, from_peer("a.example", "two")) == Outcome::inserted);
  CHECK(values_at(store, "a.example") == Strings{"two"});
  house.clock.advance_ms((300 + limits::tombstone_slack_s) * 1000);
  CHECK_FALSE(tombstone_of(store, "a.example", "one").has_value());
  CHECK(outcome_of(store, from_peer("a.example", "one")) == Outcome::inserted);
}

TEST_CASE_TEMPLATE("a direct publish ends a tombstone", House, BOTH_STORES) {
  House house;
  RecordStore& store = *house.store;
  commit(store, put_of("a.example", "one", 300));
  commit(store, Delete{"a.example", "one"});
  CHECK(outcome_of(store, put_of("a.example", "one", 10)) == Outcome::inserted);
  CHECK_FALSE(tombstone_of(store, "a.example", "one").has_value());
  CHECK(outcome_of(store, from_peer("a.example", "one", 100)) == Outcome::refreshed);
}

TEST_CASE_TEMPLATE("a named value that is not there leaves a tombstone only when asked to", House, BOTH_STORES) {
  House house;
  RecordStore& store = *house.store;
  CHECK(outcome_of(store, Delete{"a.example", "one"}) == Outcome::absent);
  CHECK_FALSE(tombstone_of(store, "a.example", "one").has_value());
  CHECK(outcome_of(store, Delete{"a.example", "one", 600}) == Outcome::absent);
  CHECK(tombstone_of(store, "a.example", "one")->until_s == k_start_s + 600);
  CHECK(outcome_of(store, from_peer("a.example", "one")) == Outcome::buried);
}

TEST_CASE_TEMPLATE("a shortened life leaves a floor that peers cannot pass", House, BOTH_STORES) {
  House house;
  RecordStore& store = *house.store;
  commit(store, put_of("a.example", "one", 3000));
  commit(store, put_of("a.example", "one", 10));
  const auto floor = tombstone_of(store, "a.example", "one");
  REQUIRE(floor.has_value());
  CHECK(floor->life_until_s == k_start_s + 10);
  CHECK(floor->until_s == k_start_s + 3000 + limits::tombstone_slack_s);
  CHECK(outcome_of(store, from_peer("a.example", "one", 2000)) == Outcome::unchanged);
  commit(store, put_of("a.example", "one", 100));  // a little longer: the old copies still outlive it
  CHECK(outcome_of(store, from_peer("a.example", "one", 2000)) == Outcome::unchanged);
  CHECK((*store.values_at("a.example"))[0].expires_s == k_start_s + 100);
  house.clock.advance_ms(100'000);
  CHECK(outcome_of(store, from_peer("a.example", "one", 2000)) == Outcome::buried);
  commit(store, put_of("a.example", "one", 5000));
  CHECK_FALSE(tombstone_of(store, "a.example", "one").has_value());
  CHECK(outcome_of(store, from_peer("a.example", "one", 6000)) == Outcome::refreshed);
}

TEST_CASE_TEMPLATE("a delete holds as long as the floor that it replaces", House, BOTH_STORES) {
  House house;
  RecordStore& store = *house.store;
  constexpr std::int64_t k_floor_until_s = k_start_s + 86400 + limits::tombstone_slack_s;
  commit(store, put_of("a.example", "one", 86400));
  commit(store, put_of("a.example", "one", 20));
  CHECK(outcome_of(store, Delete{"a.example", "one"}) == Outcome::removed);
  CHECK(tombstone_of(store, "a.example", "one")->until_s == k_floor_until_s);
  CHECK(tombstone_of(store, "a.example", "one")->life_until_s == 0);
  CHECK(outcome_of(store, Delete{"a.example", "one", 600}) == Outcome::absent);
  CHECK(tombstone_of(store, "a.example", "one")->until_s == k_floor_until_s);
  house.clock.advance_ms(1'000'000);
  CHECK(outcome_of(store, from_peer("a.example", "one", 50'000)) == Outcome::buried);
}

TEST_CASE_TEMPLATE("a tombstone can be set by itself and is swept when it no longer holds", House, BOTH_STORES) {
  House house;
  RecordStore& store = *house.store;
  const Tombstone entry{"a.example", crypto::sha256("one"), k_start_ms, k_start_s + 5, 0};
  CHECK(outcome_of(store, entry) == Outcome::applied);
  CHECK(outcome_of(store, from_peer("a.example", "one")) == Outcome::buried);
  house.clock.advance_ms(5'000);
  CHECK(store.sweep_expired(10)->tombstones == 1);
  CHECK(outcome_of(store, from_peer("a.example", "one")) == Outcome::inserted);
}

TEST_CASE_TEMPLATE("dead tombstones are swept in bounded steps, after the records, and the live ones stay", House,
                   BOTH_STORES) {
  House house;
  RecordStore& store = *house.store;
  for (int i = 0; i < 5; ++i) {
    commit(store, Tombstone{std::to_string(i) + ".example", crypto::sha256("one"), k_start_ms, k_start_s + 5, 0});
  }
  commit(store, Tombstone{"live.example", crypto::sha256("one"), k_start_ms, k_start_s + 50, 0});
  commit(store, put_of("a.example", "one", 5));
  house.clock.advance_ms(5'000);
  CHECK(store.sweep_expired(2)->records == 1);
  CHECK(store.sweep_expired(2)->rows() == 2);
  CHECK(store.sweep_expired(2)->tombstones == 2);
  CHECK(store.sweep_expired(2)->rows() == 0);
  CHECK(tombstone_of(store, "live.example", "one").has_value());
}

TEST_CASE_TEMPLATE("a delete of what is never exchanged leaves no tombstone", House, BOTH_STORES) {
  House house;
  RecordStore& store = *house.store;
  commit(store, put_of("a.example", "one", 300));
  Delete quiet{"a.example", "one"};
  quiet.leaves_tombstones = false;
  CHECK(outcome_of(store, quiet) == Outcome::removed);
  CHECK(values_at(store, "a.example").empty());
  CHECK_FALSE(tombstone_of(store, "a.example", "one").has_value());
  CHECK(store.changes(0, 100)->tombstones.empty());
}
