// SPDX-License-Identifier: Apache-2.0
#include "store/seen_file.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <cstdint>
#include <fstream>
#include <limits>

#include "raw_sqlite.hpp"
#include "store_fixture.hpp"

using namespace dnsmesh;
using namespace dnsmesh::store;

namespace {

constexpr std::int64_t k_now_s = 1'700'000'000;

SeenRow row(std::string key, std::string endpoint, std::int64_t ts_s, std::string source = "a.example") {
  SeenRow out;
  out.wire = "wire of " + key + " at " + endpoint + " " + std::to_string(ts_s);
  out.operator_spk_hex = std::move(key);
  out.endpoint = std::move(endpoint);
  out.ts_s = ts_s;
  out.exp_s = k_now_s + 86400;
  out.version = "1.0";
  out.received_s = k_now_s;
  out.source_zone = std::move(source);
  return out;
}

struct House {
  TemporaryFolder folder;
  std::string path = folder.file("seen.db");
  SeenBounds bounds;
  std::unique_ptr<SeenStore> store;

  SeenStore& open() {
    store.reset();
    auto opened = open_seen_file(path, bounds);
    REQUIRE_MESSAGE(opened.has_value(), (opened ? "" : opened.error().text));
    store = std::move(*opened);
    return *store;
  }
};

std::size_t accept(SeenStore& store, std::vector<SeenRow> rows, std::int64_t now_s = k_now_s) {
  const auto written = store.accept(rows, now_s);
  REQUIRE(written.has_value());
  return *written;
}

std::vector<SeenRow> recent(const SeenStore& store, std::int64_t now_s = k_now_s, std::size_t rows_max = 1000) {
  auto rows = store.recent(now_s, rows_max);
  REQUIRE(rows.has_value());
  return std::move(*rows);
}

std::size_t from(const std::vector<SeenRow>& rows, std::string_view source) {
  return static_cast<std::size_t>(std::ranges::count(rows, source, &SeenRow::source_zone));
}

}  // namespace

TEST_CASE("a heartbeat is kept as it was heard, and is there when the file is opened again") {
  House house;
  SeenRow heard = row("k1", "https://n.example", k_now_s - 10);
  heard.version = "";
  CHECK(accept(house.open(), {heard}) == 1);
  CHECK(recent(house.open()) == std::vector{heard});
  CHECK(house.store->find("k1", "https://n.example").value() == heard);
  CHECK_FALSE(house.store->find("k1", "https://m.example").value().has_value());
  CHECK(house.store->live_count(k_now_s) == 1);
}

TEST_CASE("a newer or equal time replaces a heartbeat, an older one does not") {
  House house;
  SeenStore& store = house.open();
  accept(store, {row("k", "e", 100)});
  CHECK(accept(store, {row("k", "e", 99)}) == 0);
  CHECK(recent(store)[0].ts_s == 100);
  SeenRow same = row("k", "e", 100, "b.example");
  same.wire = "another text of the same time";
  CHECK(accept(store, {same}) == 1);
  CHECK(recent(store) == std::vector{same});
  CHECK(accept(store, {row("k", "e", 101)}) == 1);
  CHECK(recent(store)[0].ts_s == 101);
}

TEST_CASE("what is over is not listed, and goes with the next that is heard") {
  House house;
  SeenStore& store = house.open();
  SeenRow ending = row("k1", "e", 100);
  ending.exp_s = k_now_s + 1;
  accept(store, {ending});
  CHECK(recent(store).size() == 1);
  CHECK(recent(store, k_now_s + 1).empty());
  CHECK(store.live_count(k_now_s + 1) == 0);
  CHECK(store.find("k1", "e").value().has_value());
  accept(store, {}, k_now_s + 1);
  CHECK_FALSE(store.find("k1", "e").value().has_value());
}

TEST_CASE("the newest are listed first, as many as are asked for") {
  House house;
  SeenStore& store = house.open();
  accept(store, {row("k1", "e", 100), row("k2", "e", 300), row("k3", "e", 200)});
  const std::vector<SeenRow> two = recent(store, k_now_s, 2);
  REQUIRE(two.size() == 2);
  CHECK(two[0].operator_spk_hex == "k2");
  CHECK(two[1].operator_spk_hex == "k3");
}

TEST_CASE("the smallest and largest times are kept") {
  House house;
  SeenStore& store = house.open();
  SeenRow edge = row("k", "e", std::numeric_limits<std::int64_t>::min());
  edge.exp_s = std::numeric_limits<std::int64_t>::max();
  edge.received_s = std::numeric_limits<std::int64_t>::min();
  accept(store, {edge}, std::numeric_limits<std::int64_t>::min());
  CHECK(recent(store, std::numeric_limits<std::int64_t>::max() - 1) == std::vector{edge});
}

TEST_CASE("a key has four rows of one zone: with a fifth its oldest goes") {
  House house;
  SeenStore& store = house.open();
  for (int i = 0; i < 5; ++i) {
    SeenRow each = row("k", "e" + std::to_string(i), 100);
    each.received_s = k_now_s + i;
    accept(store, {each});
  }
  accept(store, {row("k", "elsewhere", 100, "b.example"), row("other", "e0", 100)});
  const std::vector<SeenRow> rows = recent(store);
  CHECK(rows.size() == 6);
  CHECK_FALSE(store.find("k", "e0").value().has_value());
  CHECK(store.find("k", "e4").value().has_value());
}

