// SPDX-License-Identifier: Apache-2.0
// The two feeds: the classic one by compound cursor and the change feed by position (spec/anti-entropy.md 3, 15.2).
#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>
#include <set>
#include <thread>

#include "base/hex.hpp"
#include "store_fixture.hpp"

using namespace dnsmesh;
using namespace dnsmesh::store;
using Strings = std::vector<std::string>;

namespace {

DigestCursor cursor_of(const Record& row) { return {row.stored_ms, row.name, to_hex(view(row.value_hash))}; }

/// Reads the whole feed after `cursor` in pages of `limit` and leaves the cursor at its end.
std::vector<Record> read_digest(RecordStore& store, DigestCursor& cursor, std::size_t limit) {
  std::vector<Record> all;
  while (true) {
    const auto page = store.digest(cursor, limit);
    REQUIRE(page.has_value());
    CHECK(page->records.size() <= limit);
    if (page->records.empty()) return all;
    cursor = cursor_of(page->records.back());
    all.insert(all.end(), page->records.begin(), page->records.end());
    if (!page->has_more) return all;
  }
}

std::vector<Record> read_digest(RecordStore& store, std::size_t limit) {
  DigestCursor cursor;
  return read_digest(store, cursor, limit);
}

}  // namespace

TEST_CASE_TEMPLATE("a digest pages through rows of one millisecond and one name without loss", House, BOTH_STORES) {
  House house;
  RecordStore& store = *house.store;
  std::vector<Operation> operations;
  for (int i = 0; i < 40; ++i) operations.emplace_back(put_of("a.example", std::to_string(i)));
  for (int i = 0; i < 10; ++i) operations.emplace_back(put_of("b" + std::to_string(i), "x"));
  REQUIRE(commit_all(store, operations).has_value());
  const std::vector<Record> all = read_digest(store, 1000);
  CHECK(all.size() == 50);
  CHECK(std::ranges::is_sorted(all, {}, [](const Record& r) { return std::tuple(r.stored_ms, r.name, r.value_hash); }));
  for (const std::size_t limit : {1, 7, 50}) CHECK(read_digest(store, limit) == all);
  CHECK(all[0].value.empty());
  CHECK(store.digest({}, 50)->has_more == false);
  CHECK(store.digest({}, 49)->has_more);
}

TEST_CASE_TEMPLATE("a digest cursor need not be a row", House, BOTH_STORES) {
  House house;
  RecordStore& store = *house.store;
  commit(store, put_of("b.example", "one"));
  const auto after = [&store](std::int64_t ms, std::string name, std::string hash) {
    return store.digest({ms, std::move(name), std::move(hash)}, 10)->records.size();
  };
  CHECK(after(0, "", "") == 1);
  CHECK(after(k_start_ms, "", "") == 1);
  CHECK(after(k_start_ms, "a.example", "g") == 1);
  CHECK(after(k_start_ms, "b.example", "") == 1);
  CHECK(after(k_start_ms, "b.example", crypto::sha256_hex("one")) == 0);
  CHECK(after(k_start_ms, "b.example", "g") == 0);
  CHECK(after(k_start_ms, "\xC3\xBF", "g") == 0);  // what a legacy `since` becomes
  CHECK(after(k_start_ms - 1, "\xC3\xBF", "g") == 1);
  CHECK(after(k_start_ms + 1, "", "") == 0);
}

TEST_CASE_TEMPLATE("a write after a digest sorts behind everything the digest listed", House, BOTH_STORES) {
  House house;
  RecordStore& store = *house.store;
  commit(store, put_of("m.example", "one"));
  DigestCursor cursor;
  CHECK(names_of(read_digest(store, cursor, 10)) == Strings{"m.example"});
  commit(store, put_of("a.example", "one"));  // the wall clock stands still, the name is smaller
  CHECK(names_of(read_digest(store, cursor, 10)) == Strings{"a.example"});
  CHECK(read_digest(store, cursor, 10).empty());
}

TEST_CASE_TEMPLATE("a digest moves the stamps on only when a row carries the last one", House, BOTH_STORES) {
  House house;
  for (int i = 0; i < 5; ++i) CHECK(house.store->digest({}, 10).has_value());
  CHECK(commit(*house.store, put_of("a.example", "one"))->stored_ms == k_start_ms);
  for (int i = 0; i < 5; ++i) CHECK(house.store->digest({}, 10).has_value());
  CHECK(commit(*house.store, put_of("a.example", "two"))->stored_ms == k_start_ms + 1);
}

