// SPDX-License-Identifier: Apache-2.0
// Digest, pull and cluster-manifest as existing nodes know them.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "base/hex.hpp"
#include "server_house.hpp"
#include "sync/wire_server.hpp"

using namespace dnsmesh;
using test::ServerHouse;

namespace {

const std::string k_hash_of_v = "4c94485e0c21ae6c41ce1dfe7b6bfaceea5ab68e40a2476f50208e526f506080";
constexpr std::string_view k_bad_cursor = "cursor must be '<ts>:<name>:<value_hash>'";

std::string error(std::string_view text) { return fmt::format(R"({{"error": "{}"}})", text); }

sync::DigestAnswer digest(ServerHouse& house, const std::string& query = "") {
  const auto answer = house.get("/v1/sync/digest" + query);
  REQUIRE(answer.status == 200);
  CHECK(answer.content_type == "application/json");
  const auto parsed = sync::parse_digest_answer(answer.body, limits::digest_page_rows_max);
  REQUIRE(parsed.has_value());
  CHECK(parsed->malformed == 0);
  return *parsed;
}

store::DigestCursor cursor_of(const sync::DigestEntry& entry) {
  return {entry.ts_ms, entry.name, to_hex(view(entry.hash))};
}

/// All entries in the order of the feed, read as an existing node reads: strictly greater than the last one seen.
std::vector<sync::DigestEntry> walk(ServerHouse& house, std::size_t limit, store::DigestCursor from = {}) {
  std::vector<sync::DigestEntry> out;
  while (true) {
    const auto answer = house.get(sync::digest_target(from, limit, false));
    const auto page = sync::parse_digest_answer(answer.body, limit);
    REQUIRE(page.has_value());
    std::ranges::copy(page->entries, std::back_inserter(out));
    if (page->entries.empty()) return out;
    from = cursor_of(page->entries.back());
    if (!page->has_more) return out;
  }
}

}  // namespace

TEST_CASE("a digest of one row is what existing nodes answer, byte for byte") {
  ServerHouse house;
  CHECK(house.get("/v1/sync/digest").body == R"({"records": [], "has_more": false, "next_cursor": "0::"})");
  house.put("a.test", "v");
  CHECK(house.get("/v1/sync/digest?limit=1").body ==
        R"({"records": [{"name": "a.test", "hash": ")" + k_hash_of_v +
            R"(", "ts": 1795341751333, "ttl": 300}], "has_more": false, "next_cursor": "1795341751333:a.test:)" +
            k_hash_of_v + R"("})");
}

TEST_CASE("an empty page echoes the cursor in three parts, and that of a legacy position") {
  ServerHouse house;
  const std::string empty = R"({"records": [], "has_more": false, "next_cursor": )";
  for (const auto& [query, cursor] :
       std::vector<std::pair<std::string, std::string>>{{"", "0::"},
                                                        {"?cursor=99999999999999::", "99999999999999::"},
                                                        {"?cursor=5:a.test", "5:a.test:"},
                                                        {"?cursor=5%3Aa%20b%3A", "5:a b:"},
                                                        {"?cursor=5:a+b", "5:a b:"},
                                                        {"?cursor=5:a%zz", "5:a%zz:"},
                                                        {"?since=99999999999999", "99999999999999:\\u00ff:g"},
                                                        {"?since=5&cursor=7::", "7::"},
                                                        {"?since=x&cursor=7::", "7::"},
                                                        {"?cursor=&since=5", "5:\\u00ff:g"},
                                                        {"?cursor=7::&cursor=8::", "7::"},
                                                        {"?cursor=&cursor=8::", "8::"},
                                                        {"?unknown=1&&cursor&limit=3", "0::"}}) {
    CAPTURE(query);
    CHECK(house.get("/v1/sync/digest" + query).body == empty + "\"" + cursor + "\"}");
  }
}

TEST_CASE("a digest request that is wrong is told so in the words of existing nodes, the cursor before the limit") {
  ServerHouse house;
  for (const auto& [query, text] :
       std::vector<std::pair<std::string, std::string_view>>{{"cursor=0", k_bad_cursor},
                                                             {"cursor=-1::", k_bad_cursor},
                                                             {"cursor=x::", k_bad_cursor},
                                                             {"cursor=1.5::", k_bad_cursor},
                                                             {"cursor=::", k_bad_cursor},
                                                             {"cursor=0:a:zz", k_bad_cursor},
                                                             {"cursor=0:a:b:c", k_bad_cursor},
                                                             {"cursor=0:a:" + std::string(64, 'A'), k_bad_cursor},
                                                             {"cursor=9223372036854775808::", k_bad_cursor},
                                                             {"cursor=0:" + std::string(254, 'n') + ":", k_bad_cursor},
                                                             {"cursor=0&limit=x", k_bad_cursor},
                                                             {"since=x", "since must be an integer"},
                                                             {"since=1.5", "since must be an integer"},
                                                             {"since=9223372036854775808", "since must be an integer"},
                                                             {"since=-1", "since must be >= 0"},
                                                             {"limit=x", "limit must be an integer"},
                                                             {"limit=1.0", "limit must be an integer"},
                                                             {"limit=0", "limit must be > 0"},
                                                             {"limit=-99999999999999999999", "limit must be > 0"}}) {
    CAPTURE(query);
    const auto answer = house.get("/v1/sync/digest?" + query);
    CHECK(answer.status == 400);
    CHECK(answer.content_type == "application/json");
    CHECK(answer.body == error(text));
  }
  CHECK(house.get("/v1/sync/digest?cursor=0:" + std::string(253, 'n')).status == 200);
}

