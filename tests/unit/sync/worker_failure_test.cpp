// SPDX-License-Identifier: Apache-2.0
// Peers that fail, refuse or are too busy; a store that fails; who is read at all. Rows of spec/anti-entropy.md 16.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <string>

#include "liar.hpp"
#include "slow_store.hpp"

using namespace dnsmesh;
using test::k_start_ms;
using test::Liar;
using test::WorkerHouse;

namespace {

sync::PeerAnswer status_answer(int status) {
  sync::PeerAnswer answer;
  answer.status = status;
  answer.body = "{}";
  return answer;
}

}  // namespace

TEST_CASE("a classic peer sees 40 requests at once and then five a second") {
  WorkerHouse house;
  auto& peer = house.add_peer("a");
  for (int i = 0; i < 20000; ++i) peer.node.put(fmt::format("n{:05}.test", i), "value");
  house.start();
  house.advance_ms(1000);
  CHECK(peer.requests.size() >= 40);
  CHECK(peer.requests.size() <= 46);
  const std::size_t before = peer.requests.size();
  house.advance_ms(4000);
  CHECK(peer.requests.size() - before == 20);
  house.advance_ms(30000);
  CHECK(house.own.count() == 20000);
}

TEST_CASE("F18 after 429 the peer is left alone for a while and then asked half as often") {
  WorkerHouse house;
  auto& peer = house.add_peer("a");
  for (int i = 0; i < 20000; ++i) peer.node.put(fmt::format("n{:05}.test", i), "value");
  peer.instead = [](const sync::PeerRequest&) { return status_answer(429); };
  house.start();
  house.advance_ms(1000);
  CHECK(peer.requests.size() == 1);
  CHECK(house.status().back_off_ms > 0);
  peer.instead = nullptr;
  house.advance_ms(3000);
  peer.requests.clear();
  house.advance_ms(20000);
  CHECK(peer.requests.size() <= 71);  // 20 in a burst, 2.5 a second
  CHECK(house.status().counters.requests.at({"digest", "429"}) == 1);
}

TEST_CASE("F19 an unreachable peer is tried ever more rarely, and others are read meanwhile") {
  WorkerHouse house;
  auto& dead = house.add_peer("dead");
  auto& good = house.add_peer("good");
  dead.broken = ErrorCode::sync_unreachable;
  good.node.put("a.test", "value");
  house.start();
  house.advance_ms(600000);
  CHECK(house.own.count() == 1);
  CHECK(dead.requests.size() >= 12);
  CHECK(dead.requests.size() <= 20);
  CHECK(house.status(0).state == "unreachable");
  CHECK(house.status(0).back_off_ms <= 60000);
  CHECK(house.status(1).state == "current");
  dead.broken.reset();
  dead.node.put("b.test", "value");
  house.advance_ms(61000);
  CHECK(house.own.count() == 2);
  CHECK(house.status(0).last_error.empty());
}

TEST_CASE("F20 a connection that breaks in a pull loses that pull only") {
  WorkerHouse house;
  auto& peer = house.add_peer("a");
  for (int i = 0; i < 600; ++i) peer.node.put(fmt::format("n{:04}.test", i), "value");
  int pulls = 0;
  peer.tamper = [&](const sync::PeerRequest& request, sync::PeerAnswer& answer) {
    if (request.target == "/v1/sync/pull" && ++pulls == 2) answer.body.resize(answer.body.size() / 2);
  };
  house.start();
  house.advance_ms(1100);
  CHECK(house.own.count() == 256);
  CHECK(house.watermark_name() == "n0255.test");
  CHECK(house.status().back_off_ms > 0);
  house.advance_ms(10000);
  CHECK(house.own.count() == 600);
}

TEST_CASE("F17 a wrong token is told and backed off from") {
  WorkerHouse house;
  auto& peer = house.add_peer("a");
  peer.tokens = {"another"};
  house.start();
  house.advance_ms(60000);
  CHECK(house.status().state == "refused");
  CHECK(peer.requests.size() < 10);
  CHECK_FALSE(house.status().last_error.contains("secret"));
}

TEST_CASE("the second token is tried once after a 403 and kept when it works") {
  WorkerHouse house;
  house.options.token_alternative = "second";
  auto& peer = house.add_peer("a");
  peer.tokens = {"second"};
  peer.node.put("a.test", "value");
  house.start();
  house.pass();
  CHECK(house.own.count() == 1);
  CHECK(house.status().back_off_ms == 0);
  REQUIRE(peer.requests.size() >= 3);
  CHECK(peer.requests[0].token == "secret");
  for (std::size_t i = 1; i < peer.requests.size(); ++i) CHECK(peer.requests[i].token == "second");
  peer.tokens = {"neither"};
  peer.requests.clear();
  house.pass();
  CHECK(house.status().state == "refused");
  CHECK(peer.requests.size() == 2);  // each token once, then the pause
}

