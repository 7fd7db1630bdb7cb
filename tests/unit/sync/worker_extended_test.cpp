// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <string>

#include "sync/wire.hpp"
#include "worker_house.hpp"

using namespace dnsmesh;
using test::WorkerHouse;

TEST_CASE("a peer of ours is met over its digest and read by its change feed") {
  WorkerHouse house(true);
  auto& peer = house.add_peer("a");
  for (int i = 0; i < 5000; ++i) peer.node.put(fmt::format("n{:04}.test", i), "value");
  house.start();
  house.pass();
  CHECK(house.own.count() == 5000);
  CHECK(house.status().mode == sync::Mode::extended);
  CHECK(house.status().state == "current");
  CHECK(house.status().backlog == 0);
  CHECK(peer.asked("/v1/sync/pull") == 0);
  CHECK(peer.asked("/v1/sync/digest") == 1);
  CHECK(peer.asked("/v1/sync/x1/get") == 5);
  CHECK(peer.asked("/v1/sync/x1/reconcile") == 0);  // nothing was held: the feed says it all
}

TEST_CASE("answers of extended routes may come compressed over https, and no others") {
  for (const std::string endpoint : {"https://A.test", "http://a.test"}) {
    WorkerHouse house(true);
    auto& peer = house.add_peer("a");
    house.net.peers[endpoint] = &peer;
    house.set.peers[0].endpoint = endpoint;
    house.start();
    house.pass();
    REQUIRE(peer.asked("/v1/sync/x1/feed") > 0);
    for (const sync::PeerRequest& request : peer.requests) {
      const bool is_hint = request.target.starts_with("/v1/sync/x1/hint");  // its answer has no body
      const bool is_extended = request.target.starts_with("/v1/sync/x1/") && !is_hint;
      CHECK(request.accepts_gzip == (is_extended && endpoint.starts_with("https")));
    }
  }
}

TEST_CASE("a reader that has most of it compares all pairs at first contact and fetches the rest by id") {
  WorkerHouse house(true);
  auto& peer = house.add_peer("a");
  for (int i = 0; i < 300; ++i) {
    peer.node.put(fmt::format("n{:04}.test", i), "value");
    if (i % 10 != 0) house.own.put(fmt::format("n{:04}.test", i), "value");
  }
  house.start();
  house.pass();
  CHECK(house.own.count() == 300);
  CHECK(peer.asked("/v1/sync/x1/reconcile") >= 1);
  CHECK(peer.asked("/v1/sync/x1/get") == 1);
  CHECK(house.status().position.ends_with(":300"));
}

TEST_CASE("news comes over the request that the peer holds, without waiting for the interval") {
  WorkerHouse house(true);
  auto& peer = house.add_peer("a");
  house.start();
  house.pass();
  const std::int64_t before_ms = house.clock.monotonic_ms();
  peer.node.put("news.test", "value");
  house.loop.run_until_idle();
  CHECK(house.own.holds("news.test", "value"));
  CHECK(house.clock.monotonic_ms() == before_ms);
}

TEST_CASE("an idle pair of nodes exchanges one small request an interval") {
  WorkerHouse house(true);
  auto& peer = house.add_peer("a");
  peer.node.put("a.test", "value");
  house.start();
  house.advance_ms(10000);
  peer.requests.clear();
  house.advance_ms(60000);
  CHECK(peer.requests.size() <= 31);
  CHECK(peer.asked("/v1/sync/x1/feed") == peer.requests.size());
}

TEST_CASE("a peer that says 404 to the feed is read classically for a minute, then tried again") {
  WorkerHouse house(true);
  auto& peer = house.add_peer("a");
  house.start();
  house.pass();
  CHECK(house.status().mode == sync::Mode::extended);
  peer.instead = [](const sync::PeerRequest& request) -> std::optional<sync::PeerAnswer> {
    if (!request.target.starts_with("/v1/sync/x1/")) return std::nullopt;
    sync::PeerAnswer answer;
    answer.status = 404;
    return answer;
  };
  peer.node.put("b.test", "value");
  house.pass();
  house.pass();
  CHECK(house.status().mode == sync::Mode::classic);
  CHECK(house.own.holds("b.test", "value"));
  CHECK(house.status().back_off_ms == 0);
  peer.instead = nullptr;
  house.advance_ms(70000);
  CHECK(house.status().mode == sync::Mode::extended);
}

TEST_CASE("after a restart the feed is read on from its place, in one request") {
  WorkerHouse house(true);
  auto& peer = house.add_peer("a");
  for (int i = 0; i < 100; ++i) peer.node.put(fmt::format("n{:04}.test", i), "value");
  house.start();
  house.pass();
  peer.requests.clear();
  house.start();
  house.advance_ms(1100);
  REQUIRE(!peer.requests.empty());
  CHECK(peer.requests[0].target.starts_with("/v1/sync/x1/feed?after="));
  CHECK(peer.requests[0].target.contains("100"));
  CHECK(peer.asked("/v1/sync/digest") == 0);
  CHECK(house.status().state == "current");
}