TEST_CASE("a cursor counts characters, not octets") {
  ServerHouse house;
  std::string name;
  for (int i = 0; i < 253; ++i) name += "%C3%A9";
  CHECK(house.get("/v1/sync/digest?cursor=0:" + name).status == 200);
  CHECK(house.get("/v1/sync/digest?cursor=0:" + name + "%C3%A9").status == 400);
}

TEST_CASE("a limit above the largest is lowered without a word, and the default is a thousand") {
  ServerHouse house;
  for (int i = 0; i < 1001; ++i) house.put(fmt::format("n{}.test", i), "v");
  CHECK(digest(house).entries.size() == 1000);
  CHECK(digest(house).has_more);
  CHECK(digest(house, "?limit=1001").entries.size() == 1001);
  CHECK_FALSE(digest(house, "?limit=1001").has_more);
  CHECK(digest(house, "?limit=99999999999999999999").entries.size() == 1001);
}

TEST_CASE("a burst of one millisecond, with many values at a name, is paged without a gap or a repetition") {
  ServerHouse house;
  for (int i = 0; i < 60; ++i) house.put(fmt::format("n{}.test", i % 3), fmt::format("v{}", i));
  house.clock.advance_ms(1);
  for (int i = 0; i < 5; ++i) house.put("later.test", fmt::format("v{}", i));
  const auto whole = walk(house, 1000);
  REQUIRE(whole.size() == 65);
  for (const std::size_t limit : {1U, 7U, 20U, 64U}) {
    const auto paged = walk(house, limit);
    REQUIRE(paged.size() == whole.size());
    for (std::size_t i = 0; i < whole.size(); ++i) {
      CHECK(paged[i].name == whole[i].name);
      CHECK(paged[i].hash == whole[i].hash);
    }
  }
  const auto place = [](const sync::DigestEntry& entry) { return std::tuple(entry.ts_ms, entry.name, entry.hash); };
  CHECK(std::ranges::is_sorted(whole, {}, place));
}

TEST_CASE("a row written in a millisecond that was served comes after it, whatever its name") {
  ServerHouse house;
  house.put("m.test", "v");
  const auto first = walk(house, 10);
  REQUIRE(first.size() == 1);
  house.put("a.test", "v");  // sorts before m.test, and the clock has not moved
  const auto second = walk(house, 10, cursor_of(first.back()));
  REQUIRE(second.size() == 1);
  CHECK(second[0].name == "a.test");
  CHECK(second[0].ts_ms == first[0].ts_ms + 1);
  house.put("m.test", "v");  // a refresh moves to the end
  const auto third = walk(house, 10, cursor_of(second.back()));
  REQUIRE(third.size() == 1);
  CHECK(third[0].name == "m.test");
}

TEST_CASE("digests alone do not move the feed ahead of the clock") {
  ServerHouse house;
  house.put("a.test", "v");
  for (int i = 0; i < 100; ++i) digest(house);
  house.put("b.test", "v");
  CHECK(walk(house, 10).back().ts_ms == ServerHouse::k_start_ms + 1);
}

TEST_CASE("a clock that is set back hides nothing") {
  ServerHouse house;
  house.put("m.test", "v");
  const auto first = walk(house, 10);
  house.clock.set_wall_ms(ServerHouse::k_start_ms - 50000);
  house.put("a.test", "v");
  const auto second = walk(house, 10, cursor_of(first.back()));
  REQUIRE(second.size() == 1);
  CHECK(second[0].name == "a.test");
}

TEST_CASE("rows that peers must refuse are not listed, nor those past their own end, but pulled by name") {
  ServerHouse house;
  house.put("a.test", "v");
  house.put("b.test", "v", 300, {.reason = ErrorCode::record_unknown_type});
  house.put("c.test", "v", 300, {std::nullopt, ServerHouse::k_start_s + 10});
  CHECK(digest(house).entries.size() == 2);
  house.clock.advance_ms(11000);
  CHECK(digest(house).entries.size() == 1);
  CHECK(house.post("/v1/sync/pull", R"({"names": ["b.test"]})").body ==
        R"({"records": [{"name": "b.test", "value": "v", "ttl": 289}]})");
}

