// SPDX-License-Identifier: Apache-2.0
// Extended peers that restart, are restored, delete, or lie (spec/anti-entropy.md 15 and 18).
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>
#include <string>

#include "worker_house.hpp"

using namespace dnsmesh;
using sync::RecordResult;
using test::FakePeer;
using test::WorkerHouse;

namespace {

void replace_all(std::string& text, const std::string& from, const std::string& to) {
  for (std::size_t at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size())) {
    text.replace(at, from.size(), to);
  }
}

/// Another store behind the same endpoint, as after a restart, a restore or a loss.
void give_store(FakePeer& peer, std::unique_ptr<store::RecordStore> store) {
  peer.server->stop();
  peer.server.reset();
  peer.node.store = std::move(store);
  peer.node.listen();
  peer.server = std::make_unique<sync::Server>(
      sync::ServerOptions{"peer", true}, *peer.node.store, peer.node.pairs, peer.clock, *peer.loop,
      [] { return std::optional<sync::ServedManifest>(); }, [](const sync::Hint&) { return true; });
  peer.node.changed = [&peer] { peer.server->moved(); };
}

}  // namespace

TEST_CASE("F32 a peer with another database is met again and read from its start") {
  WorkerHouse house(true);
  auto& peer = house.add_peer("a");
  for (int i = 0; i < 50; ++i) peer.node.put(fmt::format("n{:04}.test", i), "value");
  house.start();
  house.pass();
  peer.requests.clear();
  give_store(peer, store::with_new_epoch(*peer.node.store, peer.clock, peer.node.random));
  peer.node.put("new.test", "value");
  house.pass();
  house.pass();
  CHECK(house.own.count() == 51);
  CHECK(house.status().state == "current");
  CHECK(peer.asked("/v1/sync/digest") == 1);
  CHECK(peer.asked("/v1/sync/x1/reconcile") >= 1);
  CHECK(house.status().position.starts_with(peer.node.store->epoch().id));
}

TEST_CASE("a restarted peer is read on from where it was, after one comparison") {
  WorkerHouse house(true);
  auto& peer = house.add_peer("a");
  for (int i = 0; i < 50; ++i) peer.node.put(fmt::format("n{:04}.test", i), "value");
  house.start();
  house.pass();
  peer.requests.clear();
  give_store(peer, store::reopened(*peer.node.store, peer.clock, peer.node.random));
  peer.node.put("new.test", "value");
  house.pass();
  house.pass();
  CHECK(house.own.count() == 51);
  CHECK(peer.asked("/v1/sync/digest") == 0);
  CHECK(peer.asked("/v1/sync/x1/reconcile") >= 1);
  CHECK(house.status().position.contains(".2:"));
}

TEST_CASE("F33 a peer restored from an old backup is compared with, and its new rows are seen") {
  WorkerHouse house(true);
  auto& peer = house.add_peer("a");
  peer.node.put("old.test", "value");
  auto backup = store::reopened(*peer.node.store, peer.clock, peer.node.random);
  give_store(peer, store::reopened(*peer.node.store, peer.clock, peer.node.random));
  give_store(peer, store::reopened(*peer.node.store, peer.clock, peer.node.random));
  for (int i = 0; i < 50; ++i) peer.node.put(fmt::format("n{:04}.test", i), "value");
  house.start();
  house.pass();
  CHECK(house.own.count() == 51);
  give_store(peer, std::move(backup));
  peer.node.put("after.test", "value");
  house.pass();
  house.pass();
  CHECK(house.own.holds("after.test", "value"));
  CHECK(house.status().state == "current");
}

TEST_CASE("all pairs are compared every ten minutes, which finds what the feed did not say") {
  WorkerHouse house(true);
  auto& peer = house.add_peer("a");
  for (int i = 0; i < 20; ++i) peer.node.put(fmt::format("n{:04}.test", i), "value", 100000);
  house.start();
  house.pass();
  peer.tamper = [](const sync::PeerRequest& request, sync::PeerAnswer& answer) {
    if (request.target.starts_with("/v1/sync/x1/feed")) replace_all(answer.body, "hidden.test", "????????");
  };
  peer.node.put("hidden.test", "value", 100000);
  house.advance_ms(60000);
  CHECK_FALSE(house.own.holds("hidden.test", "value"));
  CHECK(house.status().state == "current");
  house.advance_ms(720000);
  CHECK(house.own.holds("hidden.test", "value"));
}