TEST_CASE("what came from a peer of ours is not announced to others, what a client wrote is") {
  WorkerHouse house(true);
  auto& a = house.add_peer("a");
  auto& b = house.add_peer("b");
  house.own.changed = nullptr;
  house.start();
  house.pass();
  a.hints.clear();
  b.hints.clear();
  house.own.put("mine.test", "value");
  house.worker->committed();
  house.advance_ms(10);
  CHECK(a.hints.size() == 1);
  CHECK(b.hints.size() == 1);
  CHECK(a.hints[0].epoch.id == house.own.store->epoch().id);
  CHECK(a.hints[0].high == house.own.store->epoch().high);
}

TEST_CASE("a hint of a live peer has its feed read at once, one of nobody is refused") {
  WorkerHouse house(true);
  auto& peer = house.add_peer("a");
  house.options.interval_ms = 20000;
  house.start();
  house.advance_ms(30000);
  peer.tamper = [](const sync::PeerRequest& request, sync::PeerAnswer& answer) {
    if (request.target.starts_with("/v1/sync/x1/feed")) answer.status = 500;
  };
  peer.tamper = nullptr;
  const store::Epoch epoch = peer.node.store->epoch();
  sync::Hint hint;
  hint.epoch = {epoch.id, epoch.boot};
  CHECK(house.worker->hinted(hint));
  hint.epoch.id = std::string(32, '0');
  CHECK_FALSE(house.worker->hinted(hint));
}

TEST_CASE("what a client wrote before two nodes had met is hinted as soon as they have") {
  WorkerHouse house(true);
  house.options.interval_ms = 20000;
  auto& peer = house.add_peer("a");
  peer.delay_ms = 100;
  house.start();
  house.own.put("early.test", "value");
  house.worker->committed();
  house.advance_ms(10);
  CHECK(peer.hints.empty());
  house.advance_ms(2000);
  REQUIRE(peer.hints.size() == 1);
  CHECK(peer.hints[0].high == house.own.store->epoch().high);
  house.advance_ms(100000);
  CHECK(peer.hints.size() == 1);
}

TEST_CASE("a node that starts again tells the peers that it knows once") {
  WorkerHouse house(true);
  auto& peer = house.add_peer("a");
  house.start();
  house.pass();
  house.own.put("mine.test", "value");
  peer.hints.clear();
  house.start();
  house.advance_ms(10000);
  REQUIRE(peer.hints.size() == 1);
  CHECK(peer.hints[0].high == house.own.store->epoch().high);
}

TEST_CASE("a hint that a peer refuses is sent once more, and then no more") {
  for (const int status : {404, 403, 500}) {
    CAPTURE(status);
    WorkerHouse house(true);
    house.options.interval_ms = 20000;
    auto& peer = house.add_peer("a");
    peer.instead = [status](const sync::PeerRequest& request) -> std::optional<sync::PeerAnswer> {
      if (request.target != "/v1/sync/x1/hint") return std::nullopt;
      sync::PeerAnswer refused;
      refused.status = status;
      return refused;
    };
    house.start();
    house.advance_ms(10000);
    CHECK(peer.asked("/v1/sync/x1/hint") == 2);
    house.worker->committed();
    house.advance_ms(10000);
    CHECK(peer.asked("/v1/sync/x1/hint") == 4);
    CHECK(house.status().back_off_ms == 0);
  }
}

TEST_CASE("what is written while a refused hint waits for its second time is hinted at once") {
  WorkerHouse house(true);
  house.options.interval_ms = 20000;
  auto& peer = house.add_peer("a");
  bool is_met = false;
  peer.instead = [&is_met](const sync::PeerRequest& request) -> std::optional<sync::PeerAnswer> {
    if (is_met || request.target != "/v1/sync/x1/hint") return std::nullopt;
    sync::PeerAnswer refused;
    refused.status = 404;
    return refused;
  };
  house.start();
  while (peer.asked("/v1/sync/x1/hint") == 0) house.advance_ms(10);
  is_met = true;
  house.own.put("mine.test", "value");
  house.worker->committed();
  house.advance_ms(2 * limits::sync_hint_gather_ms);
  REQUIRE(peer.hints.size() == 1);
  CHECK(peer.hints[0].high == house.own.store->epoch().high);
}

TEST_CASE("a hint that a back-off held up is sent when the peer answers again") {
  WorkerHouse house(true);
  auto& peer = house.add_peer("a");
  house.start();
  house.pass();
  peer.broken = ErrorCode::sync_unreachable;
  house.advance_ms(10000);
  REQUIRE(house.status().back_off_ms > 0);
  peer.hints.clear();
  house.own.put("mine.test", "value");
  house.worker->committed();
  house.advance_ms(10);
  peer.broken.reset();
  CHECK(peer.hints.empty());
  house.advance_ms(70000);
  REQUIRE(peer.hints.size() == 1);
  CHECK(peer.hints[0].high == house.own.store->epoch().high);
}