TEST_CASE("an expired row is not served, one in its last second has a ttl of one") {
  ServerHouse house;
  house.put("a.test", "v", 10);
  house.clock.advance_ms(9000);
  CHECK(digest(house).entries.at(0).ttl_s == 1);
  house.clock.advance_ms(1000);
  CHECK(digest(house).entries.empty());
  CHECK(house.post("/v1/sync/pull", R"({"names": ["a.test"]})").body == R"({"records": []})");
}

TEST_CASE("a pull gives all live values at exactly the names asked for, in the order of the feed") {
  ServerHouse house;
  house.put("b.test", "b1");
  house.clock.advance_ms(1);
  house.put("a.test", "a1");
  house.put("A.test", "upper");
  house.put("b.test", "b2 \"\xC3\xA9\"");
  const auto body = house.post("/v1/sync/pull", R"({"names": [" b.test. ", "a.test", "b.test", "none.test"]})").body;
  CHECK(body == R"({"records": [{"name": "b.test", "value": "b1", "ttl": 300}, )"
                R"({"name": "a.test", "value": "a1", "ttl": 300}, )"
                R"({"name": "b.test", "value": "b2 \"\u00e9\"", "ttl": 300}]})");
  CHECK(house.post("/v1/sync/pull?ignored=1", R"({"names": []})").body == R"({"records": []})");
}

TEST_CASE("a pull that is wrong is told so in the words of existing nodes") {
  ServerHouse house;
  std::vector<std::string> names(257, "a");
  for (const auto& [body, text] : std::vector<std::pair<std::string, std::string_view>>{
           {"", "names must be a list"},
           {"{", "invalid body"},
           {"[]", "names must be a list"},
           {R"({"names": [5]})", "names must be strings"},
           {sync::write_pull_request(names), "at most 256 names per request"}}) {
    CAPTURE(body);
    const auto answer = house.post("/v1/sync/pull", body);
    CHECK(answer.status == 400);
    CHECK(answer.body == error(text));
  }
}

TEST_CASE("the manifest is given while it is in force, and nothing otherwise") {
  ServerHouse house;
  CHECK(house.get("/v1/sync/cluster-manifest").status == 204);
  CHECK(house.get("/v1/sync/cluster-manifest").body.empty());
  CHECK(house.get("/v1/sync/cluster-manifest").content_type.empty());
  house.manifest = {"v=dmp1;t=cluster;AA==", 7, ServerHouse::k_start_s, "mesh.test"};
  const auto answer = house.get("/v1/sync/cluster-manifest?ignored");
  CHECK(answer.status == 200);
  CHECK(answer.body ==
        R"({"wire": "v=dmp1;t=cluster;AA==", "seq": 7, "exp": 1795341751, "cluster_name": "mesh.test"})");
  house.clock.advance_ms(1000);
  CHECK(house.get("/v1/sync/cluster-manifest").status == 204);
}

TEST_CASE("a HEAD is answered like its GET, other paths and methods are not found") {
  ServerHouse house;
  CHECK(house.ask("HEAD", "/v1/sync/digest").body == house.get("/v1/sync/digest").body);
  CHECK(house.ask("HEAD", "/v1/sync/digest?limit=0").status == 400);
  CHECK(house.ask("HEAD", "/v1/sync/cluster-manifest").status == 204);
  CHECK(house.ask("HEAD", "/v1/sync/x1/feed?wait=25000").status == 200);
  for (const auto& [method, target] : std::vector<std::pair<std::string, std::string>>{{"POST", "/v1/sync/digest"},
                                                                                       {"GET", "/v1/sync/pull"},
                                                                                       {"HEAD", "/v1/sync/pull"},
                                                                                       {"GET", "/v1/sync/digest/"},
                                                                                       {"GET", "/v1/sync/x1/hint"},
                                                                                       {"POST", "/v1/sync/x1/feed"},
                                                                                       {"GET", "/v1/sync/x2/feed"}}) {
    CAPTURE(target);
    const auto answer = house.ask(method, target);
    CHECK(answer.status == 404);
    CHECK(answer.body == error("not found"));
  }
}

TEST_CASE("a store that cannot be read is unavailable, on every route") {
  ServerHouse house;
  house.store->close();
  for (const std::string target : {"/v1/sync/digest", "/v1/sync/x1/feed", "/v1/sync/x1/feed?wait=1000"}) {
    CAPTURE(target);
    CHECK(house.get(target).status == 503);
    CHECK(house.get(target).body == error("store unavailable"));
  }
  CHECK(house.post("/v1/sync/pull", R"({"names": ["a"]})").status == 503);
  CHECK(house.post("/v1/sync/x1/get", R"({"want": [["a", ")" + k_hash_of_v + R"("]]})").status == 503);
}
