// SPDX-License-Identifier: Apache-2.0
// Random histories on both stores and on a map: the three agree after every step.
#include <doctest/doctest.h>

#include <algorithm>
#include <map>
#include <set>

#include "base/utf8.hpp"
#include "store_fixture.hpp"

using namespace dnsmesh;
using namespace dnsmesh::store;

namespace {

constexpr std::int64_t k_cap = 4;

/// The semantics of puts and deletes, written down a second time and as simply as possible.
class Model {
 public:
  Outcome put(const Put& put, std::int64_t now_s, bool& refused) {
    const std::pair key(put.name, put.value);
    const auto found = rows_.find(key);
    const std::set<std::string> live = values(fold_ascii(put.name), now_s);
    refused = put.values_per_name_max > 0 && !live.contains(put.value) &&
              live.size() >= static_cast<std::size_t>(put.values_per_name_max);
    if (refused) return Outcome::unchanged;
    const bool present = found != rows_.end();
    if (present && found->second > now_s && put.ttl_rule == TtlRule::never_shorten &&
        now_s + put.ttl_s <= found->second) {
      return Outcome::unchanged;
    }
    std::erase_if(rows_, [&](const auto& row) {
      return fold_ascii(row.first.first) == fold_ascii(put.name) && row.first != key && row.second <= now_s;
    });
    rows_[key] = now_s + put.ttl_s;
    return present ? Outcome::refreshed : Outcome::inserted;
  }

  Outcome remove(const Delete& deletion) {
    const auto count = std::erase_if(rows_, [&](const auto& row) {
      return fold_ascii(row.first.first) == fold_ascii(deletion.name) &&
             (!deletion.value || row.first.second == *deletion.value);
    });
    return count > 0 ? Outcome::removed : Outcome::absent;
  }

  std::size_t sweep(std::int64_t now_s) {
    return std::erase_if(rows_, [now_s](const auto& row) { return row.second <= now_s; });
  }

  std::set<std::string> values(const std::string& folded_name, std::int64_t now_s) const {
    std::set<std::string> out;
    for (const auto& [key, expires_s] : rows_) {
      if (fold_ascii(key.first) == folded_name && expires_s > now_s) out.insert(key.second);
    }
    return out;
  }