TEST_CASE_TEMPLATE("stamps do not go back with the clock", House, BOTH_STORES) {
  House house;
  RecordStore& store = *house.store;
  DigestCursor cursor;
  commit(store, put_of("b.example", "one", 100'000));
  CHECK(read_digest(store, cursor, 10).size() == 1);
  house.clock.set_wall_ms(k_start_ms - 50'000);
  CHECK(commit(store, put_of("a.example", "one", 100'000))->stored_ms == k_start_ms + 1);
  CHECK(store.health().feed_ahead_ms == 50'001);
  CHECK(names_of(read_digest(store, cursor, 10)) == Strings{"a.example"});
  CHECK((*store.values_at("a.example"))[0].created_s == k_start_s - 50);
  house.clock.set_wall_ms(k_start_ms + 5'000);
  CHECK(commit(store, put_of("c.example", "one"))->stored_ms == k_start_ms + 5'000);
  CHECK(store.health().feed_ahead_ms == 0);
}

TEST_CASE_TEMPLATE("a refreshed row moves to the end of both feeds", House, BOTH_STORES) {
  House house;
  RecordStore& store = *house.store;
  for (const char* name : {"a", "b", "c"}) commit(store, put_of(name, "x"));
  house.clock.advance_ms(1);
  commit(store, put_of("a", "x"));
  CHECK(names_of(read_digest(store, 10)) == Strings{"b", "c", "a"});
  CHECK(names_of(store.changes(0, 10)->records) == Strings{"b", "c", "a"});
}

TEST_CASE_TEMPLATE("rows that peers cannot accept are in neither feed but are served", House, BOTH_STORES) {
  House house;
  RecordStore& store = *house.store;
  Put refused = put_of("a.example", "refused");
  refused.offer.reason = ErrorCode::record_unknown_type;
  Put ending = put_of("a.example", "ending");
  ending.offer.valid_until_s = k_start_s + 5;
  commit(store, refused);
  commit(store, ending);
  CHECK(values_at(store, "a.example") == Strings{"refused", "ending"});
  house.clock.advance_ms(5'999);  // the end itself is still valid
  CHECK(read_digest(store, 10).size() == 1);
  CHECK(store.changes(0, 10)->records.size() == 1);
  house.clock.advance_ms(1);
  CHECK(read_digest(store, 10).empty());
  CHECK(store.changes(0, 10)->records.empty());
  CHECK(store.changes(0, 10)->next == store.epoch().high);
}

TEST_CASE_TEMPLATE("paging meets every row although commits come between the pages", House, BOTH_STORES) {
  House house;
  RecordStore& store = *house.store;
  for (int i = 0; i < 20; ++i) commit(store, put_of("n" + std::to_string(i), "x"));
  std::set<std::string> seen;
  DigestCursor cursor;
  for (int added = 0; added < 50; ++added) {
    const auto page = store.digest(cursor, 3);
    for (const Record& row : page->records) seen.insert(row.name);
    if (!page->records.empty()) cursor = cursor_of(page->records.back());
    commit(store, put_of("a" + std::to_string(added), "x"));
    if (added % 7 == 0) house.clock.advance_ms(1);
  }
  for (const Record& row : read_digest(store, cursor, 3)) seen.insert(row.name);
  CHECK(seen.size() == 70);
}

TEST_CASE_TEMPLATE("concurrent writers lose no row to a reader that polls without pause", House, BOTH_STORES) {
  House house;
  RecordStore& store = *house.store;
  constexpr int k_rows_each = 100;
  std::vector<std::thread> writers;
  for (int writer = 0; writer < 3; ++writer) {
    writers.emplace_back([&store, writer] {
      for (int i = 0; i < k_rows_each; ++i) {
        Batch batch;
        batch.operations.emplace_back(
            put_of(std::to_string((i * 37 + writer * 11) % 97), std::to_string(writer * 1000 + i)));
        CHECK(commit_and_wait(store, std::move(batch)).has_value());
      }
    });
  }
  std::multiset<std::string> seen;
  DigestCursor cursor;
  std::int64_t position = 0;
  std::size_t by_position = 0;
  const auto read_both = [&] {
    for (const Record& row : read_digest(store, cursor, 17)) seen.insert(row.name + to_hex(view(row.value_hash)));
    const auto page = store.changes(position, 17);
    REQUIRE(page.has_value());
    by_position += page->records.size();
    position = page->next;
    return page->has_more;
  };
  while (seen.size() < 3 * k_rows_each / 2) read_both();
  for (std::thread& writer : writers) writer.join();
  while (read_both()) {
  }
  CHECK(seen.size() == 3 * k_rows_each);
  CHECK(by_position == 3 * k_rows_each);
  CHECK(read_digest(store, 10'000).size() == 3 * k_rows_each);
}

TEST_CASE_TEMPLATE("the change feed is read by position and passes over gaps", House, BOTH_STORES) {
  House house;
  RecordStore& store = *house.store;
  for (int i = 0; i < 6; ++i) commit(store, put_of("n" + std::to_string(i), "x", i == 2 ? 1 : 300));
  commit(store, Delete{"n3", {}});
  house.clock.advance_ms(1'000);
  const std::int64_t high = store.epoch().high;
  CHECK(high == 7);
  const auto first = store.changes(0, 2);
  CHECK(names_of(first->records) == Strings{"n0", "n1"});
  CHECK(first->next == 2);
  CHECK(first->has_more);
  const auto rest = store.changes(first->next, 10);
  CHECK(names_of(rest->records) == Strings{"n4", "n5"});
  CHECK(rest->next == high);
  CHECK_FALSE(rest->has_more);
  CHECK_FALSE(rest->reset);
  CHECK(store.changes(high, 10)->next == high);
  CHECK(store.changes(high, 10)->records.empty());
}

TEST_CASE_TEMPLATE("a position that the store never gave starts over", House, BOTH_STORES) {
  House house;
  commit(*house.store, put_of("a.example", "one"));
  for (const std::int64_t position : {std::int64_t{-1}, std::int64_t{2}, std::numeric_limits<std::int64_t>::max()}) {
    const auto page = house.store->changes(position, 10);
    REQUIRE(page.has_value());
    CHECK(page->reset);
    CHECK(page->records.empty());
    CHECK(page->next == 1);
  }
}

TEST_CASE_TEMPLATE("commits are numbered in their order, one number a changed record", House, BOTH_STORES) {
  House house;
  RecordStore& store = *house.store;
  CHECK(store.epoch().high == 0);
  CHECK(commit(store, put_of("a", "x"))->rseq == 1);
  CHECK(commit_all(store, {put_of("b", "x"), put_of("c", "x")})->rseq == 3);
  CHECK(commit(store, Delete{"b", {}})->rseq == 4);
  CHECK(commit(store, Delete{"b", {}})->rseq == 0);
  CHECK(commit(store, SetPosition{"peer", "record", "7"})->rseq == 0);
  CHECK(store.epoch().high == 4);
}

TEST_CASE("both feeds, the numbers and the stamps go on after a restart") {
  SqliteHouse house;
  for (int i = 0; i < 4; ++i) commit(*house.store, put_of("n" + std::to_string(i), "x"));
  commit(*house.store, Delete{"n3", {}});
  const Epoch before = house.store->epoch();
  DigestCursor cursor;
  CHECK(read_digest(*house.store, cursor, 10).size() == 3);
  house.clock.set_wall_ms(k_start_ms - 100'000);
  house.reopen();
  const Epoch after = house.store->epoch();
  CHECK(after.id == before.id);
  CHECK(after.id.size() == 32);
  CHECK(after.boot == before.boot + 1);
  CHECK(after.high == before.high);
  CHECK(names_of(house.store->changes(1, 10)->records) == Strings{"n1", "n2"});
  CHECK_FALSE(house.store->changes(before.high, 10)->reset);
  CHECK(commit(*house.store, put_of("a", "x", 1'000'000))->rseq == before.high + 1);
  CHECK(names_of(read_digest(*house.store, cursor, 10)) == Strings{"a"});
}

TEST_CASE("F33 an old copy that is put back begins a start above all that it has never seen") {
  SqliteHouse house;
  commit(*house.store, put_of("a", "old"));
  house.store.reset();
  const std::string backup = house.folder.file("backup.db");
  std::filesystem::copy_file(house.options.path, backup);
  for (int start = 0; start < 3; ++start) house.reopen();
  const Epoch replaced = house.store->epoch();
  house.store.reset();
  house.options.path = backup;
  house.clock.advance_ms(60'000);
  house.reopen();
  CHECK(house.store->epoch().id == replaced.id);
  CHECK(house.store->epoch().boot > replaced.boot);
  const std::int64_t boot = house.store->epoch().boot;
  house.reopen();
  CHECK(house.store->epoch().boot == boot + 1);  // within the same millisecond
}