TEST_CASE("a zone has its budget: over it its oldest goes, and no other zone's") {
  House house;
  house.bounds.rows_per_source_max = 3;
  SeenStore& store = house.open();
  accept(store, {row("kb", "e", 100, "b.example")});
  for (int i = 0; i < 5; ++i) {
    SeenRow each = row("k" + std::to_string(i), "e", 100);
    each.received_s = k_now_s + i;
    accept(store, {each});
  }
  const std::vector<SeenRow> rows = recent(store);
  CHECK(from(rows, "a.example") == 3);
  CHECK(from(rows, "b.example") == 1);
  CHECK_FALSE(store.find("k1", "e").value().has_value());
  CHECK(store.find("k2", "e").value().has_value());
}

TEST_CASE("rows without a source have the budget of one zone") {
  House house;
  house.bounds.rows_per_source_max = 2;
  SeenStore& store = house.open();
  accept(store, {row("k1", "e", 1, ""), row("k2", "e", 2, ""), row("k3", "e", 3, "")});
  CHECK(recent(store).size() == 2);
}

TEST_CASE("a full table gives up rows of the zone with the most") {
  House house;
  house.bounds.rows_max = 4;
  SeenStore& store = house.open();
  SeenRow old = row("k0", "e", 1, "b.example");
  old.received_s = 1;
  accept(store, {old, row("k1", "e", 1), row("k2", "e", 2), row("k3", "e", 3)});
  CHECK(recent(store).size() == 4);
  accept(store, {row("k4", "e", 4), row("k5", "e", 5, "c.example")});
  const std::vector<SeenRow> rows = recent(store);
  CHECK(rows.size() == 4);
  CHECK(from(rows, "a.example") == 2);
  CHECK(from(rows, "b.example") == 1);
  CHECK(from(rows, "c.example") == 1);
}

TEST_CASE("a table that is far too full is levelled at once: the largest zones give, the oldest rows go first") {
  House house;
  SeenStore& wide = house.open();
  std::vector<SeenRow> rows;
  // Zone 1 has one row, zone 2 has two, and so on to 100: 5050.
  for (int zone = 1; zone <= 100; ++zone) {
    for (int i = 0; i < zone; ++i) {
      SeenRow each = row("k" + std::to_string(zone) + "." + std::to_string(i), "e", i, std::to_string(zone));
      each.received_s = k_now_s + 1000 * i + zone;
      rows.push_back(each);
    }
  }
  accept(wide, rows);
  REQUIRE(wide.live_count(k_now_s) == 5050);
  // Ten of each of 91 zones, the 45 of the smaller ones, and one less where the oldest row is the oldest.
  house.bounds.rows_max = 10 * 91 + 45 - 2;
  accept(house.open(), {});
  const std::vector<SeenRow> left = recent(*house.store, k_now_s, 10000);
  CHECK(left.size() == 953);
  for (int zone = 1; zone <= 100; ++zone) {
    const std::size_t expected = zone < 10 ? static_cast<std::size_t>(zone) : zone < 12 ? 9 : 10;
    CAPTURE(zone);
    CHECK(from(left, std::to_string(zone)) == expected);
  }
  for (const SeenRow& each : left) CHECK(each.ts_s >= std::stoi(each.source_zone) - 10);
}

TEST_CASE(
    "the file says version 1, has the columns and indices that existing nodes expect, and is for its owner alone") {
  House house;
  house.open();
  const auto one = [&](const std::string& sql) { return raw_rows(house.path, sql).at(0); };
  CHECK(one("PRAGMA user_version") == "1");
  CHECK(one("PRAGMA journal_mode") == "wal");
  CHECK(one("SELECT group_concat(name) FROM pragma_table_info('heartbeats_seen')") ==
        "operator_spk_hex,endpoint,wire,ts,exp,version,received_at,remote_addr");
  CHECK(one("SELECT count(*) FROM sqlite_master WHERE name IN"
            " ('idx_hb_ts', 'idx_hb_exp', 'idx_hb_received_at')") == "3");
  struct stat facts{};
  REQUIRE(::stat(house.path.c_str(), &facts) == 0);
  CHECK((facts.st_mode & 0777) == 0600);
}

TEST_CASE("a file of a newer version is refused and left as it is") {
  House house;
  house.open();
  house.store.reset();
  raw_execute(house.path, "PRAGMA user_version=2");
  const auto refused = open_seen_file(house.path, {});
  REQUIRE_FALSE(refused.has_value());
  CHECK(refused.error().code == ErrorCode::store_newer_schema);
  CHECK(raw_rows(house.path, "PRAGMA user_version").at(0) == "2");
}

TEST_CASE("a file that is no database, a folder that is missing, and a table of another kind are refused") {
  House house;
  std::ofstream(house.folder.file("text")) << "not a database at all";
  const Error refused = open_seen_file(house.folder.file("text"), {}).error();
  CHECK(refused.code == ErrorCode::store_unusable);
  CHECK(refused.text.ends_with("name another heartbeat file"));
  CHECK(open_seen_file(house.folder.file("none/seen.db"), {}).error().code == ErrorCode::store_unusable);
  house.open();
  house.store.reset();
  raw_execute(house.path, "DROP TABLE heartbeats_seen; CREATE TABLE heartbeats_seen (exp INTEGER)");
  CHECK_FALSE(open_seen_file(house.path, {}).has_value());
}