TEST_CASE("F43 a redirect is an error and nothing is asked elsewhere") {
  WorkerHouse house;
  auto& peer = house.add_peer("a");
  auto& other = house.add_peer("b");
  house.set.peers.pop_back();
  peer.instead = [](const sync::PeerRequest&) { return status_answer(302); };
  house.start();
  house.pass();
  CHECK(other.requests.empty());
  CHECK(house.status().last_error.contains("302"));
}

TEST_CASE("answers that are no JSON, or of another shape, are errors of that peer") {
  for (const std::string body : {"", "nonsense", "[]", R"({"records": 7})", R"({"records": {}})"}) {
    CAPTURE(body);
    WorkerHouse house;
    auto& peer = house.add_peer("a");
    peer.instead = [&](const sync::PeerRequest&) {
      auto answer = status_answer(200);
      answer.body = body;
      return answer;
    };
    house.start();
    house.pass();
    CHECK(house.status().back_off_ms > 0);
    CHECK(house.own.count() == 0);
  }
}

TEST_CASE("F42 a name that holds more than is ever read is quarantined, the others are fetched in smaller pulls") {
  WorkerHouse house;
  auto& peer = house.add_peer("a");
  Liar liar(peer);
  for (int i = 0; i < 8; ++i) liar.rows.push_back({fmt::format("n{}.test", i), "value"});
  const auto honest = peer.instead;
  peer.instead = [honest](const sync::PeerRequest& request) {
    auto answer = honest(request);
    if (request.body.contains("n3.test")) answer->body.resize(limits::sync_pull_bytes_max + 1, ' ');
    return answer;
  };
  house.start();
  house.pass();
  CHECK(house.own.count() == 7);
  CHECK(house.quarantined().at(0).name == "n3.test");
  CHECK(house.watermark_name() == "n7.test");
}

TEST_CASE("F36 nothing is imported while our clock disagrees with two peers by more than an hour") {
  WorkerHouse house;
  auto& a = house.add_peer("a");
  auto& b = house.add_peer("b");
  a.clock.offset_ms = b.clock.offset_ms = -4000000;
  house.start();
  house.pass();
  a.node.put("a.test", "value");
  house.pass();
  CHECK(house.own.count() == 0);
  CHECK(house.worker->status().clock_disagrees);
  b.clock.offset_ms = 0;  // one of two is not enough
  house.advance_ms(20000);
  CHECK(house.own.count() == 1);
  CHECK_FALSE(house.worker->status().clock_disagrees);
}

TEST_CASE("F46 and 9.3: state stays with an endpoint while it is the same peer, and is dropped with it") {
  WorkerHouse house;
  auto& peer = house.add_peer("a");
  peer.node.put("a.test", "value");
  house.set.peers[0].synthetic_id = true;
  house.start();
  house.advance_ms(60000);
  const auto first_cursor = [&] {
    peer.requests.clear();
    house.pass();
    return peer.requests.at(0).target;
  };
  CHECK(first_cursor().contains("a.test"));
  house.set.peers[0].node_id = "node-a";  // hand-over of a synthetic id
  house.set.peers[0].synthetic_id = false;
  house.worker->set_peers(house.set);
  CHECK(first_cursor().contains("a.test"));
  house.set.peers[0].node_id = "node-b";  // somebody else
  house.worker->set_peers(house.set);
  CHECK(first_cursor().contains("cursor=0::"));
  house.worker->set_peers({});
  house.pass();
  CHECK(house.worker->status().peers.empty());
  CHECK(house.watermark_name().empty());
  peer.requests.clear();
  house.pass();
  CHECK(peer.requests.empty());  // F40: idle
  house.worker->set_peers(house.set);
  CHECK(first_cursor().contains("cursor=0::"));
}

TEST_CASE("a peer asked for manifests only gets no other request, ten times less often") {
  WorkerHouse house;
  auto& peer = house.add_peer("a");
  house.gossip.take = [](std::string_view, std::string_view) {};
  house.gossip.best_seq = [] { return std::optional<std::uint64_t>(); };
  house.set.manifest_only = std::exchange(house.set.peers, {});
  house.start();
  house.advance_ms(100000);
  CHECK(peer.asked("/v1/sync/cluster-manifest") == peer.requests.size());
  CHECK(peer.requests.size() >= 4);
  CHECK(peer.requests.size() <= 6);
}

TEST_CASE("an extended peer that brought news costs no time once it is asked for manifests only") {
  WorkerHouse house(true);
  auto& peer = house.add_peer("a");
  house.gossip.take = [](std::string_view, std::string_view) {};
  house.gossip.best_seq = [] { return std::optional<std::uint64_t>(); };
  house.start();
  house.pass();
  peer.tamper = [&](const sync::PeerRequest& request, sync::PeerAnswer&) {
    if (request.target != "/v1/sync/x1/get") return;
    house.set.manifest_only = std::exchange(house.set.peers, {});
    house.loop.post([&house]() { house.worker->set_peers(house.set); });
  };
  const std::uint64_t ticks = house.worker->status().ticks;
  peer.node.put("a.test", "value");
  house.advance_ms(100000);
  CHECK(house.own.holds("a.test", "value"));
  CHECK(house.worker->status().ticks - ticks <= 15);
}

