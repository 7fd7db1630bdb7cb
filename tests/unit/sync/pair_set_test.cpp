// SPDX-License-Identifier: Apache-2.0
// Which pairs are in the set at which second, and that the set follows the store (spec/anti-entropy.md 15.4).
#include "sync/pair_set.hpp"

#include <atomic>
#include <map>
#include <thread>

#include "pair_support.hpp"
#include "store/memory_store.hpp"

using namespace dnsmesh;
using namespace dnsmesh::sync;

namespace {

struct House {
  ManualClock clock{k_now_ms};
  PairSet pairs{clock};

  void put(const store::Record& row) {
    const store::Change change = put_of_row(row);
    pairs.apply({&change, 1});
  }
  void remove(const store::Record& row) {
    const store::Change change = removal_of_row(row, row.rseq + 1);
    pairs.apply({&change, 1});
  }
};

/// A store that tells a pair set.
struct StoreHouse {
  ManualClock clock{k_now_ms};
  SeededRandom random{1};
  std::unique_ptr<store::RecordStore> store = store::make_memory_store(clock, random);
  PairSet pairs{clock};

  StoreHouse() {
    store->set_listener([this](std::span<const store::Change> changes) { pairs.apply(changes); });
  }
  void commit(store::Operation operation) {
    store::Batch batch;
    batch.operations.push_back(std::move(operation));
    CHECK(store::commit_and_wait(*store, std::move(batch)).has_value());
  }
};

store::Put any_put(Random& random) {
  store::Put put;
  put.name = "n" + std::to_string(random.below(6)) + ".example";
  put.value = "v" + std::to_string(random.below(5));
  put.ttl_s = static_cast<std::int64_t>(random.below(60)) + 1;
  if (random.below(5) == 0) put.offer.reason = ErrorCode::record_unknown_type;
  if (random.below(3) == 0) put.offer.valid_until_s = k_now_s + static_cast<std::int64_t>(random.below(60));
  return put;
}

}  // namespace

TEST_CASE("ids and fingerprints are those of the specification") {
  const store::PairKey first{"a.test", crypto::sha256("v")};
  const store::PairKey second{"mesh.example.com", crypto::sha256("\xC3\xA9")};
  CHECK(to_hex(view(pair_id(first))) == "0f3d8b22f5077cb50296ca8561949fdbcec256b53a26b45f506eb3b195c60646");
  CHECK(to_hex(view(pair_id(second))) == "3d00fb67d8fa673034acf14a14959a5da6112a6cf93355e7198282e29e3980b3");
  House house;
  CHECK(to_hex(view(house.pairs.fingerprint({}))) == "7f9c9e31ac8256ca2f258583df262dbc");
  house.pairs.load(row_of(first.name, "v"));
  CHECK(to_hex(view(house.pairs.fingerprint({}))) == "2aa1c681d28de574e5a1c25a2fffbfda");
  house.pairs.load(row_of(second.name, "\xC3\xA9"));
  CHECK(to_hex(view(house.pairs.fingerprint({}))) == "3f79da417548b38f10d14718ad4812ce");
}

TEST_CASE("a pair is in the set while it has more than 30 seconds of life") {
  House house;
  house.put(row_of("a.example", "one", 31));
  house.put(row_of("a.example", "two", 30));
  CHECK(house.pairs.count() == 1);
  house.clock.advance_ms(999);
  CHECK(house.pairs.count() == 1);
  house.clock.advance_ms(1);
  CHECK(house.pairs.count() == 0);
  CHECK(house.pairs.ids({}, 10).empty());
  CHECK(house.pairs.fingerprint({}) == slow_fingerprint({}));
}

