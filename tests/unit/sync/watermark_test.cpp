// SPDX-License-Identifier: Apache-2.0
#include "sync/watermark.hpp"

#include <doctest/doctest.h>

#include <vector>

#include "sync/positions.hpp"

using namespace dnsmesh;
using sync::DigestEntry;
using sync::FeedPoint;

namespace {

DigestEntry entry(std::int64_t ts_ms, std::string name) {
  return {.name = std::move(name), .ts_ms = ts_ms, .ttl_s = 1};
}

std::vector<std::string> names(const sync::UsableEntries& usable) {
  std::vector<std::string> out;
  for (const auto& used : usable.entries) out.push_back(used.name);
  return out;
}

using Names = std::vector<std::string>;

}  // namespace

TEST_CASE("the prefix ends before the first entry that is not settled") {
  sync::SettledPrefix prefix(4, 0);
  CHECK(prefix.end() == 0);
  prefix.settle(1);
  CHECK(prefix.end() == 0);
  prefix.settle(0);
  CHECK(prefix.end() == 2);
  prefix.settle(3);
  CHECK(prefix.end() == 2);
  CHECK_FALSE(prefix.complete());
  prefix.settle(2);
  CHECK(prefix.complete());
}

TEST_CASE("what is about to be settled counts for the question only") {
  sync::SettledPrefix prefix(5, 0);
  prefix.settle(1);
  const std::vector<std::size_t> also = {3, 0, 2};
  CHECK(prefix.end_with(also) == 4);
  CHECK(prefix.end() == 0);
  CHECK(prefix.end_with({}) == 0);
}

TEST_CASE("entries below the watermark do not hold the prefix up") {
  sync::SettledPrefix prefix(3, 1);
  CHECK(prefix.end() == 1);
  prefix.settle(1);
  prefix.settle(2);
  CHECK(prefix.complete());
}

TEST_CASE("an empty page is complete") { CHECK(sync::SettledPrefix(0, 0).complete()); }

TEST_CASE("an honest page is used as it came") {
  const auto usable = sync::usable_entries({entry(1, "a"), entry(1, "b"), entry(2, "a")}, {}, 100);
  CHECK_FALSE(usable.disordered);
  CHECK(names(usable) == Names{"a", "b", "a"});
}

TEST_CASE("a page out of order, repeated, or not beyond the position is sorted and cut") {
  auto usable = sync::usable_entries({entry(3, "c"), entry(1, "a"), entry(3, "c"), entry(2, "b")}, {1, "a", "ff"}, 100);
  CHECK(usable.disordered);
  CHECK(names(usable) == Names{"b", "c"});
  usable = sync::usable_entries({entry(1, "a")}, {5, "", ""}, 100);
  CHECK(usable.disordered);
  CHECK(usable.entries.empty());
}

TEST_CASE("entries of the future are dropped and counted") {
  const auto usable = sync::usable_entries({entry(1, "a"), entry(101, "b")}, {}, 100);
  CHECK(usable.future == 1);
  CHECK(names(usable) == Names{"a"});
}

TEST_CASE("a ts may be a minute ahead of the later clock, and the peer's counts up to a day") {
  CHECK(sync::newest_ts_ms(1000, 500) == 61000);
  CHECK(sync::newest_ts_ms(1000, 5000) == 65000);
  CHECK(sync::newest_ts_ms(0, 99999999999) == 86400000 + 60000);
}

TEST_CASE("a pass looks back while the watermark is fresh, never before the beginning") {
  const FeedPoint wm{100000, "a", "ff"};
  CHECK(sync::pass_start(wm, 100000 + 11999, 2000) == FeedPoint{95000, "", ""});
  CHECK(sync::pass_start(wm, 100000 + 12000, 2000) == wm);
  CHECK(sync::pass_start({3000, "a", ""}, 3000, 2000) == FeedPoint{});
}

TEST_CASE("positions are read back as written, for the same peer or one that its URL named") {
  const sync::Peer peer{"node-a", "http://a", false};
  const sync::ClassicPosition classic{.wm = {17, "name \" \\ with\nodd bytes", "ab"}, .full_scan_s = 5};
  const auto read = sync::read_classic_position(write_position(classic, peer, 9), peer);
  REQUIRE(read);
  CHECK(read->wm == classic.wm);
  CHECK(read->full_scan_s == 5);
  const sync::Peer other{"node-b", "http://a", false};
  CHECK_FALSE(sync::read_classic_position(write_position(classic, peer, 9), other));
  const sync::Peer synthetic{"a-123456", "http://a", true};
  CHECK(sync::read_classic_position(write_position(classic, synthetic, 9), other));

  const sync::ExtendedPosition extended{.epoch = {std::string(32, 'a'), 3}, .rseq = 42};
  const auto place = sync::read_extended_position(write_position(extended, peer, 9), peer);
  REQUIRE(place);
  CHECK(place->epoch == extended.epoch);
  CHECK(place->rseq == 42);
  CHECK(describe(*place) == std::string(32, 'a') + ".3:42");
  CHECK(describe(classic).starts_with("17:name"));
}

TEST_CASE("a stored text that is none of ours means the beginning") {
  const sync::Peer peer{"node-a", "http://a", false};
  for (const std::string text :
       {"", "nonsense", "[]", "{}", R"({"ts": -1, "node": "node-a"})", R"({"ts": 1.5, "node": "node-a"})",
        R"({"ts": 18446744073709551615, "node": "node-a"})", R"({"epoch": "x", "rseq": 1, "node": "node-a"})"}) {
    CAPTURE(text);
    CHECK_FALSE(sync::read_classic_position(text, peer));
    CHECK_FALSE(sync::read_extended_position(text, peer));
  }
}

TEST_CASE("a watermark ahead of both clocks, or older than any life, is unusable") {
  constexpr std::int64_t now_ms = 1795341751333;
  CHECK(sync::usable_watermark({now_ms + 60000, "", ""}, now_ms, 0, 100));
  CHECK_FALSE(sync::usable_watermark({now_ms + 60001, "", ""}, now_ms, 0, 100));
  CHECK(sync::usable_watermark({now_ms + 70000, "", ""}, now_ms, now_ms + 20000, 100));
  CHECK(sync::usable_watermark({now_ms - 100000, "", ""}, now_ms, 0, 100));
  CHECK_FALSE(sync::usable_watermark({now_ms - 100001, "", ""}, now_ms, 0, 100));
}
