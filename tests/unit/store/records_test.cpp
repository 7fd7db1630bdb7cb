// SPDX-License-Identifier: Apache-2.0
// What a write means to its readers, the same for both stores (spec/http-api.md 7, spec/records.md 13, spec/dns.md 6).
#include <doctest/doctest.h>

#include <limits>
#include <set>
#include <thread>

#include "store/rrset.hpp"
#include "store_fixture.hpp"

using namespace dnsmesh;
using namespace dnsmesh::store;
using Strings = std::vector<std::string>;

TEST_CASE_TEMPLATE("a published value is read until the second of its expiry, swept or not", House, BOTH_STORES) {
  House house;
  RecordStore& store = *house.store;
  CHECK(outcome_of(store, put_of("a.example", "one", 10)) == Outcome::inserted);
  house.clock.advance_ms(9'999);
  CHECK(values_at(store, "a.example") == Strings{"one"});
  CHECK(store.live_count() == 1);
  house.clock.advance_ms(1);
  CHECK(values_at(store, "a.example").empty());
  CHECK(values_of(store.values_at_exactly("a.example")).empty());
  CHECK(store.changes(0, 10)->records.empty());
  CHECK(store.digest({}, 10)->records.empty());
  house.clock.advance_ms(1'000);
  CHECK(store.live_count() == 0);
}

TEST_CASE_TEMPLATE("a record is read with its times, its hash and its stamps", House, BOTH_STORES) {
  House house;
  Put put = put_of("a.example", "one", 10);
  put.offer = {.reason = ErrorCode::record_reserved_owner, .valid_until_s = 77};
  const auto receipt = commit(*house.store, put);
  REQUIRE(receipt.has_value());
  const auto records = house.store->values_at("a.example");
  REQUIRE(records.has_value());
  REQUIRE(records->size() == 1);
  const Record expected{.name = "a.example",
                        .value = "one",
                        .ttl_s = 10,
                        .created_s = k_start_s,
                        .expires_s = k_start_s + 10,
                        .stored_ms = k_start_ms,
                        .value_hash = crypto::sha256("one"),
                        .rseq = receipt->rseq,
                        .offer = put.offer};
  CHECK((*records)[0] == expected);
  CHECK(receipt->stored_ms == k_start_ms);
}

TEST_CASE_TEMPLATE("a republish renews the life, the stamp and the place of a value", House, BOTH_STORES) {
  House house;
  RecordStore& store = *house.store;
  for (const char* value : {"v1", "v2", "v3"}) commit(store, put_of("a.example", value));
  CHECK(values_at(store, "a.example") == Strings{"v1", "v2", "v3"});
  CHECK(outcome_of(store, put_of("a.example", "v1", 5)) == Outcome::refreshed);
  CHECK(values_at(store, "a.example") == Strings{"v2", "v3", "v1"});
  CHECK((*store.values_at("a.example"))[2].expires_s == k_start_s + 5);
  house.clock.advance_ms(5'000);
  CHECK(values_at(store, "a.example") == Strings{"v2", "v3"});
  CHECK(outcome_of(store, put_of("a.example", "v1", 300)) == Outcome::refreshed);  // expired, not swept
  CHECK(values_at(store, "a.example") == Strings{"v2", "v3", "v1"});
}

TEST_CASE_TEMPLATE("a writer who may not shorten a life leaves the later expiry and writes nothing", House,
                   BOTH_STORES) {
  House house;
  RecordStore& store = *house.store;
  const auto first = commit(store, put_of("a.example", "one", 300));
  Put shorter = put_of("a.example", "one", 10);
  shorter.ttl_rule = TtlRule::never_shorten;
  CHECK(outcome_of(store, shorter) == Outcome::unchanged);
  Put same = shorter;
  same.ttl_s = 300;
  CHECK(outcome_of(store, same) == Outcome::unchanged);
  CHECK((*store.values_at("a.example"))[0].rseq == first->rseq);
  CHECK(store.epoch().high == first->rseq);
  Put longer = shorter;
  longer.ttl_s = 301;
  CHECK(outcome_of(store, longer) == Outcome::refreshed);
  CHECK((*store.values_at("a.example"))[0].expires_s == k_start_s + 301);
  house.clock.advance_ms(301'000);
  CHECK(outcome_of(store, shorter) == Outcome::refreshed);  // an expired pair has no life to keep
  CHECK(values_at(store, "a.example") == Strings{"one"});
}

TEST_CASE_TEMPLATE("a life ends at the end of time at the latest", House, BOTH_STORES) {
  House house;
  constexpr std::int64_t k_end = std::numeric_limits<std::int64_t>::max();
  commit(*house.store, put_of("a.example", "one", k_end));
  CHECK((*house.store->values_at("a.example"))[0].expires_s == k_end);
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

TEST_CASE_TEMPLATE("a delete counts an expired row that is still there", House, BOTH_STORES) {
  House house;
  commit(*house.store, put_of("a.example", "one", 1));
  house.clock.advance_ms(1'000);
  CHECK(outcome_of(*house.store, Delete{"a.example", "one"}) == Outcome::removed);
}

TEST_CASE_TEMPLATE("readers and deletes see the union of a name's spellings, sync sees each", House, BOTH_STORES) {
  House house;
  RecordStore& store = *house.store;
  commit(store, put_of("a.example", "low", 50));
  commit(store, put_of("A.Example", "both", 10));
  commit(store, put_of("a.EXAMPLE", "both", 20));
  commit(store, put_of("\xC3\x84.example", "other"));
  CHECK(values_at(store, "a.example") == Strings{"low", "both"});
  CHECK((*store.values_at("a.example"))[1].expires_s == k_start_s + 20);
  CHECK((*store.values_at("a.example"))[1].name == "a.EXAMPLE");
  CHECK(values_of(store.values_at_exactly("A.Example")) == Strings{"both"});
  CHECK(values_of(store.values_at_exactly("a.example")) == Strings{"low"});
  const Strings names = {"a.example", "A.Example", "b.example"};
  CHECK(values_of(store.values_at_names(names)) == Strings{"both", "low"});  // of one millisecond: by name
  CHECK(values_at(store, "\xC3\x84.example") == Strings{"other"});  // only A to Z fold
  CHECK(values_at(store, "\xC3\xA4.example").empty());
  CHECK(outcome_of(store, Delete{"a.example", "both"}) == Outcome::removed);
  CHECK(values_of(store.values_at_exactly("A.Example")).empty());
  CHECK(values_at(store, "a.example") == Strings{"low"});
  commit(store, put_of("A.example", "upper"));
  CHECK(outcome_of(store, Delete{"A.EXAMPLE", {}}) == Outcome::removed);
  CHECK(values_at(store, "a.example").empty());
}

TEST_CASE_TEMPLATE("names and values are any bytes, empty ones and NUL too", House, BOTH_STORES) {
  House house;
  RecordStore& store = *house.store;
  const std::string value("a\0b\xC3\xA9", 5);
  commit(store, put_of(std::string("n\0.x", 4), value));
  commit(store, put_of("empty.example", ""));
  CHECK(values_at(store, std::string("n\0.x", 4)) == Strings{value});
  CHECK(values_at(store, "n").empty());
  CHECK(values_at(store, "empty.example") == Strings{""});
}

TEST_CASE_TEMPLATE("the cap counts distinct live values of all spellings and takes what is live already", House,
                   BOTH_STORES) {
  House house;
  RecordStore& store = *house.store;
  const auto capped = [](std::string name, std::string value, std::int64_t ttl_s = 300) {
    Put put = put_of(std::move(name), std::move(value), ttl_s);
    put.values_per_name_max = 3;
    return put;
  };
  commit(store, put_of("A.example", "one"));
  commit(store, put_of("a.EXAMPLE", "one"));  // the same value at a third spelling counts once
  CHECK(outcome_of(store, capped("a.example", "two", 10)) == Outcome::inserted);
  CHECK(outcome_of(store, capped("a.example", "three")) == Outcome::inserted);
  CHECK(refusal_of(store, capped("a.example", "four")) == ErrorCode::store_values_full);
  CHECK(outcome_of(store, capped("a.example", "two", 10)) == Outcome::refreshed);
  CHECK(outcome_of(store, capped("a.example", "one")) == Outcome::inserted);   // live at another spelling
  CHECK(outcome_of(store, put_of("a.example", "over")) == Outcome::inserted);  // a writer without a cap
  CHECK(refusal_of(store, capped("a.example", "four")) == ErrorCode::store_values_full);
  commit(store, Delete{"a.example", "over"});
  house.clock.advance_ms(10'000);  // "two" has expired
  CHECK(outcome_of(store, capped("a.example", "four")) == Outcome::inserted);
  CHECK(refusal_of(store, capped("a.example", "two")) == ErrorCode::store_values_full);
}

TEST_CASE_TEMPLATE("concurrent writers do not pass the cap", House, BOTH_STORES) {
  House house;
  std::atomic<int> taken{0};
  std::vector<std::thread> writers;
  for (int writer = 0; writer < 4; ++writer) {
    writers.emplace_back([&house, &taken, writer] {
      for (int i = 0; i < 10; ++i) {
        Put put = put_of("a.example", std::to_string(writer) + "-" + std::to_string(i));
        put.values_per_name_max = 16;
        Batch batch;
        batch.operations.emplace_back(std::move(put));
        if (commit_and_wait(*house.store, std::move(batch))) ++taken;
      }
    });
  }
  for (std::thread& writer : writers) writer.join();
  CHECK(taken == 16);
  CHECK(values_at(*house.store, "a.example").size() == 16);
}

TEST_CASE("the octets of a TXT RR are its strings, their lengths and the fixed part") {
  CHECK(txt_rr_octets("") == 12 + 1);
  CHECK(txt_rr_octets(std::string(255, 'x')) == 12 + 255 + 1);
  CHECK(txt_rr_octets(std::string(256, 'x')) == 12 + 256 + 2);
  CHECK(txt_rr_octets(std::string(2048, 'x')) == 12 + 2048 + 9);
}

TEST_CASE_TEMPLATE("an RRset that would not fit an answer is refused, up to the last octet", House, BOTH_STORES) {
  House house;
  RecordStore& store = *house.store;
  const auto sized = [](char mark, std::size_t octets) { return put_of("a.example", std::string(octets, mark)); };
  // Two values of 20 000 octets take 20 091 each; 19 818 remain, of which 12 and 78 length octets are not text.
  commit(store, sized('a', 20'000));
  commit(store, sized('b', 20'000));
  CHECK(refusal_of(store, sized('c', 19'729)) == ErrorCode::store_rrset_full);
  CHECK(outcome_of(store, sized('c', 19'728)) == Outcome::inserted);
  CHECK(refusal_of(store, put_of("a.example", "")) == ErrorCode::store_rrset_full);
  CHECK(outcome_of(store, sized('b', 20'000)) == Outcome::refreshed);
  Put unbounded = put_of("A.example", "over");
  unbounded.rrset_bounded = false;
  CHECK(outcome_of(store, unbounded) == Outcome::inserted);
}

TEST_CASE_TEMPLATE("a sweep removes expired rows in bounded steps and tells the listener", House, BOTH_STORES) {
  House house;
  RecordStore& store = *house.store;
  std::vector<Change> removed;
  store.set_listener([&removed](std::span<const Change> changes) {
    for (const Change& change : changes) {
      if (change.kind == Change::Kind::remove) removed.push_back(change);
    }
  });
  for (int i = 0; i < 5; ++i) commit(store, put_of("a.example", std::to_string(i), 10));
  commit(store, put_of("a.example", "longer", 20));
  CHECK(store.sweep_expired(2)->records == 0U);
  house.clock.advance_ms(10'000);
  CHECK(store.sweep_expired(2)->records == 2U);
  CHECK(store.sweep_expired(2)->records == 2U);
  CHECK(store.sweep_expired(2)->records == 1U);
  CHECK(store.sweep_expired(2)->records == 0U);
  REQUIRE(removed.size() == 5);
  CHECK(removed[0].name == "a.example");
  CHECK(removed[0].expires_s == k_start_s + 10);
  CHECK(removed[0].rseq == 0);
  CHECK(values_at(store, "a.example") == Strings{"longer"});
  CHECK(outcome_of(store, put_of("a.example", "0")) == Outcome::inserted);
}

TEST_CASE_TEMPLATE("short lives at one name do not pile up until the sweep", House, BOTH_STORES) {
  House house;
  RecordStore& store = *house.store;
  std::set<std::string> heard;  // what a listener takes for stored
  store.set_listener([&heard](std::span<const Change> changes) {
    for (const Change& change : changes) {
      if (change.kind == Change::Kind::put) heard.insert(change.value);
      if (change.kind == Change::Kind::remove) heard.erase(change.value);
    }
  });
  constexpr std::size_t k_more = limits::put_expired_rows_max + 6;
  for (std::size_t i = 0; i < k_more; ++i) commit(store, put_of("a.example", std::to_string(i), 1));
  commit(store, put_of("b.example", "other", 1));
  house.clock.advance_ms(1'000);
  CHECK(refusal_of(store, put_of("a.example", std::string(limits::rrset_octets_max, 'x'))) ==
        ErrorCode::store_rrset_full);
  CHECK(heard.size() == k_more + 1);
  CHECK(outcome_of(store, put_of("A.example", "one")) == Outcome::inserted);
  CHECK(heard.size() == k_more - limits::put_expired_rows_max + 2);
  CHECK(outcome_of(store, put_of("a.example", "two")) == Outcome::inserted);
  CHECK(heard == std::set<std::string>{"one", "two", "other"});
  std::size_t rows = 0;
  CHECK(store.for_each([&rows](const Record&) { ++rows; }).has_value());
  CHECK(rows == 3);
}

TEST_CASE_TEMPLATE("the count of live pairs is at most a second old", House, BOTH_STORES) {
  House house;
  for (int i = 0; i < 3; ++i) commit(*house.store, put_of("a.example", std::to_string(i), 10));
  CHECK(house.store->live_count() == 3);
  commit(*house.store, Delete{"a.example", "0"});
  house.clock.advance_ms(limits::live_count_age_ms);
  CHECK(house.store->live_count() == 2);
}

TEST_CASE_TEMPLATE("every record is visited once, also one that is over by this clock", House, BOTH_STORES) {
  House house;
  commit(*house.store, put_of("a.example", "one"));
  commit(*house.store, put_of("A.example", "one"));
  commit(*house.store, put_of("b.example", "gone", 1));
  commit(*house.store, put_of("b.example", "two"));
  house.clock.advance_ms(1'000);
  std::multiset<std::string> seen;
  CHECK(house.store->for_each([&seen](const Record& row) { seen.insert(row.name + "=" + row.value); }).has_value());
  CHECK(seen == std::multiset<std::string>{"A.example=one", "a.example=one", "b.example=gone", "b.example=two"});
}