TEST_CASE("a value that does not hash to what the feed listed goes to quarantine and holds nothing up") {
  WorkerHouse house(true);
  auto& peer = house.add_peer("a");
  peer.tamper = [](const sync::PeerRequest& request, sync::PeerAnswer& answer) {
    if (request.target == "/v1/sync/x1/get") replace_all(answer.body, "\"good\"", "\"evil\"");
  };
  peer.node.put("a.test", "good");
  peer.node.put("b.test", "value");
  house.start();
  house.pass();
  CHECK(house.own.count() == 1);
  CHECK(house.quarantined().at(0).reason == "hash-mismatch");
  CHECK(house.status().position.ends_with(":2"));
}

TEST_CASE("rows that a peer withholds hold its position until they are quarantined, and no other's") {
  WorkerHouse house(true);
  auto& liar = house.add_peer("liar");
  auto& honest = house.add_peer("honest");
  liar.node.put("a.test", "1");
  liar.node.put("b.test", "2");
  honest.node.put("c.test", "3");
  liar.tamper = [](const sync::PeerRequest& request, sync::PeerAnswer& answer) {
    if (request.target == "/v1/sync/x1/get") answer.body = R"({"r": [], "done": 1})";
  };
  house.start();
  house.pass();
  CHECK(house.own.holds("c.test", "3"));
  CHECK(house.status(0).state == "current");
  house.advance_ms(10000);
  CHECK(house.quarantined(0).size() == 2);
  CHECK(house.own.count() == 1);
}

TEST_CASE("feed answers that are malformed, go back or repeat themselves end in a pause, not in a loop") {
  for (
      const std::string& body : {
          std::string("nonsense"),
          std::string(
              R"({"epoch": "EPOCH", "high": 9, "next": 9, "more": true, "reset": false, "now": 1, "mseq": null, "e": 7})"),
          std::string(
              R"({"epoch": "EPOCH", "high": 9, "next": -1, "more": true, "reset": false, "now": 1, "mseq": null, "e": []})"),
      }) {
    CAPTURE(body);
    WorkerHouse house(true);
    auto& peer = house.add_peer("a");
    house.start();
    house.pass();
    peer.requests.clear();
    peer.instead = [&](const sync::PeerRequest& request) -> std::optional<sync::PeerAnswer> {
      if (!request.target.starts_with("/v1/sync/x1/feed")) return std::nullopt;
      sync::PeerAnswer answer;
      answer.status = 200;
      answer.body = body;
      const store::Epoch epoch = peer.node.store->epoch();
      replace_all(answer.body, "EPOCH", fmt::format("{}.{}", epoch.id, epoch.boot));
      return answer;
    };
    house.pass();
    CHECK(house.status().back_off_ms > 0);
    CHECK(peer.requests.size() < 5);
  }
}

TEST_CASE("a peer whose database changes with every answer costs a few requests a tick") {
  WorkerHouse house(true);
  auto& peer = house.add_peer("a");
  int turn = 0;
  peer.tamper = [&](const sync::PeerRequest&, sync::PeerAnswer& answer) {
    replace_all(answer.body, peer.node.store->epoch().id, fmt::format("{:032x}", ++turn));
  };
  house.start();
  house.advance_ms(20000);
  CHECK(peer.requests.size() < 80);
}

TEST_CASE("a comparison that never ends is given up, and the feed is read from its start instead") {
  WorkerHouse house(true);
  auto& peer = house.add_peer("a");
  for (int i = 0; i < 10; ++i) {
    peer.node.put(fmt::format("n{:04}.test", i), "value");
    if (i > 0) house.own.put(fmt::format("n{:04}.test", i), "value");
  }
  peer.tamper = [](const sync::PeerRequest& request, sync::PeerAnswer& answer) {
    if (request.target == "/v1/sync/x1/reconcile") answer.body = "\x61garbage";
  };
  house.start();
  house.advance_ms(10000);
  CHECK(house.own.count() == 10);
  CHECK(peer.asked("/v1/sync/x1/reconcile") < 40);
}

TEST_CASE("F41 a pair deleted here does not come back by comparison") {
  WorkerHouse house(true);
  auto& peer = house.add_peer("a");
  for (int i = 0; i < 10; ++i) {
    peer.node.put(fmt::format("n{:04}.test", i), "value", 100000);
    house.own.put(fmt::format("n{:04}.test", i), "value", 100000);
  }
  house.own.remove("n0003.test", "value");
  house.start();
  house.advance_ms(1500000);
  CHECK(house.own.count() == 9);
  CHECK(house.status().state == "current");
  CHECK(house.count(RecordResult::unsolicited) == 0);
}

