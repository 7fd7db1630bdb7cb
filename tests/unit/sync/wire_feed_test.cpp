// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <string>

#include "sync/wire_server.hpp"

using namespace dnsmesh;

namespace {

const std::string k_epoch = "00112233445566778899aabbccddeeff.7";
const std::string k_hash(64, 'a');

std::string feed(const std::string& entries, const std::string& numbers = R"("high": 9, "next": 9, "now": 1)") {
  return R"({"epoch": ")" + k_epoch + R"(", )" + numbers + R"(, "more": false, "e": [)" + entries + "]}";
}
std::string entry(const std::string& rseq, const std::string& rest = R"(0, "a", ")" + k_hash + R"(", 5)") {
  return "[" + rseq + ", " + rest + "]";
}

}  // namespace

TEST_CASE("an epoch is 32 hex digits, a dot and how often the node has started") {
  const auto epoch = sync::parse_epoch(k_epoch);
  REQUIRE(epoch.has_value());
  CHECK(epoch->boot == 7);
  CHECK(sync::write_epoch(*epoch) == k_epoch);
  const std::string id = k_epoch.substr(0, 32);
  for (const std::string& bad :
       {std::string(), id, id + ".", id + ".-1", id + ".+1", id + ".1x", id + ". 1", id + "0.1", id.substr(1) + ".1",
        "A" + id.substr(1) + ".1", id + ".9223372036854775808"}) {
    CAPTURE(bad);
    REQUIRE_FALSE(sync::parse_epoch(bad).has_value());
    CHECK(sync::parse_epoch(bad).error().code == ErrorCode::sync_malformed);
  }
  CHECK(sync::parse_epoch(id + ".9223372036854775807").has_value());
}

TEST_CASE("a page of the change feed is written and read back") {
  sync::FeedAnswer answer;
  answer.epoch = sync::parse_epoch(k_epoch).value();
  answer.high = 12;
  answer.next = 11;
  answer.more = true;
  answer.now_ms = 1795341751333;
  answer.manifest_seq = 18446744073709551615U;
  answer.entries = {{10, sync::FeedKind::put, {"a.test", crypto::sha256("v")}, 300000, true},
                    {11, sync::FeedKind::tombstone, {"b.test", crypto::sha256("w")}, 5, true}};
  const std::string body = sync::write_feed_answer(answer);
  CHECK(body.starts_with(R"({"epoch": ")" + k_epoch +
                         R"(", "high": 12, "next": 11, "more": true, "reset": false, "now": 1795341751333, )"
                         R"("mseq": 18446744073709551615, "e": [[10, 0, "a.test", ")"));
  const auto read = sync::parse_feed_answer(body, 2);
  REQUIRE(read.has_value());
  CHECK(read->epoch == answer.epoch);
  CHECK(read->high == 12);
  CHECK(read->next == 11);
  CHECK(read->more);
  CHECK_FALSE(read->reset);
  CHECK(read->now_ms == 1795341751333);
  CHECK(read->manifest_seq == 18446744073709551615U);
  REQUIRE(read->entries.size() == 2);
  CHECK(read->entries[0].rseq == 10);
  CHECK(read->entries[0].pair == answer.entries[0].pair);
  CHECK(read->entries[0].ttl_ms == 300000);
  CHECK(read->entries[1].kind == sync::FeedKind::tombstone);
}

TEST_CASE("entries of a change feed that say nothing usable are counted and the others stay") {
  for (const std::string& bad :
       {std::string("{}"), std::string("5"), std::string("[]"), entry("true"), entry("1.0"), entry("-1"),
        entry("2", R"(2, "a", ")" + k_hash + R"(", 5)"), entry("2", R"(0, "", ")" + k_hash + R"(", 5)"),
        entry("2", R"(0, "a", "short", 5)"), entry("2", R"(0, "a", ")" + k_hash + "\""),
        entry("2", R"(0, ["a"], ")" + k_hash + R"(", 5)"), entry("2", R"(0, "\ud800", ")" + k_hash + R"(", 5)")}) {
    CAPTURE(bad);
    const auto read = sync::parse_feed_answer(feed(entry("1") + ", " + bad + ", " + entry("3")), 3);
    REQUIRE(read.has_value());
    CHECK(read->malformed == 1);
    REQUIRE(read->entries.size() == 2);
  }
  const auto longer = sync::parse_feed_answer(feed(entry("1", R"(0, "*", ")" + k_hash + R"(", 5, [6], "later")")), 3);
  REQUIRE(longer->entries.size() == 1);
  CHECK_FALSE(longer->entries[0].replicable);
}

TEST_CASE("a change feed out of order, beyond its end, too long or without its members is refused") {
  CHECK(sync::parse_feed_answer(feed(entry("1") + ", " + entry("9")), 2).has_value());
  for (const std::string& body :
       {feed(entry("2") + ", " + entry("1")), feed(entry("1") + ", " + entry("1")), feed(entry("10")),
        feed(entry("1") + ", " + entry("2") + ", " + entry("3")), feed("", R"("high": 9, "next": 9)"),
        feed("", R"("high": 9, "now": 1)"), feed("", R"("next": 9, "now": 1)"),
        feed("", R"("high": true, "next": 9, "now": 1)"), feed("", R"("high": 9, "next": -9, "now": 1)"),
        feed("", R"("high": 9, "next": 9, "now": 1, "epoch": "x.1")"), std::string("{}"), std::string("[]"),
        R"({"epoch": ")" + k_epoch + R"(", "high": 9, "next": 9, "now": 1, "e": {}})"}) {
    CAPTURE(body);
    REQUIRE_FALSE(sync::parse_feed_answer(body, 2).has_value());
    CHECK(sync::parse_feed_answer(body, 2).error().code == ErrorCode::sync_malformed);
  }
}

TEST_CASE("a change feed is asked for with epoch and position, and waits only when told to") {
  const auto epoch = sync::parse_epoch(k_epoch).value();
  CHECK(sync::feed_target(epoch, 12, 2000, 0, false) == "/v1/sync/x1/feed?after=" + k_epoch + ":12&limit=2000");
  CHECK(sync::feed_target(epoch, 12, 2000, 25000, true) ==
        "/v1/sync/x1/feed?after=" + k_epoch + ":12&limit=2000&wait=25000&tomb=1");
}

TEST_CASE("hints are written and read; one without epoch or position is refused") {
  const sync::Hint hint{"node-a", sync::parse_epoch(k_epoch).value(), 12, 7};
  CHECK(sync::write_hint(hint) == R"({"node": "node-a", "epoch": ")" + k_epoch + R"(", "high": 12, "mseq": 7})");
  const auto read = sync::parse_hint(sync::write_hint(hint));
  REQUIRE(read.has_value());
  CHECK(read->node == "node-a");
  CHECK(read->epoch == hint.epoch);
  CHECK(read->high == 12);
  CHECK(read->manifest_seq == 7);
  CHECK_FALSE(sync::parse_hint(R"({"epoch": ")" + k_epoch + R"(", "high": 1, "mseq": null})")->manifest_seq);
  for (const std::string& bad : {std::string(), std::string("[]"), std::string("{}"), std::string(R"({"high": 1})"),
                                 R"({"epoch": ")" + k_epoch + "\"}", std::string(R"({"epoch": 5, "high": 1})"),
                                 R"({"epoch": ")" + k_epoch + R"(", "high": 1.5})"}) {
    CAPTURE(bad);
    CHECK_FALSE(sync::parse_hint(bad).has_value());
  }
}
