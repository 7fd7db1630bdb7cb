// SPDX-License-Identifier: Apache-2.0
// Where the worker stands in a classic feed: spec/anti-entropy.md 6.3 and 8, rows of 16.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>
#include <string>

#include "liar.hpp"

using namespace dnsmesh;
using sync::RecordResult;
using test::k_start_ms;
using test::Liar;
using test::LiarRow;
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
  std::string last_digest() const {
    for (auto at = peer.requests.rbegin(); at != peer.requests.rend(); ++at) {
      if (at->target.starts_with("/v1/sync/digest")) return at->target;
    }
    return {};
  }
};

/// Rows that are listed and can never be taken.
std::vector<LiarRow> bad_rows(int count, std::int64_t ts_ms = k_start_ms - 1000) {
  std::vector<LiarRow> rows;
  for (int i = 0; i < count; ++i) rows.push_back({fmt::format("bad{:05}.test", i), "v=dmp9;nonsense", ts_ms});
  return rows;
}

}  // namespace

TEST_CASE("F5 what the peer says about cursors is used for nothing") {
  for (const std::string next : {"9999999999999:z:", "0::", "garbage", "1:a:b:c"}) {
    CAPTURE(next);
    Alone alone;
    alone.liar.next_cursor = next;
    alone.liar.rows = {{"a.test", "value"}, {"b.test", "value"}};
    alone.run();
    CHECK(alone.house.own.count() == 2);
    CHECK(alone.house.watermark_name() == "b.test");
  }
}

TEST_CASE("F26 a listed record that a pull does not return holds the watermark once, then goes to quarantine") {
  Alone alone;
  alone.house.options.interval_ms = 20000;
  alone.liar.rows = {{"a.test", "value"}, {"b.test", "value"}, {"c.test", "value"}};
  alone.liar.rows[1].withheld = true;
  alone.house.start();
  alone.house.advance_ms(1100);
  CHECK(alone.house.own.count() == 2);  // what follows the hole flows on
  CHECK(alone.house.watermark_name() == "a.test");
  CHECK(alone.house.quarantined().empty());
  CHECK(alone.house.status().state == "behind");
  alone.house.advance_ms(20000);
  CHECK(alone.house.watermark_name() == "c.test");
  CHECK(alone.house.quarantined().at(0).reason == "missing");
}

TEST_CASE("a quarantined record is asked for again after a minute and let in once it is good") {
  Alone alone;
  alone.liar.rows = {{"a.test", "value"}};
  alone.liar.rows[0].pulled = "lie";
  alone.run();
  REQUIRE(alone.house.quarantined().size() == 1);
  alone.liar.rows[0].pulled.reset();
  alone.house.advance_ms(30000);
  CHECK(alone.house.own.count() == 0);
  alone.house.advance_ms(60000);
  CHECK(alone.house.own.holds("a.test", "value"));
  CHECK(alone.house.quarantined().empty());
}

TEST_CASE("a quarantined record is let go of when two pulls in a row do not return it, or its life is over") {
  Alone alone;
  alone.liar.rows = {{"gone.test", "v=dmp9;x", k_start_ms - 2, 100000}, {"short.test", "v=dmp9;y", k_start_ms - 1, 20}};
  alone.run();
  CHECK(alone.house.quarantined().size() == 2);
  alone.house.advance_ms(30000);
  CHECK(alone.house.quarantined().size() == 1);
  alone.liar.rows.clear();
  alone.house.advance_ms(400000);
  CHECK(alone.house.quarantined().empty());
}

TEST_CASE("when quarantine is full the watermark stops, later records flow on, and the operator hears of it") {
  Alone alone;
  alone.liar.rows = bad_rows(4200);
  alone.liar.rows.push_back({"good.test", "value", k_start_ms - 500});
  alone.house.start();
  alone.house.advance_ms(20000);
  CHECK(alone.house.own.holds("good.test", "value"));
  CHECK(alone.house.quarantined().size() == 4096);
  CHECK(alone.house.watermark_name() == "bad04095.test");
  CHECK(alone.house.worker->status().quarantine_full > 0);
}

TEST_CASE("at one name no more than 64 pairs are quarantined") {
  Alone alone;
  for (int i = 0; i < 70; ++i) alone.liar.rows.push_back({"a.test", fmt::format("v=dmp9;{}", i)});
  alone.run();
  CHECK(alone.house.quarantined().size() == 64);
}

TEST_CASE("F22 names that can never be accepted are passed over, in wm and scan") {
  Alone alone;
  alone.liar.rows = {{"a b.test", "value", k_start_ms - 3}, {"dot.test.", "value", k_start_ms - 2}};
  alone.run();
  CHECK(alone.liar.pulls.empty());
  CHECK(alone.house.watermark_name() == "dot.test.");
  CHECK(alone.house.quarantined().empty());
}

TEST_CASE("F21 entries of the future give no position, and count when the clock has come there") {
  Alone alone;
  alone.liar.rows = {{"a.test", "value"}, {"future.test", "value", k_start_ms + 70000}};
  alone.run();
  CHECK(alone.house.watermark_name() == "a.test");
  CHECK(alone.house.own.count() == 1);
  alone.house.advance_ms(10000);
  CHECK(alone.house.own.count() == 2);
}

TEST_CASE("F35 the clock of a peer that is fast is believed by its Date") {
  Alone alone;
  alone.liar.rows = {{"future.test", "value", k_start_ms + 3000000}};
  alone.liar.date_s = k_start_ms / 1000 + 3000;
  alone.run();
  CHECK(alone.house.own.count() == 1);
  CHECK(alone.house.status().clock_offset_s.value() > 2900);
}