TEST_CASE("a pair is in the set up to the last second in which it may be offered") {
  House house;
  store::Record ending = row_of("a.example", "one");
  ending.offer.valid_until_s = k_now_s + 5;
  store::Record refused = row_of("a.example", "two");
  refused.offer.reason = ErrorCode::record_unknown_type;
  house.put(ending);
  house.put(refused);
  CHECK(house.pairs.count() == 1);
  house.clock.advance_ms(5'999);
  CHECK(house.pairs.contains(id_of_row(ending)));
  house.clock.advance_ms(1);
  CHECK_FALSE(house.pairs.contains(id_of_row(ending)));
  CHECK(house.pairs.count() == 0);
}

TEST_CASE("a refresh gives a pair its new end and number, and a pair no longer offered leaves") {
  House house;
  store::Record row = row_of("a.example", "one", 40, 5);
  house.put(row);
  CHECK(house.pairs.rseq_of(id_of_row(row)) == 5);
  row.expires_s += 1000;
  row.rseq = std::int64_t{1} << 40;
  house.put(row);
  house.clock.advance_ms(20'000);
  CHECK(house.pairs.count() == 1);
  CHECK(house.pairs.rseq_of(id_of_row(row)) == std::int64_t{1} << 40);
  row.offer.reason = ErrorCode::record_unknown_type;
  house.put(row);
  CHECK(house.pairs.count() == 0);
  CHECK_FALSE(house.pairs.rseq_of(id_of_row(row)).has_value());
}

TEST_CASE("a clock that is set back brings back what the store still has") {
  House house;
  const store::Record row = row_of("a.example", "one", 40);
  house.put(row);
  house.clock.advance_ms(60'000);
  CHECK(house.pairs.count() == 0);
  CHECK(house.pairs.rseq_of(id_of_row(row)) == 1);
  house.clock.set_wall_ms(k_now_ms);
  CHECK(house.pairs.count() == 1);
  house.clock.set_wall_ms(k_now_ms + 60'000);
  house.remove(row);
  house.clock.set_wall_ms(k_now_ms);
  CHECK(house.pairs.count() == 0);
}

TEST_CASE("ranges are half open, and one whose ends are not in order is empty") {
  House house;
  SeededRandom random(3);
  std::vector<crypto::Hash256> ids;
  for (int i = 0; i < 50; ++i) {
    const store::Record row = random_row(random);
    house.pairs.load(row);
    ids.push_back(id_of_row(row));
  }
  std::ranges::sort(ids);
  const IdRange middle{.lower = ids[10], .upper = ids[20]};
  CHECK(house.pairs.count(middle) == 10);
  CHECK(house.pairs.ids(middle, 100) == std::vector(ids.begin() + 10, ids.begin() + 20));
  CHECK(house.pairs.ids(middle, 3) == std::vector(ids.begin() + 10, ids.begin() + 13));
  CHECK(house.pairs.ids(middle, 0).empty());
  CHECK(house.pairs.id_at(middle, 0) == ids[10]);
  CHECK(house.pairs.id_at(middle, 9) == ids[19]);
  CHECK_FALSE(house.pairs.id_at(middle, 10).has_value());
  CHECK(house.pairs.count({.lower = ids[40], .upper = {}}) == 10);
  for (const IdRange& nothing :
       {IdRange{.lower = ids[20], .upper = ids[10]}, IdRange{.lower = ids[7], .upper = ids[7]}}) {
    CHECK(house.pairs.count(nothing) == 0);
    CHECK(house.pairs.ids(nothing, 100).empty());
    CHECK(house.pairs.split(nothing, 16).empty());
    CHECK_FALSE(house.pairs.id_at(nothing, 0).has_value());
    CHECK(house.pairs.fingerprint(nothing) == slow_fingerprint({}));
  }
}

TEST_CASE("a split covers its range with parts of nearly equal counts and short bounds") {
  House house;
  SeededRandom random(4);
  for (int i = 0; i < 1000; ++i) house.pairs.load(random_row(random));
  const auto ids = house.pairs.ids({}, 1000);
  const IdRange range{.lower = ids[5], .upper = ids[905]};
  for (const std::size_t parts :
       {std::size_t{1}, std::size_t{7}, std::size_t{16}, std::size_t{900}, std::size_t{5000}}) {
    const auto split = house.pairs.split(range, parts);
    REQUIRE(split.size() == std::min<std::size_t>(parts, 900));
    CHECK(split.front().range.lower == range.lower);
    CHECK(split.back().range.upper == range.upper);
    for (std::size_t i = 0; i < split.size(); ++i) {
      const auto inside = house.pairs.ids(split[i].range, 1000);
      CHECK(inside.size() >= 900 / split.size());
      CHECK(inside.size() <= 900 / split.size() + 1);
      CHECK(split[i].fingerprint == slow_fingerprint(inside));
      if (i > 0) CHECK(split[i - 1].range.upper == split[i].range.lower);
      if (i > 0)
        CHECK(std::ranges::count_if(split[i].range.lower, [](unsigned char octet) { return octet != 0; }) <= 5);
    }
  }
}

TEST_CASE("the set is the same as what the store offers, in random histories") {
  for (std::uint64_t seed = 0; seed < 40; ++seed) {
    CAPTURE(seed);
    StoreHouse house;
    SeededRandom random(seed);
    for (int step = 0; step < 50; ++step) {
      const std::uint64_t what = random.below(10);
      if (what < 6) {
        house.commit(any_put(random));
      } else if (what < 8) {
        store::Delete deletion{"n" + std::to_string(random.below(6)) + ".example", {}};
        if (random.below(2) == 0) deletion.value = "v" + std::to_string(random.below(5));
        house.commit(deletion);
      } else if (what == 8) {
        house.clock.advance_ms(static_cast<std::int64_t>(random.below(20'000)));
      } else {
        CHECK(house.store->sweep_expired(2).has_value());
      }
      std::map<crypto::Hash256, std::int64_t> expected;
      const std::int64_t now_s = house.clock.wall_s();
      const auto page = house.store->changes(0, 1000);
      for (const store::Record& row : page->records) {
        if (row.expires_s - now_s > limits::reconcile_life_s_min) expected[id_of_row(row)] = row.rseq;
      }
      std::vector<crypto::Hash256> ids;
      for (const auto& [id, rseq] : expected) ids.push_back(id);
      CHECK(house.pairs.ids({}, 1000) == ids);
      CHECK(house.pairs.count() == ids.size());
      CHECK(house.pairs.fingerprint({}) == slow_fingerprint(ids));
      for (const auto& [id, rseq] : expected) CHECK(house.pairs.rseq_of(id) == rseq);
      CHECK(house.pairs.agrees_with(*house.store).value());
    }
  }
}

TEST_CASE("a set that missed a change does not agree with its store") {
  StoreHouse house;
  store::Put put;
  put.name = "a.example";
  put.value = "one";
  put.ttl_s = 1000;
  house.commit(put);
  CHECK(house.pairs.agrees_with(*house.store).value());
  const store::Record row = house.store->values_at("a.example")->at(0);
  SUBCASE("a pair is missing") {
    const store::Change change = removal_of_row(row, 2);
    house.pairs.apply({&change, 1});
  }
  SUBCASE("a pair is left over") {
    const store::Change change = put_of_row(row_of("b.example", "x"));
    house.pairs.apply({&change, 1});
  }
  SUBCASE("a pair has an old number") {
    store::Change change = put_of_row(row);
    change.rseq = 7;
    house.pairs.apply({&change, 1});
  }
  CHECK_FALSE(house.pairs.agrees_with(*house.store).value());
  house.store->close();
  CHECK(house.pairs.agrees_with(*house.store).error().code == ErrorCode::store_closed);
}

TEST_CASE("readers of a set that is being written get whole answers") {
  House house;
  SeededRandom random(9);
  std::vector<store::Record> rows;
  for (int i = 0; i < 200; ++i) rows.push_back(random_row(random));
  std::vector<store::Change> in;
  std::vector<store::Change> out;
  for (const store::Record& row : rows) {
    in.push_back(put_of_row(row));
    out.push_back(removal_of_row(row, 2));
  }
  const Fingerprint none = house.pairs.fingerprint({});
  house.pairs.apply(in);
  const Fingerprint all = house.pairs.fingerprint({});
  std::atomic<bool> stop{false};
  std::thread writer([&] {
    while (!stop) {
      house.pairs.apply(out);
      house.pairs.apply(in);
    }
  });
  for (int i = 0; i < 200; ++i) {
    const std::size_t listed = house.pairs.ids({}, 1000).size();
    CHECK((listed == 0 || listed == rows.size()));
    const Fingerprint fingerprint = house.pairs.fingerprint({});
    CHECK((fingerprint == none || fingerprint == all));
    const std::size_t parts = house.pairs.split({}, 16).size();
    CHECK((parts == 0 || parts == 16));
  }
  stop = true;
  writer.join();
}
