// SPDX-License-Identifier: Apache-2.0
#include "sync/quarantine.hpp"

#include <doctest/doctest.h>

#include <string>

#include "base/limits.hpp"

using namespace dnsmesh;
using sync::PairKey;
using sync::QuarantineTable;

namespace {

PairKey pair(int i, std::string name = {}) {
  PairKey key{name.empty() ? "n" + std::to_string(i) : std::move(name), {}};
  key.hash[0] = static_cast<unsigned char>(i);
  key.hash[1] = static_cast<unsigned char>(i >> 8);
  return key;
}

}  // namespace

TEST_CASE("a quarantined pair is due after a minute, doubling to an hour, spread by a fifth") {
  SeededRandom random(1);
  QuarantineTable table("peer");
  std::int64_t expected_s = 60;
  for (int attempt = 1; attempt <= 8; ++attempt) {
    const auto operation = table.put(pair(1), "reason", 100000, 0, random);
    REQUIRE(operation);
    const auto& entry = std::get<store::Quarantine>(*operation);
    CHECK(entry.attempts == attempt);
    CHECK(entry.retry_at_s >= expected_s * 4 / 5);
    CHECK(entry.retry_at_s <= expected_s * 6 / 5);
    CHECK(entry.first_seen_s == 0);
    expected_s = std::min<std::int64_t>(expected_s * 2, 3600);
  }
  CHECK(table.size() == 1);
}

TEST_CASE("what is due comes in the order of its time, no more than asked for") {
  SeededRandom random(1);
  QuarantineTable table("peer");
  table.put(pair(2), "reason", 100000, 500, random);
  table.put(pair(1), "reason", 100000, 0, random);
  CHECK(table.due(40, 10).empty());
  CHECK(table.due(2000, 10) == std::vector{pair(1), pair(2)});
  CHECK(table.due(2000, 1) == std::vector{pair(1)});
}

TEST_CASE("the table is bounded in pairs, in pairs of a name, and in octets") {
  SeededRandom random(1);
  QuarantineTable table("peer");
  for (std::size_t i = 0; i < limits::sync_quarantine_pairs_max; ++i) {
    REQUIRE(table.put(pair(static_cast<int>(i)), "reason", 1, 0, random));
  }
  CHECK_FALSE(table.put(pair(5000), "reason", 1, 0, random));
  CHECK(table.put(pair(1), "again", 1, 0, random));  // what is there stays there
  CHECK(table.release(pair(1)));
  CHECK(table.put(pair(5000), "reason", 1, 0, random));

  QuarantineTable one_name("peer");
  for (std::size_t i = 0; i < limits::sync_quarantine_pairs_per_name_max; ++i) {
    REQUIRE(one_name.put(pair(static_cast<int>(i), "a"), "reason", 1, 0, random));
  }
  CHECK_FALSE(one_name.put(pair(500, "a"), "reason", 1, 0, random));
  CHECK(one_name.put(pair(500, "b"), "reason", 1, 0, random));

  QuarantineTable long_names("peer");
  int taken = 0;
  while (long_names.put(pair(taken, std::to_string(taken) + std::string(240, 'n')), "reason", 1, 0, random)) ++taken;
  CHECK(taken < 3000);
  CHECK(taken > 2000);
  QuarantineTable unlimited("peer", true);
  for (int i = 0; i < 5000; ++i) CHECK(unlimited.put(pair(i), "reason", 1, 0, random));
}

TEST_CASE("a pair leaves at the second pull in a row without it, or when its life is over") {
  SeededRandom random(1);
  QuarantineTable table("peer");
  table.put(pair(1), "reason", 100, 0, random);
  table.put(pair(2), "reason", 200, 0, random);
  CHECK_FALSE(table.not_returned(pair(1)));
  table.put(pair(1), "reason", 100, 0, random);  // it came, and was as bad as before
  CHECK_FALSE(table.not_returned(pair(1)));
  CHECK(table.not_returned(pair(1)));
  CHECK_FALSE(table.not_returned(pair(3)));
  table.listed(pair(1), 300);
  table.listed(pair(4), 300);
  CHECK(table.release_ended(200).size() == 1);
  CHECK(table.contains(pair(1)));
  CHECK_FALSE(table.contains(pair(2)));
  CHECK_FALSE(table.release(pair(2)));
}

TEST_CASE("what the store kept comes back, without what must be over by now") {
  QuarantineTable table("peer");
  store::Quarantine kept{.peer = "peer",
                         .name = "a",
                         .value_hash = {},
                         .reason = "r",
                         .retry_at_s = 50,
                         .attempts = 2,
                         .first_seen_s = 10,
                         .until_s = 110};
  store::Quarantine over = kept;
  over.name = "b";
  over.until_s = 20;
  table.load({kept, over, kept}, 20);
  CHECK(table.size() == 1);
  CHECK(table.advertised_until_s({"a", {}}) == 110);
  CHECK(table.advertised_until_s({"x", {}}) == 0);
  CHECK(table.reasons() == std::vector<std::pair<std::string, std::uint64_t>>{{"r", 1}});
  CHECK(table.pairs() == std::vector{PairKey{"a", {}}});
}
