// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <string>

#include "worker_house.hpp"

using namespace dnsmesh;
using test::WorkerHouse;

TEST_CASE("what a classic peer has is copied, and its watermark kept") {
  WorkerHouse house;
  auto& peer = house.add_peer("a");
  for (int i = 0; i < 700; ++i) peer.node.put(fmt::format("n{:04}.test", i), "value");
  house.start();
  house.pass();
  CHECK(house.own.count() == 700);
  CHECK(house.watermark_name() == "n0699.test");
  CHECK(house.status().state == "current");
  CHECK(house.status().mode == sync::Mode::classic);
  CHECK(house.count(sync::RecordResult::written) == 700);
  CHECK(peer.asked("/v1/sync/pull") == 3);
}

TEST_CASE("an idle feed costs one small request an interval") {
  WorkerHouse house;
  auto& peer = house.add_peer("a");
  peer.node.put("a.test", "value");
  house.start();
  house.advance_ms(60000);
  peer.requests.clear();
  house.advance_ms(20000);
  CHECK(peer.requests.size() == 10);
  for (const auto& request : peer.requests)
    CHECK(request.target.starts_with("/v1/sync/digest?cursor=1795341751333:a.test:"));
}

TEST_CASE("F27 a record of an unknown type goes to quarantine and holds nothing up") {
  WorkerHouse house;
  auto& peer = house.add_peer("a");
  peer.node.put("a.test", "v=dmp1;t=nonsense;x");
  peer.node.put("b.test", "value");
  house.start();
  house.pass();
  CHECK(house.own.count() == 1);
  CHECK(house.watermark_name() == "b.test");
  REQUIRE(house.quarantined().size() == 1);
  CHECK(house.quarantined()[0].name == "a.test");
  CHECK(house.quarantined()[0].reason == "unknown-type");
  CHECK(house.count(sync::RecordResult::unverifiable) == 1);
}

TEST_CASE("F3 a pulled value that does not hash to what was advertised is not taken, and others are") {
  WorkerHouse house;
  auto& peer = house.add_peer("a");
  peer.node.put("a.test", "good");
  peer.node.put("b.test", "value");
  peer.tamper = [](const sync::PeerRequest& request, sync::PeerAnswer& answer) {
    if (request.target != "/v1/sync/pull") return;
    const std::size_t at = answer.body.find("\"good\"");
    if (at != std::string::npos) answer.body.replace(at, 6, "\"evil\"");
  };
  house.start();
  house.pass();
  CHECK(house.own.count() == 1);
  CHECK(house.own.holds("b.test", "value"));
  CHECK(house.count(sync::RecordResult::hash_mismatch) >= 1);
  REQUIRE(house.quarantined().size() == 1);
  CHECK(house.quarantined()[0].reason == "hash-mismatch");
  CHECK(house.watermark_name() == "b.test");
}
