// SPDX-License-Identifier: Apache-2.0
// Taking over the file of an existing node, going back to it, and coming again (spec/storage.md 2).
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <atomic>

#include "raw_sqlite.hpp"
#include "store_fixture.hpp"

using namespace dnsmesh;
using namespace dnsmesh::store;
using Strings = std::vector<std::string>;

namespace {

/// A house whose file an existing node has made; opened by the test.
struct TakenHouse : SqliteHouse {
  explicit TakenHouse(const std::string& layout = std::string(k_existing_layout)) {
    store.reset();
    std::filesystem::remove(options.path);
    raw_execute(options.path, layout);
  }
  void write(const std::string& sql) const { raw_execute(options.path, sql); }
  Strings rows(const std::string& sql) const { return raw_rows(options.path, sql); }
};

record::Offer judge_by_value(std::string_view, std::string_view value) {
  if (value.contains("bad")) return {.reason = ErrorCode::record_unknown_type};
  if (value.contains("ends")) return {.reason = {}, .valid_until_s = k_start_s + 50};
  return {};
}

}  // namespace

TEST_CASE("rows of an existing node are served, listed and counted as they are") {
  TakenHouse house;
  house.write(existing_insert("b.example", "two", k_start_s - 10, 300, k_start_ms - 10'000) +
              existing_insert("A.Example", "one", k_start_s - 20, 300, k_start_ms - 20'000) +
              existing_insert("gone.example", "x", k_start_s - 20, 20, k_start_ms - 20'000) +
              existing_insert("never.example", "synced", k_start_s - 5, 300, 0));
  house.store = house.open();
  CHECK(values_at(*house.store, "a.example") == Strings{"one"});
  CHECK(values_at(*house.store, "gone.example").empty());
  CHECK(house.store->live_count() == 3);
  const auto page = house.store->digest({}, 10);
  REQUIRE(page->records.size() == 3);
  CHECK(page->records[0].name == "never.example");
  CHECK(page->records[0].stored_ms == 0);
  CHECK(page->records[1].name == "A.Example");
  CHECK(page->records[1].stored_ms == k_start_ms - 20'000);
  CHECK(page->records[1].value_hash == crypto::sha256("one"));
  CHECK(offered(*house.store) == Strings{"b.example", "A.Example", "never.example"});  // as they were written
  CHECK(house.store->epoch().boot == k_start_ms);
}

TEST_CASE("a file from before the sync columns gets them with their contents") {
  TakenHouse house(R"(
    CREATE TABLE records (name TEXT NOT NULL, value TEXT NOT NULL, ttl INTEGER NOT NULL, created_at INTEGER NOT NULL,
                          expires_at INTEGER NOT NULL, PRIMARY KEY (name, value));)");
  house.write(
      fmt::format("INSERT INTO records VALUES ('a.example', 'one', 300, {}, {})", k_start_s - 7, k_start_s + 293));
  house.store = house.open();
  const auto page = house.store->digest({}, 10);
  REQUIRE(page->records.size() == 1);
  CHECK(page->records[0].stored_ms == (k_start_s - 7) * 1000);
  CHECK(page->records[0].value_hash == crypto::sha256("one"));
  house.store->close();
  CHECK(house.rows("SELECT stored_ts, value_hash FROM records") ==
        Strings{fmt::format("{}|{}", (k_start_s - 7) * 1000, crypto::sha256_hex("one"))});
}

TEST_CASE("stamps in seconds become milliseconds, zero stays") {
  TakenHouse house;
  house.write(existing_insert("a.example", "one", k_start_s, 300, k_start_s - 3) +
              existing_insert("z.example", "one", k_start_s, 300, 0));
  house.store = house.open();
  const auto page = house.store->digest({}, 10);
  REQUIRE(page->records.size() == 2);
  CHECK(page->records[0].stored_ms == 0);
  CHECK(page->records[1].stored_ms == (k_start_s - 3) * 1000);
}

TEST_CASE("a name with a line feed is dropped") {
  TakenHouse house;
  house.write(existing_insert("bad\nname.example", "one", k_start_s, 300, k_start_ms) +
              existing_insert("good.example", "one", k_start_s, 300, k_start_ms));
  house.store = house.open();
  CHECK(offered(*house.store) == Strings{"good.example"});
  house.store->close();
  CHECK(house.rows("SELECT name FROM records") == Strings{"good.example"});
}

TEST_CASE("the first stamp is later than every stamp in the file, whatever the clock says") {
  TakenHouse house;
  house.write(existing_insert("a.example", "one", k_start_s, 300, k_start_ms + 9'000));
  house.store = house.open();
  CHECK(commit(*house.store, put_of("b.example", "x"))->stored_ms == k_start_ms + 9'001);
}

TEST_CASE("an existing node reads and writes the file after us, and we read its rows again") {
  TakenHouse house;
  house.write(existing_insert("old.example", "one", k_start_s, 3000, k_start_ms));
  house.options.judge = judge_by_value;
  house.store = house.open();
  commit(*house.store, put_of("new.example", "kept", 3000));
  commit(*house.store, put_of("refreshed.example", "one", 3000));
  commit(*house.store, put_of("deleted.example", "one", 3000));
  commit_all(*house.store, {put_of("buried.example", "one", 3000), Delete{"buried.example", {}}});
  commit_all(*house.store, {put_of("floor.example", "one", 9000), put_of("floor.example", "one", 3000)});
  const std::int64_t high = house.store->epoch().high;
  const std::string id = house.store->epoch().id;
  house.store->close();

  // What the existing node sees and does: it makes its indices and names its seven columns.
  CHECK(house.rows("SELECT name, value, ttl, created_at, expires_at - created_at, stored_ts, value_hash FROM records "
                   "WHERE name = 'new.example'") ==
        Strings{
            fmt::format("new.example|kept|3000|{}|3000|{}|{}", k_start_s, k_start_ms + 1, crypto::sha256_hex("kept"))});
  house.write(
      "CREATE INDEX IF NOT EXISTS idx_records_name ON records (name);"
      "CREATE INDEX IF NOT EXISTS idx_records_stored_ts ON records (stored_ts);" +
      existing_insert("refreshed.example", "one", k_start_s + 5, 300, k_start_ms + 5'000) +
      existing_insert("Later.example", "bad", k_start_s + 5, 300, k_start_ms + 5'000) +
      existing_insert("ending.example", "ends", k_start_s + 5, 300, k_start_ms + 5'000) +
      existing_insert("buried.example", "one", k_start_s + 6, 300, k_start_ms + 6'000) +
      "DELETE FROM records WHERE name = 'deleted.example'");

  house.clock.advance_ms(7'000);
  house.store = house.open();
  CHECK(house.store->epoch().id == id);
  CHECK(house.store->epoch().boot == k_start_ms + 7000);
  CHECK(house.store->epoch().high == high + 4);
  CHECK(values_at(*house.store, "later.example") == Strings{"bad"});
  CHECK(values_at(*house.store, "deleted.example").empty());
  CHECK((*house.store->values_at("refreshed.example"))[0].expires_s == k_start_s + 305);
  CHECK((*house.store->values_at("later.example"))[0].offer.reason == ErrorCode::record_unknown_type);
  CHECK((*house.store->values_at("ending.example"))[0].offer.valid_until_s == k_start_s + 50);
  CHECK(offered(*house.store, high) == Strings{"refreshed.example", "ending.example", "buried.example"});
  CHECK_FALSE(house.store->tombstone("buried.example", crypto::sha256("one"))->has_value());
  CHECK(house.store->tombstone("floor.example", crypto::sha256("one"))->has_value());
  CHECK(offered(*house.store).size() == 6);
}

TEST_CASE("a file of ours from before tombstones were numbered gets the columns and keeps its tombstones") {
  SqliteHouse house;
  commit(*house.store, put_of("a.example", "one"));
  commit(*house.store, Delete{"a.example", {}});
  commit(*house.store, Quarantine{"p", "q.example", crypto::sha256("bad"), "missing", 5, 1, 9});
  const auto tombstone = house.store->tombstone("a.example", crypto::sha256("one"));
  house.store->close();
  raw_execute(house.options.path,
              "DROP INDEX idx_tombstones_rseq; ALTER TABLE tombstones DROP COLUMN rseq;"
              "ALTER TABLE sync_quarantine DROP COLUMN first_seen; ALTER TABLE sync_quarantine DROP COLUMN until");
  house.reopen();
  CHECK(house.store->tombstone("a.example", crypto::sha256("one"))->value().until_s == (*tombstone)->until_s);
  CHECK(house.store->changes(0, 10)->tombstones.empty());
  CHECK(house.store->quarantined("p")->at(0).first_seen_s == 0);
  commit(*house.store, put_of("b.example", "one"));
  commit(*house.store, Delete{"b.example", {}});
  CHECK(house.store->changes(0, 10)->tombstones.size() == 1);
}

TEST_CASE("the node of before tombstones were numbered writes our file, and we read it again") {
  SqliteHouse house;
  house.store->close();
  raw_execute(house.options.path,
              fmt::format("INSERT OR REPLACE INTO tombstones (name, value_hash, deleted_ms, until, life_until) "
                          "VALUES ('a.example', '{}', 1, {}, 0);"
                          "INSERT OR REPLACE INTO sync_quarantine (peer, name, value_hash, reason, retry_at, attempts) "
                          "VALUES ('p', 'a.example', '', 'missing', 1, 1)",
                          crypto::sha256_hex("one"), k_start_s + 50));
  house.reopen();
  CHECK(house.store->tombstone("a.example", crypto::sha256("one"))->has_value());
  CHECK(house.store->changes(0, 10)->tombstones.empty());
  CHECK(house.store->quarantined("p")->size() == 1);
}

TEST_CASE("the hash of an adopted row is computed, whatever the other program wrote") {
  TakenHouse house;
  house.write(fmt::format("INSERT INTO records VALUES ('a.example', 'one', 300, {}, {}, {}, '{}')", k_start_s,
                          k_start_s + 300, k_start_ms, crypto::sha256_hex("other")));
  house.store = house.open();
  CHECK(house.store->digest({}, 10)->records.at(0).value_hash == crypto::sha256("one"));
}

TEST_CASE("many rows are taken over in the order in which they were written") {
  TakenHouse house;
  house.write(
      fmt::format("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 10000) INSERT INTO records "
                  "SELECT printf('n%05d', i * 7919 % 10000), 'x', 300, {}, {}, {}, '' FROM n",
                  k_start_s, k_start_s + 300, k_start_ms));
  std::atomic<int> judged{0};
  house.options.judge = [&judged](std::string_view, std::string_view) {
    ++judged;
    return record::Offer{};
  };
  house.store = house.open();
  CHECK(judged == 10'000);
  CHECK(house.store->epoch().high == 10'000);
  house.store->close();
  CHECK(house.rows("SELECT count(*), min(rseq), max(rseq), sum(rseq <> rowid), sum(value_hash = '') FROM records") ==
        Strings{"10000|1|10000|0|0"});
}

TEST_CASE("when the judge changes every row is judged again, and what may be offered now is offered anew") {
  SqliteHouse house;
  house.store.reset();
  house.options.judge = judge_by_value;
  house.options.judge_id = "1";
  house.store = house.open();
  Put refused = put_of("was-bad.example", "fine");
  refused.offer.reason = ErrorCode::record_unknown_type;
  commit(*house.store, refused);
  commit(*house.store, put_of("now-bad.example", "bad"));
  commit(*house.store, put_of("fine.example", "fine"));
  const std::int64_t high = house.store->epoch().high;
  house.reopen();
  CHECK(offered(*house.store) == Strings{"now-bad.example", "fine.example"});  // the same judge: nothing changes
  house.options.judge_id = "2";
  house.reopen();
  CHECK(offered(*house.store) == Strings{"fine.example", "was-bad.example"});
  CHECK(house.store->epoch().high == high + 1);
  const auto page = house.store->digest({k_start_ms, "\xC3\xBF", "g"}, 10);  // a reader that has seen all before
  REQUIRE(page->records.size() == 1);
  CHECK(page->records[0].name == "was-bad.example");
  CHECK(commit(*house.store, put_of("a.example", "x"))->stored_ms > page->records[0].stored_ms);
}
