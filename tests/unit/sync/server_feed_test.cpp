// SPDX-License-Identifier: Apache-2.0
// The change feed: pages, resets, and readers that wait.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <string>
#include <vector>

#include "server_house.hpp"
#include "sync/wire_server.hpp"

using namespace dnsmesh;
using test::ServerHouse;

namespace {

sync::FeedAnswer parsed(const sync::ServeAnswer& answer) {
  REQUIRE(answer.status == 200);
  const auto feed = sync::parse_feed_answer(answer.body, limits::digest_page_rows_max);
  REQUIRE(feed.has_value());
  CHECK(feed->malformed == 0);
  return *feed;
}

sync::WireEpoch epoch_of(const ServerHouse& house) {
  const store::Epoch epoch = house.store->epoch();
  return {epoch.id, epoch.boot};
}

std::string target(const ServerHouse& house, std::int64_t after, std::size_t limit = 100, std::int64_t wait_ms = 0,
                   bool tombstones = false) {
  return sync::feed_target(epoch_of(house), after, limit, wait_ms, tombstones);
}

sync::FeedAnswer feed(ServerHouse& house, std::int64_t after, std::size_t limit = 100, bool tombstones = false) {
  return parsed(house.get(target(house, after, limit, 0, tombstones)));
}

}  // namespace

TEST_CASE("the feed gives every change after a position, in the order of commits") {
  ServerHouse house;
  house.put("b.test", "1");
  house.put("a.test", "2", 60);
  const auto all = feed(house, 0);
  CHECK(all.epoch == epoch_of(house));
  CHECK(all.high == 2);
  CHECK(all.next == 2);
  CHECK_FALSE(all.more);
  CHECK_FALSE(all.reset);
  CHECK(all.now_ms == ServerHouse::k_start_ms);
  CHECK_FALSE(all.manifest_seq.has_value());
  REQUIRE(all.entries.size() == 2);
  CHECK(all.entries[0].rseq == 1);
  CHECK(all.entries[0].pair == sync::PairKey{"b.test", crypto::sha256("1")});
  CHECK(all.entries[1].pair.name == "a.test");
  CHECK(all.entries[1].ttl_ms == 60000 - ServerHouse::k_start_ms % 1000);
  CHECK(parsed(house.get("/v1/sync/x1/feed")).entries.size() == 2);
  CHECK(feed(house, 2).entries.empty());
  CHECK(feed(house, 2).next == 2);
}

TEST_CASE("the feed is paged, and a reader passes over what was replaced, is not offered or has expired") {
  ServerHouse house;
  for (int i = 0; i < 10; ++i) house.put(fmt::format("n{}.test", i), "v");
  house.put("n0.test", "v");                                                       // 11 replaces 1
  house.put("hidden.test", "v", 300, {.reason = ErrorCode::record_unknown_type});  // 12
  house.put("short.test", "v", 1);                                                 // 13
  house.clock.advance_ms(1000);
  std::vector<std::int64_t> seen;
  std::int64_t at = 0;
  for (bool more = true; more;) {
    const auto page = feed(house, at, 4);
    for (const auto& entry : page.entries) seen.push_back(entry.rseq);
    CHECK(page.next > at);
    at = page.next;
    more = page.more;
  }
  CHECK(seen == std::vector<std::int64_t>{2, 3, 4, 5, 6, 7, 8, 9, 10, 11});
  CHECK(at == 13);
}

TEST_CASE("deletes are in the feed for who asks for them") {
  ServerHouse house;
  house.put("a.test", "v");
  house.put("b.test", "v");
  house.remove("a.test", "v");
  const auto without = feed(house, 0);
  REQUIRE(without.entries.size() == 1);
  CHECK(without.next == 3);
  const auto with = feed(house, 0, 100, true);
  REQUIRE(with.entries.size() == 2);
  CHECK(with.entries[0].kind == sync::FeedKind::put);
  CHECK(with.entries[0].rseq == 2);
  CHECK(with.entries[1].kind == sync::FeedKind::tombstone);
  CHECK(with.entries[1].rseq == 3);
  CHECK(with.entries[1].pair == sync::PairKey{"a.test", crypto::sha256("v")});
  CHECK(with.entries[1].ttl_ms == 360000 - ServerHouse::k_start_ms % 1000);
}

TEST_CASE("a delete of a name that does not replicate is told to nobody") {
  ServerHouse house;
  house.put("*.test", "v", 300, {.reason = ErrorCode::record_owner_name});
  house.remove("*.test", "v");
  CHECK(feed(house, 0, 100, true).entries.empty());
  CHECK(feed(house, 0, 100, true).next == 2);
}

TEST_CASE("a position of another database, a later boot or beyond the end starts the reader over") {
  ServerHouse house;
  house.put("a.test", "v");
  const sync::WireEpoch own = epoch_of(house);
  const auto ask = [&](const sync::WireEpoch& epoch, std::int64_t after) {
    return parsed(house.get(sync::feed_target(epoch, after, 10, 25000, false)));
  };
  for (const auto& reset : {ask({std::string(32, '0'), own.boot}, 0), ask({own.id, own.boot + 1}, 0), ask(own, 2)}) {
    CHECK(reset.reset);
    CHECK(reset.entries.empty());
    CHECK(reset.high == 1);
    CHECK(reset.next == 1);
    CHECK_FALSE(reset.more);
  }
  CHECK_FALSE(ask({own.id, own.boot - 1}, 0).reset);
  CHECK(house.server.waiting() == 0);
}

