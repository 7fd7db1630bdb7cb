// SPDX-License-Identifier: Apache-2.0
// Each rule that can be switched off for the simulation makes a difference when it is.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <string>

#include "liar.hpp"

using namespace dnsmesh;
using test::k_start_ms;
using test::Liar;
using test::WorkerHouse;

namespace {

struct Alone {
  WorkerHouse house;
  test::FakePeer& peer = house.add_peer("a");
  Liar liar{peer};

  void run() {
    house.start();
    house.pass();
  }
};

}  // namespace

TEST_CASE("without the hash gate a lie is stored") {
  Alone alone;
  alone.house.bugs.no_hash_gate = true;
  alone.liar.rows = {{"a.test", "value"}};
  alone.liar.rows[0].pulled = "lie";
  alone.run();
  CHECK(alone.house.own.holds("a.test", "lie"));
}

TEST_CASE("without the prefix rule the watermark passes a hole") {
  Alone alone;
  alone.house.bugs.no_prefix_rule = true;
  alone.house.options.interval_ms = 20000;
  alone.liar.rows = {{"a.test", "1"}, {"b.test", "2"}};
  alone.liar.rows[0].withheld = true;
  alone.house.start();
  alone.house.advance_ms(1100);
  CHECK(alone.house.watermark_name() == "b.test");
  CHECK(alone.house.quarantined().empty());
}

TEST_CASE("without the clamp a peer's life is believed") {
  Alone alone;
  alone.house.bugs.no_ttl_clamp = true;
  alone.liar.rows = {{"a.test", "1", k_start_ms - 1, 2000000000}};
  alone.run();
  CHECK(alone.house.expiry("a.test") > k_start_ms / 1000 + 1000000000);
}

TEST_CASE("without subtraction the time on the way lengthens a life") {
  Alone alone;
  alone.house.bugs.no_elapsed = true;
  alone.peer.delay_ms = 4000;
  alone.liar.rows = {{"a.test", "1", k_start_ms - 1, 100}};
  alone.house.start();
  alone.house.advance_ms(9000);
  CHECK(alone.house.expiry("a.test") > k_start_ms / 1000 + 104);
}

TEST_CASE("without its limit quarantine grows") {
  Alone alone;
  alone.house.bugs.no_quarantine_limit = true;
  for (int i = 0; i < 100; ++i) alone.liar.rows.push_back({"a.test", fmt::format("v=dmp9;{}", i)});
  alone.run();
  CHECK(alone.house.quarantined().size() == 100);
}

TEST_CASE("without looking back a lost row stays lost") {
  Alone alone;
  alone.house.bugs.no_look_back = true;
  alone.liar.rows = {{"b.test", "2", k_start_ms - 10}};
  alone.run();
  alone.liar.rows.insert(alone.liar.rows.begin(), {"a.test", "1", k_start_ms - 20});
  alone.house.pass();
  CHECK(alone.house.own.count() == 1);
}

TEST_CASE("with a peer's cursor believed, what it skips is skipped") {
  Alone alone;
  alone.house.bugs.watermark_from_next_cursor = true;
  alone.liar.rows = {{"a.test", "1", k_start_ms - 10}};
  alone.liar.next_cursor = fmt::format("{}::", k_start_ms + 900000);
  alone.run();
  alone.liar.rows.push_back({"b.test", "2", k_start_ms + 500});
  alone.house.pass();
  CHECK(alone.house.own.count() == 1);
}