TEST_CASE("a manifest is fetched before the data, at most every ten seconds, and handed over unverified") {
  WorkerHouse house;
  auto& peer = house.add_peer("a");
  std::vector<std::string> taken;
  house.gossip.take = [&](std::string_view wire, std::string_view from) {
    taken.push_back(std::string(wire) + " from " + std::string(from));
    house.worker->set_peers({});  // what takes it may end the session that brought it
  };
  house.gossip.best_seq = [] { return std::optional<std::uint64_t>(); };
  peer.manifest = sync::ServedManifest{"v=dmp1;t=cluster;x", 7, 1900000000, "mesh.test"};
  house.start();
  house.advance_ms(1100);
  REQUIRE(taken.size() == 1);
  CHECK(taken[0] == "v=dmp1;t=cluster;x from a");
  CHECK(peer.requests[0].target == "/v1/sync/cluster-manifest");
}

TEST_CASE("a session can be ended at any await") {
  for (std::int64_t stop_ms = 0; stop_ms < 4000; stop_ms += 50) {
    for (const bool extended : {false, true}) {
      WorkerHouse house(extended);
      auto& peer = house.add_peer("a");
      for (int i = 0; i < 300; ++i) peer.node.put(fmt::format("n{:04}.test", i), "value");
      peer.delay_ms = 333;
      house.start();
      house.advance_ms(stop_ms);
      house.worker->stop();
      const std::int64_t held = house.own.count();
      house.advance_ms(5000);
      CHECK(house.own.count() == held);
      house.start();
      peer.delay_ms = 0;
      house.advance_ms(5000);
      CHECK(house.own.count() == 300);
    }
  }
}

TEST_CASE("F30 what the store does not take is fetched again, and nothing is passed meanwhile") {
  for (const bool extended : {false, true}) {
    CAPTURE(extended);
    WorkerHouse house(extended);
    auto slow = std::make_unique<test::SlowStore>(std::move(house.own.store));
    test::SlowStore& store = *slow;
    house.own.store = std::move(slow);
    auto& peer = house.add_peer("a");
    peer.node.put("bad.test", "v=dmp9;x");
    for (int i = 0; i < 10; ++i) peer.node.put(fmt::format("n{}.test", i), "value");
    store.writable = false;
    house.start();
    house.advance_ms(10000);
    CHECK(house.own.count() == 0);
    CHECK(house.quarantined().empty());
    CHECK(house.watermark_name().empty());
    CHECK(house.status().last_error.contains("store-io"));
    store.writable = true;
    house.advance_ms(10000);
    CHECK(house.own.count() == 10);
    CHECK(house.quarantined().size() == 1);
  }
}

TEST_CASE("F30 a full disk stops all fetching for half a minute") {
  WorkerHouse house;
  auto slow = std::make_unique<test::SlowStore>(std::move(house.own.store));
  test::SlowStore& store = *slow;
  house.own.store = std::move(slow);
  auto& peer = house.add_peer("a");
  peer.node.put("a.test", "value");
  store.writable = false;
  store.error = ErrorCode::store_disk_full;
  house.start();
  house.advance_ms(1100);
  const std::size_t before = peer.requests.size();
  CHECK(before == 2);
  house.advance_ms(28000);
  CHECK(peer.requests.size() == before);
  store.writable = true;
  house.advance_ms(5000);
  CHECK(house.own.count() == 1);
}

TEST_CASE("a commit that is under way when the worker stops does no harm when it ends") {
  WorkerHouse house;
  auto slow = std::make_unique<test::SlowStore>(std::move(house.own.store));
  test::SlowStore& store = *slow;
  house.own.store = std::move(slow);
  auto& peer = house.add_peer("a");
  peer.node.put("a.test", "value");
  store.slow = true;
  house.start();
  house.advance_ms(1100);
  CHECK(store.waiting() == 1);
  house.worker.reset();
  store.let_through();
  house.loop.run_until_idle();
  CHECK(house.own.holds("a.test", "value"));
  CHECK(house.watermark_name() == "a.test");
}

TEST_CASE("a life of any length that a peer may say is taken as the longest there is") {
  WorkerHouse house(true);
  auto& peer = house.add_peer("a");
  peer.node.put("a.test", "value");
  peer.tamper = [](const sync::PeerRequest& request, sync::PeerAnswer& answer) {
    if (!request.target.starts_with("/v1/sync/x1/")) return;
    for (std::size_t at = answer.body.find(", 36"); at != std::string::npos; at = answer.body.find(", 36", at + 1)) {
      const std::size_t end = answer.body.find(']', at);
      answer.body.replace(at, end - at, ", 9223372036854775807");
    }
  };
  house.start();
  house.pass();
  REQUIRE(house.own.count() == 1);
  CHECK(house.expiry("a.test") <= house.clock.wall_s() + 604800);
}