TEST_CASE("a parameter that is wrong is refused, one that is too large is lowered") {
  ServerHouse house;
  const std::string epoch = sync::write_epoch(epoch_of(house));
  for (const std::string& query : std::vector<std::string>{
           "after=x", "after=" + epoch, "after=" + epoch + ":", "after=" + epoch + ":-1", "after=" + epoch + ":1x",
           "after=0:1", "limit=0", "limit=-1", "limit=x", "wait=-1", "wait=x", "wait=1.5"}) {
    CAPTURE(query);
    const auto answer = house.get("/v1/sync/x1/feed?" + query);
    CHECK(answer.status == 400);
    CHECK(answer.body == R"({"error": "invalid parameter"})");
  }
  CHECK(house.get("/v1/sync/x1/feed?limit=10001&later=1").status == 200);
  const auto waiting = house.send("GET", "/v1/sync/x1/feed?wait=99999999");
  house.loop.advance_ms(25000);
  CHECK(waiting->has_value());
}

TEST_CASE("the manifest's seq is announced with every page") {
  ServerHouse house;
  house.manifest = {"v=dmp1;t=cluster;AA==", 18446744073709551615U, 1900000000, "mesh.test"};
  CHECK(feed(house, 0).manifest_seq == 18446744073709551615U);
}

TEST_CASE("a reader that waits is answered by the next commit, and not before") {
  ServerHouse house;
  house.put("a.test", "v");
  const auto waiting = house.send("GET", target(house, 1, 100, 25000));
  CHECK_FALSE(waiting->has_value());
  CHECK(house.server.waiting() == 1);
  house.loop.advance_ms(1000);
  CHECK_FALSE(waiting->has_value());
  house.put("b.test", "v");
  house.loop.run_until_idle();
  REQUIRE(waiting->has_value());
  const auto page = parsed(**waiting);
  REQUIRE(page.entries.size() == 1);
  CHECK(page.entries[0].pair.name == "b.test");
  CHECK(house.server.waiting() == 0);
  house.loop.advance_ms(30000);  // its deadline passes without a second answer
}

TEST_CASE("a change that is not offered moves a waiting reader on too") {
  ServerHouse house;
  const auto waiting = house.send("GET", target(house, 0, 100, 25000));
  house.put("a.test", "v", 300, {.reason = ErrorCode::record_unknown_type});
  house.loop.run_until_idle();
  REQUIRE(waiting->has_value());
  CHECK(parsed(**waiting).entries.empty());
  CHECK(parsed(**waiting).next == 1);
}

TEST_CASE("a reader for whom there is news does not wait") {
  ServerHouse house;
  house.put("a.test", "v");
  CHECK(house.send("GET", target(house, 0, 100, 25000))->has_value());
  CHECK(house.server.waiting() == 0);
}

TEST_CASE("a reader that waited long enough is answered emptily") {
  ServerHouse house;
  house.put("a.test", "v");
  const auto waiting = house.send("GET", target(house, 1, 100, 2000));
  house.loop.advance_ms(1999);
  CHECK_FALSE(waiting->has_value());
  house.loop.advance_ms(1);
  REQUIRE(waiting->has_value());
  const auto page = parsed(**waiting);
  CHECK(page.entries.empty());
  CHECK(page.next == 1);
  CHECK(page.now_ms == ServerHouse::k_start_ms + 2000);
}

TEST_CASE("one reader of an address waits, the next is answered at once, and others wait beside it") {
  ServerHouse house;
  const std::string wait = target(house, 0, 100, 25000);
  const auto first = house.send("GET", wait, "", "192.0.2.1");
  const auto second = house.send("GET", wait, "", "192.0.2.1");
  const auto other = house.send("GET", wait, "", "2001:db8::1");
  CHECK_FALSE(first->has_value());
  REQUIRE(second->has_value());
  CHECK(parsed(**second).entries.empty());
  const auto neighbour = house.send("GET", wait, "", "2001:db8::2");
  CHECK_FALSE(other->has_value());
  CHECK_FALSE(neighbour->has_value());
  CHECK(house.server.waiting() == 3);
  house.put("a.test", "v");
  house.loop.run_until_idle();
  CHECK(first->has_value());
  CHECK(other->has_value());
  CHECK_FALSE(house.send("GET", target(house, 1, 100, 25000), "", "192.0.2.1")->has_value());
}

TEST_CASE("stopping answers those that wait, and nobody waits after it") {
  ServerHouse house;
  house.put("a.test", "v");
  const std::string wait = target(house, 1, 100, 25000);
  const auto waiting = house.send("GET", wait);
  house.server.stop();
  REQUIRE(waiting->has_value());
  CHECK(parsed(**waiting).entries.empty());
  CHECK(parsed(**waiting).next == 1);
  CHECK(house.send("GET", wait)->has_value());
  CHECK(house.server.waiting() == 0);
  house.server.stop();
}

TEST_CASE("a server that ends answers those that wait, and its loop finds nothing to do") {
  std::shared_ptr<std::optional<sync::ServeAnswer>> waiting;
  ManualClock clock{0};
  test::ManualLoop loop{clock};
  SeededRandom random{1};
  const auto store = store::make_memory_store(clock, random);
  const sync::PairSet pairs{clock};
  {
    sync::Server server({}, *store, pairs, clock, loop, [] { return std::nullopt; }, [](const auto&) { return false; });
    waiting = std::make_shared<std::optional<sync::ServeAnswer>>();
    server.handle({"GET", "/v1/sync/x1/feed?wait=1000", "", "192.0.2.1", false},
                  [waiting](sync::ServeAnswer answer) { *waiting = std::move(answer); });
    CHECK_FALSE(waiting->has_value());
    server.moved();
  }
  CHECK(waiting->has_value());
  loop.advance_ms(2000);
}