TEST_CASE("deletes of a peer are ignored unless the operator allows them") {
  for (const bool allowed : {false, true}) {
    CAPTURE(allowed);
    WorkerHouse house(true);
    house.options.peer_tombstones = allowed;
    auto& peer = house.add_peer("a");
    peer.node.put("a.test", "value");
    peer.node.put("b.test", "value");
    peer.node.put("cluster.mesh.test", "value");
    house.own.put("cluster.mesh.test", "value");
    house.start();
    house.pass();
    peer.node.remove("a.test", "value");
    peer.node.remove("cluster.mesh.test", "value");
    house.pass();
    CHECK(house.own.holds("a.test", "value") == !allowed);
    CHECK(house.own.holds("b.test", "value"));
    CHECK(house.own.holds("cluster.mesh.test", "value"));
  }
}

TEST_CASE("deletes from before the first meeting are honoured too") {
  WorkerHouse house(true);
  house.options.peer_tombstones = true;
  auto& peer = house.add_peer("a");
  for (int i = 0; i < 10; ++i) {
    peer.node.put(fmt::format("n{:04}.test", i), "value", 100000);
    house.own.put(fmt::format("n{:04}.test", i), "value", 100000);
  }
  peer.node.remove("n0003.test", "value");
  house.start();
  house.pass();
  CHECK_FALSE(house.own.holds("n0003.test", "value"));
  CHECK(house.own.count() == 9);
}

TEST_CASE("where pairs were compared at the meeting, the longer lives among the latest changes are learned at once") {
  WorkerHouse house(true);
  auto& peer = house.add_peer("a");
  for (int i = 0; i < 2001; ++i) {
    peer.node.put(fmt::format("n{:04}.test", i), "value", 3000);
    house.own.put(fmt::format("n{:04}.test", i), "value", 100);
  }
  const std::int64_t short_s = house.expiry("n0000.test");
  house.start();
  house.pass();
  CHECK(peer.asked("/v1/sync/x1/reconcile") == 1);
  CHECK(
      std::ranges::any_of(peer.requests, [](const auto& request) { return request.target.contains(":1&limit=2000"); }));
  CHECK(house.expiry("n0000.test") == short_s);  // one change too old
  CHECK(house.expiry("n0001.test") > short_s);
  CHECK(house.expiry("n2000.test") > short_s);
}

TEST_CASE("a life that was lengthened while a known node got another id is learned when it is met again") {
  WorkerHouse house(true);
  auto& peer = house.add_peer("a");
  peer.node.put("kept.test", "value", 100);
  house.start();
  house.pass();
  REQUIRE(house.own.holds("kept.test", "value"));
  const std::int64_t short_s = house.expiry("kept.test");
  house.worker->stop();
  peer.node.put("kept.test", "value", 3000);
  house.set.peers[0].node_id = "renamed";
  house.start();
  house.pass();
  CHECK(house.expiry("kept.test") > short_s);
}

TEST_CASE("of one peer a hundred deletes a minute are honoured, the others later") {
  WorkerHouse house(true);
  house.options.peer_tombstones = true;
  auto& peer = house.add_peer("a");
  for (int i = 0; i < 150; ++i) peer.node.put(fmt::format("n{:04}.test", i), "value", 100000);
  house.start();
  house.pass();
  CHECK(house.own.count() == 150);
  for (int i = 0; i < 150; ++i) peer.node.remove(fmt::format("n{:04}.test", i), "value");
  house.pass();
  CHECK(house.own.count() == 50);
  peer.node.put("later.test", "value");
  house.pass();
  CHECK(house.own.holds("later.test", "value"));
  house.advance_ms(62000);
  CHECK(house.own.count() == 1);
}

TEST_CASE("a manifest is asked of an extended peer only when it announces a higher one") {
  WorkerHouse house(true);
  auto& peer = house.add_peer("a");
  std::optional<std::uint64_t> best = 7;
  house.gossip.take = [&](std::string_view, std::string_view) { best = peer.manifest->seq; };
  house.gossip.best_seq = [&] { return best; };
  peer.manifest = sync::ServedManifest{"v=dmp1;t=cluster;x", 7, 1900000000, "mesh.test"};
  house.start();
  house.advance_ms(20000);
  const std::size_t before = peer.asked("/v1/sync/cluster-manifest");
  CHECK(before <= 1);  // before it was known to be one of ours
  peer.manifest->seq = 8;
  house.advance_ms(20000);
  CHECK(peer.asked("/v1/sync/cluster-manifest") == before + 1);
  CHECK(best == 8);
}

TEST_CASE("a life that reached us through the feed is no longer than the peer's") {
  WorkerHouse house(true);
  auto& peer = house.add_peer("a");
  peer.delay_ms = 1500;
  house.start();
  house.advance_ms(10000);
  peer.node.put("a.test", "value", 100);
  const std::int64_t expiry = peer.node.values("a.test").at(0).expires_s;
  house.advance_ms(10000);
  CHECK(house.expiry("a.test") <= expiry);
  CHECK(house.expiry("a.test") >= expiry - 5);
}