 private:
  std::map<std::pair<std::string, std::string>, std::int64_t> rows_;
};

const std::vector<std::string> k_names = {"a.example", "A.example", "b.example", "B.EXAMPLE", "c.example"};

std::string any_name(Random& random) { return k_names[random.below(k_names.size())]; }
std::string any_value(Random& random) { return "v" + std::to_string(random.below(7)); }

Put any_put(Random& random) {
  Put put = put_of(any_name(random), any_value(random), static_cast<std::int64_t>(random.below(8)) + 1);
  put.ttl_rule = random.below(2) == 0 ? TtlRule::never_shorten : TtlRule::last_write_wins;
  put.values_per_name_max = random.below(2) == 0 ? k_cap : 0;
  put.rrset_bounded = random.below(2) == 0;
  if (random.below(5) == 0) put.offer.reason = ErrorCode::record_unknown_type;
  if (random.below(5) == 0) put.offer.valid_until_s = k_start_s + static_cast<std::int64_t>(random.below(20));
  return put;
}

Delete any_delete(Random& random) {
  Delete deletion{any_name(random), {}, static_cast<std::int64_t>(random.below(2)) * 10};
  if (random.below(3) != 0) deletion.value = any_value(random);
  return deletion;
}

Tombstone any_tombstone(Random& random) {
  Tombstone entry{any_name(random), crypto::sha256(any_value(random)), k_start_ms,
                  k_start_s + static_cast<std::int64_t>(random.below(30)), 0};
  if (random.below(4) == 0) entry.life_until_s = k_start_s + static_cast<std::int64_t>(random.below(10));
  return entry;
}

/// Every pair that a history can hold.
std::vector<PairKey> all_keys() {
  std::vector<PairKey> keys;
  for (int value = 0; value < 7; ++value) {
    for (const std::string& name : k_names) keys.push_back({name, crypto::sha256("v" + std::to_string(value))});
  }
  return keys;
}

/// The change feed in short pages.
void check_twin_pages(RecordStore& memory, RecordStore& sqlite) {
  std::int64_t after = 0;
  for (bool more = true; more;) {
    const auto page = memory.changes(after, 3);
    const auto twin = sqlite.changes(after, 3);
    CHECK(page->records == twin->records);
    CHECK(page->tombstones == twin->tombstones);
    CHECK(page->next == twin->next);
    CHECK(page->has_more == twin->has_more);
    more = page->has_more && page->next > after;
    after = page->next;
  }
}

std::vector<Record> by_rseq(Result<std::vector<Record>> rows) {
  REQUIRE(rows.has_value());
  std::ranges::sort(*rows, {}, &Record::rseq);
  return *std::move(rows);
}

void check_twin_look_ups(RecordStore& memory, RecordStore& sqlite) {
  const std::vector<PairKey> keys = all_keys();
  const auto states = memory.states_of(keys);
  const auto twin = sqlite.states_of(keys);
  for (std::size_t i = 0; i < keys.size(); ++i) {
    CHECK((*states)[i].expires_s == (*twin)[i].expires_s);
    const auto end_of = [](const Tombstone& entry) { return std::pair(entry.until_s, entry.life_until_s); };
    CHECK((*states)[i].tombstone.transform(end_of) == (*twin)[i].tombstone.transform(end_of));
  }
  CHECK(by_rseq(memory.rows_of(keys)) == by_rseq(sqlite.rows_of(keys)));
  std::vector<std::int64_t> rseqs;
  for (std::int64_t rseq = 1; rseq <= memory.epoch().high; rseq += 2) rseqs.push_back(rseq);
  CHECK(*memory.rows_at(rseqs) == *sqlite.rows_at(rseqs));
  CHECK(*memory.rows_under("b.", 3) == *sqlite.rows_under("b.", 3));
}

void check_twins(RecordStore& memory, RecordStore& sqlite) {
  for (const std::string& name : k_names) {
    CHECK(*memory.values_at(fold_ascii(name)) == *sqlite.values_at(fold_ascii(name)));
    CHECK(*memory.values_at_exactly(name) == *sqlite.values_at_exactly(name));
  }
  CHECK(*memory.values_at_names(k_names) == *sqlite.values_at_names(k_names));
  CHECK(memory.digest({}, 100)->records == sqlite.digest({}, 100)->records);
  CHECK(memory.changes(0, 100)->records == sqlite.changes(0, 100)->records);
  CHECK(memory.changes(0, 100)->tombstones == sqlite.changes(0, 100)->tombstones);
  check_twin_pages(memory, sqlite);
  check_twin_look_ups(memory, sqlite);
  CHECK(memory.epoch().high == sqlite.epoch().high);
}

/// In steps, to the end: which of the rows of one second go first is each store's own affair.
void sweep_twins(RecordStore& memory, RecordStore& sqlite) {
  std::size_t rows = 1;
  while (rows > 0) {
    rows = memory.sweep_expired(3)->rows();
    CHECK(sqlite.sweep_expired(3)->rows() == rows);
  }
}

void step_clock(Random& random, ManualClock& clock) {
  if (random.below(3) == 0) clock.advance_ms(static_cast<std::int64_t>(random.below(1'500)));
  if (random.below(30) == 0) clock.set_wall_ms(clock.wall_ms() - 500);
}

}  // namespace

TEST_CASE("both stores agree with a map in random histories") {
  constexpr std::uint64_t k_seeds = 150;
  for (std::uint64_t seed = 0; seed < k_seeds; ++seed) {
    CAPTURE(seed);
    SqliteHouse house;
    SeededRandom id(seed);
    const auto memory = make_memory_store(house.clock, id);
    SeededRandom random(seed);
    Model model;
    for (int step = 0; step < 25; ++step) {
      step_clock(random, house.clock);
      const std::int64_t now_s = house.clock.wall_s();
      const std::uint64_t what = random.below(10);
      if (what == 0) {
        const std::size_t swept = model.sweep(now_s);
        CHECK(memory->sweep_expired(1000)->records == swept);
        CHECK(house.store->sweep_expired(1000)->records == swept);
      } else {
        Operation operation = what < 8 ? Operation(any_put(random)) : Operation(any_delete(random));
        bool refused = false;
        const Outcome expected =
            what < 8 ? model.put(std::get<Put>(operation), now_s, refused) : model.remove(std::get<Delete>(operation));
        const auto in_memory = commit(*memory, operation);
        const auto in_file = commit(*house.store, operation);
        REQUIRE(in_memory.has_value() == !refused);
        REQUIRE(in_file.has_value() == !refused);
        if (!refused) {
          CHECK(in_memory->outcomes.at(0) == expected);
          CHECK(in_file->outcomes.at(0) == expected);
          CHECK(in_file->stored_ms == in_memory->stored_ms);
        }
      }
      for (const std::string name : {"a.example", "b.example", "c.example"}) {
        const auto values = values_at(*memory, name);
        CHECK(std::set(values.begin(), values.end()) == model.values(name, now_s));
      }
      check_twins(*memory, *house.store);
    }
  }
}

TEST_CASE("both stores agree on batches that peers and publishers mix") {
  constexpr std::uint64_t k_seeds = 100;
  for (std::uint64_t seed = 1000; seed < 1000 + k_seeds; ++seed) {
    CAPTURE(seed);
    SqliteHouse house;
    SeededRandom id(seed);
    const auto memory = make_memory_store(house.clock, id);
    SeededRandom random(seed);
    for (int step = 0; step < 15; ++step) {
      step_clock(random, house.clock);
      std::vector<Operation> operations;
      for (std::uint64_t i = random.below(5); i > 0; --i) {
        const std::uint64_t kind = random.below(10);
        if (kind < 2) {
          operations.emplace_back(any_delete(random));
          continue;
        }
        if (kind == 2) {
          operations.emplace_back(any_tombstone(random));
          continue;
        }
        Put put = any_put(random);
        put.from_peer = random.below(2) == 0;
        operations.emplace_back(std::move(put));
      }
      const auto in_memory = commit_all(*memory, operations);
      const auto in_file = commit_all(*house.store, operations);
      REQUIRE(in_memory.has_value() == in_file.has_value());
      if (in_file) CHECK(in_memory->outcomes == in_file->outcomes);
      if (random.below(6) == 0) sweep_twins(*memory, *house.store);
      check_twins(*memory, *house.store);
      if (random.below(20) == 0) {
        // A restart takes a new millisecond; the twin is moved on likewise by a closed one.
        house.clock.advance_ms(1'000);
        house.reopen();
      }
    }
  }
}
