// SPDX-License-Identifier: Apache-2.0
// What a sync engine asks of the store: states and rows by pair, tombstones in the change feed, what a peer says of a
// deleted pair, what the listener hears (spec/anti-entropy.md 8, 15.2 to 15.6).
#include <doctest/doctest.h>

#include <algorithm>

#include "store_fixture.hpp"

using namespace dnsmesh;
using namespace dnsmesh::store;
using Strings = std::vector<std::string>;

namespace {

PairKey key_of(std::string name, std::string_view value) { return {std::move(name), crypto::sha256(value)}; }

Tombstone deleted(std::string name, std::string_view value, std::int64_t life_s = 100) {
  return {std::move(name), crypto::sha256(value), k_start_ms, k_start_s + life_s, 0};
}

Strings sorted(Strings values) {
  std::ranges::sort(values);
  return values;
}

/// A listener that keeps what it hears.
std::vector<Change>& listen(RecordStore& store, std::vector<Change>& heard) {
  store.set_listener(
      [&heard](std::span<const Change> changes) { heard.insert(heard.end(), changes.begin(), changes.end()); });
  return heard;
}

}  // namespace

TEST_CASE_TEMPLATE("states are answered in the order of the keys, by exact spelling and value", House, BOTH_STORES) {
  House house;
  RecordStore& store = *house.store;
  commit(store, put_of("a.example", "one", 100));
  commit(store, put_of("a.example", "two", 200));
  commit(store, put_of("A.example", "one", 300));
  commit(store, put_of("gone.example", "one", 1));
  commit(store, put_of("b.example", "one", 400));
  commit(store, Delete{"b.example", {}});
  commit(store, put_of("floor.example", "one", 500));
  commit(store, put_of("floor.example", "one", 50));
  house.clock.advance_ms(1'000);
  const std::vector<PairKey> keys = {
      key_of("b.example", "one"),     key_of("a.example", "two"), key_of("missing.example", "one"),
      key_of("A.example", "one"),     key_of("a.example", "one"), key_of("a.example", "three"),
      key_of("gone.example", "one"),  key_of("a.example", "two"), key_of("A.example", "two"),
      key_of("floor.example", "one"),
  };
  const auto states = store.states_of(keys);
  REQUIRE(states.has_value());
  REQUIRE(states->size() == keys.size());
  std::vector<std::int64_t> lives;
  for (const PairState& state : *states) lives.push_back(state.expires_s ? *state.expires_s - k_start_s : -1);
  CHECK(lives == std::vector<std::int64_t>{-1, 200, -1, 300, 100, -1, -1, 200, -1, 50});
  REQUIRE((*states)[0].tombstone.has_value());
  CHECK((*states)[0].tombstone->until_s == k_start_s + 400 + limits::tombstone_slack_s);
  CHECK((*states)[0].tombstone->life_until_s == 0);
  REQUIRE((*states)[9].tombstone.has_value());
  CHECK((*states)[9].tombstone->life_until_s == k_start_s + 50);
  for (std::size_t i = 1; i < 9; ++i) CHECK_FALSE((*states)[i].tombstone.has_value());
  house.clock.advance_ms((400 + limits::tombstone_slack_s) * 1000);
  CHECK_FALSE((*store.states_of(keys))[0].tombstone.has_value());
  CHECK(store.states_of({})->empty());
}

TEST_CASE_TEMPLATE("a page of states of one name with thousands of values is answered", House, BOTH_STORES) {
  House house;
  constexpr int k_values = 1'000;
  std::vector<Operation> operations;
  std::vector<PairKey> keys;
  for (int i = 0; i < k_values; ++i) {
    operations.emplace_back(put_of("a.example", std::to_string(i), 100 + i));
    keys.push_back(key_of("a.example", std::to_string(i)));
  }
  REQUIRE(commit_all(*house.store, std::move(operations)).has_value());
  const auto states = house.store->states_of(keys);
  for (int i = 0; i < k_values; ++i) {
    REQUIRE((*states)[static_cast<std::size_t>(i)].expires_s == k_start_s + 100 + i);
  }
}

TEST_CASE_TEMPLATE("rows are given by pair and by number when they are live and offered, with their values", House,
                   BOTH_STORES) {
  House house;
  RecordStore& store = *house.store;
  commit(store, put_of("a.example", "one"));        // 1
  commit(store, put_of("a.example", "two"));        // 2
  commit(store, put_of("gone.example", "one", 1));  // 3
  Put refused = put_of("a.example", "refused");     // 4
  refused.offer.reason = ErrorCode::record_unknown_type;
  commit(store, refused);
  Put ending = put_of("ending.example", "one");  // 5
  ending.offer.valid_until_s = k_start_s;
  commit(store, ending);
  house.clock.advance_ms(1'000);
  const std::vector<PairKey> keys = {key_of("a.example", "two"),      key_of("gone.example", "one"),
                                     key_of("a.example", "refused"),  key_of("missing.example", "x"),
                                     key_of("ending.example", "one"), key_of("a.example", "one")};
  CHECK(sorted(values_of(store.rows_of(keys))) == Strings{"one", "two"});
  const std::vector<std::int64_t> rseqs = {2, 3, 4, 5, 99, 0, -1, 1};
  CHECK(values_of(store.rows_at(rseqs)) == Strings{"two", "one"});
  const auto rows = store.rows_at(std::vector<std::int64_t>{2});
  CHECK(rows->at(0).name == "a.example");
  CHECK(rows->at(0).value_hash == crypto::sha256("two"));
  CHECK(rows->at(0).expires_s == k_start_s + 300);
  CHECK(store.rows_of({})->empty());
  CHECK(store.rows_at({})->empty());
}

TEST_CASE_TEMPLATE("live rows under a prefix are found in every spelling, offered or not", House, BOTH_STORES) {
  House house;
  RecordStore& store = *house.store;
  for (const char* name : {"cluster.b.example", "Cluster.A.example", "cluster.", "cluster", "cluster/", "clusterx.a",
                           "a.cluster.b", "CLUSTER.c"}) {
    commit(store, put_of(name, "x"));
  }
  commit(store, put_of("cluster.gone", "x", 1));
  Put refused = put_of("cluster.b.example", "refused");
  refused.offer.reason = ErrorCode::record_unknown_type;
  commit(store, refused);
  house.clock.advance_ms(1'000);
  const auto rows = store.rows_under("cluster.", 100);
  REQUIRE(rows.has_value());
  CHECK(names_of(*rows) ==
        Strings{"CLUSTER.c", "Cluster.A.example", "cluster.", "cluster.b.example", "cluster.b.example"});
  CHECK(rows->back().value == "x");
  CHECK(store.rows_under("cluster.", 2)->size() == 2);
  CHECK(store.rows_under("nothing.", 100)->empty());
}

TEST_CASE_TEMPLATE("a deleted pair is in the change feed until it may come back", House, BOTH_STORES) {
  House house;
  RecordStore& store = *house.store;
  commit(store, put_of("a.example", "one", 100));
  commit(store, put_of("b.example", "one", 200));
  CHECK(store.changes(0, 10)->tombstones.empty());
  const std::int64_t rseq = commit(store, Delete{"a.example", {}})->rseq;
  auto page = store.changes(0, 10);
  CHECK(names_of(page->records) == Strings{"b.example"});
  const BuriedPair expected{key_of("a.example", "one"), k_start_s + 100 + limits::tombstone_slack_s, rseq};
  CHECK(page->tombstones == std::vector{expected});
  CHECK(page->next == rseq);
  CHECK(store.changes(rseq, 10)->tombstones.empty());
  house.clock.advance_ms((100 + limits::tombstone_slack_s) * 1000);
  page = store.changes(0, 10);
  CHECK(page->tombstones.empty());
  CHECK(page->next == rseq);
}

TEST_CASE_TEMPLATE("a pair is in the feed once: as its row or as its tombstone", House, BOTH_STORES) {
  House house;
  RecordStore& store = *house.store;
  commit(store, put_of("a.example", "one"));
  commit(store, Delete{"a.example", "one"});
  commit(store, put_of("a.example", "one"));
  auto page = store.changes(0, 10);
  CHECK(page->records.size() == 1);
  CHECK(page->tombstones.empty());
  commit(store, put_of("a.example", "one", 10));  // leaves a floor, which is nobody's business
  page = store.changes(0, 10);
  CHECK(page->records.size() == 1);
  CHECK(page->tombstones.empty());
  commit(store, Delete{"a.example", "one"});
  commit(store, Delete{"a.example", "one", 9000});
  page = store.changes(0, 10);
  CHECK(page->records.empty());
  CHECK(page->tombstones.size() == 1);
  CHECK(page->tombstones[0].rseq == store.epoch().high);
}

TEST_CASE_TEMPLATE("a tombstone for a pair that was never there is a change too", House, BOTH_STORES) {
  House house;
  const auto receipt = commit(*house.store, Delete{"a.example", "one", 600});
  CHECK(receipt->outcomes.at(0) == Outcome::absent);
  CHECK(receipt->rseq == 1);
  CHECK(house.store->epoch().high == 1);
  CHECK(house.store->changes(0, 10)->tombstones.at(0).pair == key_of("a.example", "one"));
}

TEST_CASE_TEMPLATE("a page of the change feed counts rows and tombstones together", House, BOTH_STORES) {
  House house;
  RecordStore& store = *house.store;
  constexpr int k_pairs = 12;
  for (int i = 0; i < k_pairs; ++i) commit(store, put_of(std::to_string(i), "x", i == 5 ? 1 : 300));
  for (int i = 0; i < k_pairs; i += 3) commit(store, Delete{std::to_string(i), {}});
  commit(store, put_of("last", "x"));
  house.clock.advance_ms(1'000);
  for (const std::size_t limit : {1, 2, 3, 5, 100}) {
    CAPTURE(limit);
    std::vector<std::int64_t> rseqs;
    std::int64_t after = 0;
    bool more = true;
    while (more) {
      const auto page = store.changes(after, limit);
      REQUIRE(page.has_value());
      CHECK(page->records.size() + page->tombstones.size() <= limit);
      for (const Record& row : page->records) rseqs.push_back(row.rseq);
      for (const BuriedPair& buried : page->tombstones) rseqs.push_back(buried.rseq);
      CHECK(std::ranges::all_of(rseqs, [&](std::int64_t rseq) { return rseq <= page->next; }));
      CHECK(page->next > after);
      after = page->next;
      more = page->has_more;
    }
    CHECK(after == store.epoch().high);
    std::ranges::sort(rseqs);
    CHECK(rseqs == std::vector<std::int64_t>{2, 3, 5, 8, 9, 11, 12, 13, 14, 15, 16, 17});
  }
}

TEST_CASE_TEMPLATE("what a peer says of a deleted pair removes it and is told on", House, BOTH_STORES) {
  House house;
  RecordStore& store = *house.store;
  std::vector<Change> heard;
  listen(store, heard);
  commit(store, put_of("a.example", "one", 50));
  commit(store, put_of("A.example", "one", 50));
  commit(store, put_of("a.example", "two", 50));
  heard.clear();
  const auto receipt = commit(store, deleted("a.example", "one"));
  CHECK(receipt->outcomes.at(0) == Outcome::removed);
  REQUIRE(heard.size() == 1);
  CHECK(heard[0].kind == Change::Kind::remove);
  CHECK(heard[0].name == "a.example");
  CHECK(heard[0].value == "one");
  CHECK(heard[0].value_hash == crypto::sha256("one"));
  CHECK(heard[0].rseq == receipt->rseq);
  CHECK_FALSE(heard[0].announced);
  CHECK(store.values_at_exactly("a.example")->size() == 1);
  CHECK(store.values_at_exactly("A.example")->size() == 1);
  CHECK(store.changes(0, 10)->tombstones ==
        std::vector{BuriedPair{key_of("a.example", "one"), k_start_s + 100, receipt->rseq}});
}

TEST_CASE_TEMPLATE("peers that repeat each other's tombstones come to rest", House, BOTH_STORES) {
  House house;
  RecordStore& store = *house.store;
  CHECK(outcome_of(store, deleted("a.example", "one")) == Outcome::applied);
  const std::int64_t high = store.epoch().high;
  CHECK(high == 1);
  CHECK(outcome_of(store, deleted("a.example", "one")) == Outcome::unchanged);
  CHECK(outcome_of(store, deleted("a.example", "one", 99)) == Outcome::unchanged);
  CHECK(outcome_of(store, deleted("a.example", "two", 0)) == Outcome::unchanged);  // over before it came
  CHECK(store.epoch().high == high);
  CHECK(outcome_of(store, deleted("a.example", "one", 101)) == Outcome::applied);
  CHECK(store.epoch().high == high + 1);
}

TEST_CASE_TEMPLATE("a peer can neither shorten a local tombstone nor raise a local floor", House, BOTH_STORES) {
  House house;
  RecordStore& store = *house.store;
  commit(store, put_of("a.example", "one", 1000));
  commit(store, Delete{"a.example", "one"});
  CHECK(outcome_of(store, deleted("a.example", "one", 5)) == Outcome::unchanged);
  Tombstone floor = deleted("a.example", "one", 5000);
  floor.life_until_s = k_start_s + 400;
  CHECK(outcome_of(store, floor) == Outcome::applied);
  auto held = store.tombstone("a.example", crypto::sha256("one"))->value();
  CHECK(held.life_until_s == 0);
  CHECK(held.until_s == k_start_s + 5000);

  commit(store, put_of("b.example", "one", 1000));
  commit(store, put_of("b.example", "one", 10));
  floor = deleted("b.example", "one", 5000);
  floor.life_until_s = k_start_s + 400;
  commit(store, floor);
  held = store.tombstone("b.example", crypto::sha256("one"))->value();
  CHECK(held.life_until_s == k_start_s + 10);
  CHECK(held.rseq == 0);
  CHECK(values_at(store, "b.example") == Strings{"one"});
}

TEST_CASE_TEMPLATE("no peer can delete at a cluster name, in any spelling", House, BOTH_STORES) {
  House house;
  RecordStore& store = *house.store;
  for (const std::string name : {"cluster.mesh.example", "Cluster.Mesh.Example", "CLUSTER."}) {
    commit(store, put_of(name, "one"));
    const std::int64_t high = store.epoch().high;
    CHECK(outcome_of(store, deleted(name, "one", 10'000)) == Outcome::unchanged);
    CHECK(store.values_at_exactly(name)->size() == 1);
    CHECK_FALSE(store.tombstone(name, crypto::sha256("one"))->has_value());
    CHECK(store.epoch().high == high);
  }
  CHECK(outcome_of(store, deleted("clusters.example", "one")) == Outcome::applied);
}

TEST_CASE_TEMPLATE("the listener hears the hash, the offer and whether peers are to be told", House, BOTH_STORES) {
  House house;
  RecordStore& store = *house.store;
  std::vector<Change> heard;
  listen(store, heard);
  Put put = put_of("a.example", "one", 5);
  put.offer.valid_until_s = k_start_s + 77;
  commit(store, put);
  put = put_of("a.example", "two", 5);
  put.from_peer = true;
  put.announced = false;
  commit(store, put);
  commit(store, Delete{"a.example", "one"});
  house.clock.advance_ms(5'000);
  CHECK(store.sweep_expired(10)->records == 1);
  REQUIRE(heard.size() == 4);
  CHECK(heard[0].value_hash == crypto::sha256("one"));
  CHECK(heard[0].offer.valid_until_s == k_start_s + 77);
  CHECK(heard[0].announced);
  CHECK(heard[1].value_hash == crypto::sha256("two"));
  CHECK_FALSE(heard[1].announced);
  CHECK(heard[2].value_hash == crypto::sha256("one"));
  CHECK(heard[2].announced);
  CHECK(heard[3].value_hash == crypto::sha256("two"));
  CHECK(heard[3].rseq == 0);
  CHECK_FALSE(heard[3].announced);
}

TEST_CASE_TEMPLATE("a forgotten peer leaves neither positions nor quarantine, the others keep theirs", House,
                   BOTH_STORES) {
  House house;
  RecordStore& store = *house.store;
  const auto held = [](std::string peer) {
    return Quarantine{std::move(peer), "a.example",   crypto::sha256("bad"), "missing", 5, 1,
                      k_start_s - 7,   k_start_s + 70};
  };
  commit_all(store, {SetPosition{"p", "classic", "7"}, SetPosition{"p", "feed", "8"}, SetPosition{"other", "feed", "9"},
                     held("p"), held("other")});
  CHECK(store.quarantined("p")->at(0).first_seen_s == k_start_s - 7);
  CHECK(store.quarantined("p")->at(0).until_s == k_start_s + 70);
  Put refused = put_of("a.example", "two");
  refused.values_per_name_max = 1;
  commit(store, put_of("a.example", "one"));
  CHECK_FALSE(commit_all(store, {ForgetPeer{"p"}, refused}).has_value());
  CHECK(store.quarantined("p")->size() == 1);
  CHECK(store.position("p", "feed")->value() == "8");
  CHECK(outcome_of(store, ForgetPeer{"p"}) == Outcome::applied);
  CHECK_FALSE(store.position("p", "classic")->has_value());
  CHECK_FALSE(store.position("p", "feed")->has_value());
  CHECK(store.quarantined("p")->empty());
  CHECK(store.position("other", "feed")->value() == "9");
  CHECK(store.quarantined("other")->size() == 1);
}

TEST_CASE_TEMPLATE("a refused batch leaves no tombstone of a peer and no number", House, BOTH_STORES) {
  House house;
  RecordStore& store = *house.store;
  commit(store, put_of("a.example", "one"));
  Put refused = put_of("a.example", "two");
  refused.values_per_name_max = 1;
  CHECK_FALSE(
      commit_all(store, {deleted("b.example", "x"), Delete{"a.example", {}}, put_of("a.example", "three"), refused})
          .has_value());
  CHECK(store.changes(0, 10)->tombstones.empty());
  CHECK(names_of(store.changes(0, 10)->records) == Strings{"a.example"});
  CHECK(store.epoch().high == 1);
}

TEST_CASE("a memory store is opened again as a file is, and a copy of it stands for an old backup") {
  MemoryHouse house;
  RecordStore& store = *house.store;
  commit_all(store, {put_of("a.example", "one"), SetPosition{"p", "feed", "7"}, Delete{"b.example", "x", 600}});
  const std::int64_t stored_ms = commit(store, put_of("c.example", "one"))->stored_ms;
  const auto backup = reopened(store, house.clock, house.random);
  commit(store, put_of("later.example", "one"));
  const auto after = reopened(*reopened(store, house.clock, house.random), house.clock, house.random);
  CHECK(after->epoch().id == store.epoch().id);
  CHECK(after->epoch().boot == 3);
  CHECK(after->epoch().high == store.epoch().high);
  CHECK(commit(*after, put_of("d.example", "one"))->stored_ms > stored_ms);
  CHECK(commit(*after, put_of("d.example", "two"))->rseq == store.epoch().high + 2);
  CHECK(values_at(store, "d.example").empty());
  CHECK(values_at(*after, "later.example") == Strings{"one"});
  CHECK(after->position("p", "feed")->value() == "7");
  CHECK(after->changes(0, 10)->tombstones.size() == 1);

  CHECK(backup->epoch().boot == 2);
  CHECK(backup->epoch().high < store.epoch().high);
  CHECK(values_at(*backup, "later.example").empty());
  const auto foreign = with_new_epoch(store, house.clock, house.random);
  CHECK(foreign->epoch().id != store.epoch().id);
  CHECK(foreign->epoch().id.size() == 32);
  CHECK(foreign->epoch().boot == 1);
  CHECK(values_at(*foreign, "a.example") == Strings{"one"});
}

TEST_CASE("tombstones of the change feed survive a restart") {
  SqliteHouse house;
  commit(*house.store, put_of("a.example", "one"));
  commit(*house.store, Delete{"a.example", {}});
  const auto before = house.store->changes(0, 10)->tombstones;
  REQUIRE(before.size() == 1);
  house.reopen();
  CHECK(house.store->changes(0, 10)->tombstones == before);
}