TEST_CASE("F24 a burst in one millisecond larger than a page is paged by name") {
  WorkerHouse house;
  auto& peer = house.add_peer("a");
  store::Batch batch;
  for (int i = 0; i < 2500; ++i) {
    batch.operations.emplace_back(
        store::Put{.name = fmt::format("n{:04}.test", i), .value = "v", .ttl_s = 3600, .offer = {}});
  }
  REQUIRE(store::commit_and_wait(*peer.node.store, std::move(batch)).has_value());
  house.start();
  house.pass();
  CHECK(house.own.count() == 2500);
}

TEST_CASE("a page out of order is sorted, counted from where we stand, and read once") {
  Alone alone;
  alone.liar.rows = {{"b.test", "2", k_start_ms - 1}, {"a.test", "1", k_start_ms - 2}, {"b.test", "2", k_start_ms - 1}};
  alone.run();
  CHECK(alone.house.own.count() == 2);
  CHECK(alone.house.watermark_name() == "b.test");
}

TEST_CASE("a peer that always says more, or repeats its page, ends a pass all the same") {
  Alone alone;
  alone.liar.rows = {{"a.test", "1"}};
  alone.liar.has_more = true;
  alone.liar.ignore_cursor = true;
  alone.run();
  CHECK(alone.house.own.count() == 1);
  CHECK(alone.peer.requests.size() < 12);
}

TEST_CASE("a row that an existing server lost below the watermark is found by looking back") {
  Alone alone;
  alone.liar.rows = {{"b.test", "2", k_start_ms - 10}};
  alone.run();
  alone.liar.rows.insert(alone.liar.rows.begin(), {"a.test", "1", k_start_ms - 20});
  alone.house.pass();
  CHECK(alone.house.own.count() == 2);
  CHECK(alone.house.watermark_name() == "b.test");
}

TEST_CASE("a row below an old watermark is found by the hourly scan") {
  Alone alone;
  alone.liar.rows = {{"b.test", "2", k_start_ms - 10}};
  alone.run();
  alone.house.advance_ms(60000);
  alone.liar.rows.insert(alone.liar.rows.begin(), {"a.test", "1", k_start_ms - 60000, 100000});
  alone.house.pass();
  CHECK(alone.house.own.count() == 1);
  alone.house.advance_ms(4400000);
  CHECK(alone.house.own.holds("a.test", "1"));
}

TEST_CASE("after a restart reading resumes a minute below the stored watermark") {
  Alone alone;
  alone.liar.rows = {{"a.test", "1", k_start_ms - 10}};
  alone.run();
  alone.peer.requests.clear();
  alone.house.start();
  alone.house.advance_ms(1100);
  REQUIRE(!alone.peer.requests.empty());
  CHECK(alone.peer.requests[0].target.starts_with(fmt::format("/v1/sync/digest?cursor={}::", k_start_ms - 60010)));
}

TEST_CASE("a stored watermark that is ahead of both clocks is discarded") {
  Alone alone;
  const sync::Peer peer = alone.house.set.peers[0];
  const sync::ClassicPosition ahead{.wm = {k_start_ms + 200000, "z.test", ""}, .full_scan_s = k_start_ms / 1000};
  alone.house.own.commit(store::SetPosition{peer.endpoint, "classic", write_position(ahead, peer, 0)});
  alone.liar.rows = {{"a.test", "1", k_start_ms - 100000}};
  alone.run();
  CHECK(alone.house.own.count() == 1);
}

TEST_CASE("F25 more pairs than a pull takes go in several pulls that existing servers can read") {
  Alone alone;
  for (int i = 0; i < 300; ++i) alone.liar.rows.push_back({fmt::format("{:03}{}.test", i, std::string(70, 'n')), "v"});
  alone.run();
  CHECK(alone.house.own.count() == 300);
  for (const auto& request : alone.peer.requests) CHECK(request.body.size() < 16384);
  for (const auto& names : alone.liar.pulls) CHECK(names.size() <= 256);
}

TEST_CASE("what another peer is giving us is not asked for twice") {
  WorkerHouse house;
  auto& a = house.add_peer("a");
  auto& b = house.add_peer("b");
  for (int i = 0; i < 200; ++i) {
    a.node.put(fmt::format("n{:04}.test", i), "value");
    b.node.put(fmt::format("n{:04}.test", i), "value");
  }
  a.delay_ms = b.delay_ms = 700;
  house.start();
  house.advance_ms(10000);
  CHECK(house.own.count() == 200);
  CHECK(a.asked("/v1/sync/pull") + b.asked("/v1/sync/pull") == 1);
  CHECK(house.watermark_name(0) == "n0199.test");
  CHECK(house.watermark_name(1) == "n0199.test");
}

TEST_CASE("a slow peer delays no other for long by what it is about to give") {
  WorkerHouse house;
  auto& a = house.add_peer("a");
  auto& b = house.add_peer("b");
  a.node.put("x.test", "value");
  b.node.put("x.test", "value");
  b.node.put("y.test", "value");
  a.tamper = [&](const sync::PeerRequest& request, sync::PeerAnswer&) {
    a.delay_ms = request.target == "/v1/sync/pull" ? 29000 : 0;
  };
  b.delay_ms = 1200;
  house.start();
  house.advance_ms(12000);
  CHECK(house.own.count() == 2);
  CHECK(house.watermark_name(1) == "y.test");
}
