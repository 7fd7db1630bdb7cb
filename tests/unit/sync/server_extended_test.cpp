// SPDX-License-Identifier: Apache-2.0
// What extended nodes ask beside the feed: get, reconcile, hint; and compression.
#define ZLIB_CONST
#include <doctest/doctest.h>
#include <fmt/format.h>
#include <zlib.h>

#include <array>
#include <string>
#include <vector>

#include "base/bytes.hpp"
#include "server_house.hpp"
#include "sync/reconcile.hpp"
#include "sync/wire_server.hpp"

using namespace dnsmesh;
using test::ServerHouse;

namespace {

constexpr std::string_view k_not_found = R"({"error": "not found"})";
constexpr std::string_view k_invalid_body = R"({"error": "invalid body"})";

sync::GetAnswer parsed(const sync::ServeAnswer& answer, std::size_t asked) {
  REQUIRE(answer.status == 200);
  const auto got = sync::parse_get_answer(answer.body, asked);
  REQUIRE(got.has_value());
  CHECK(got->malformed == 0);
  return *got;
}

sync::PairKey pair(std::string name, std::string_view value) { return {std::move(name), crypto::sha256(value)}; }

std::string header(const sync::ServeAnswer& answer, std::string_view name) {
  for (const auto& [key, value] : answer.headers) {
    if (key == name) return value;
  }
  return "-";
}

std::string unpacked(std::string_view packed) {
  z_stream stream{};
  REQUIRE(inflateInit2(&stream, 15 + 16) == Z_OK);
  stream.next_in = octets(packed);
  stream.avail_in = static_cast<uInt>(packed.size());
  std::string out;
  int status = Z_OK;
  while (status == Z_OK) {
    std::array<unsigned char, 65536> chunk;
    stream.next_out = chunk.data();
    stream.avail_out = static_cast<uInt>(chunk.size());
    status = inflate(&stream, Z_NO_FLUSH);
    out += view(chunk.data(), chunk.size() - stream.avail_out);
  }
  CHECK(status == Z_STREAM_END);
  inflateEnd(&stream);
  return out;
}

std::string hint(const std::string& epoch_id) { return sync::write_hint({"node-b", {epoch_id, 1}, 5, std::nullopt}); }

}  // namespace

TEST_CASE("an extended node says so in a digest when asked, and only then") {
  ServerHouse house;
  house.put("a.test", "v");
  house.put("hidden.test", "v", 300, {.reason = ErrorCode::record_unknown_type});
  house.manifest = {"v=dmp1;t=cluster;AA==", 7, 1900000000, "mesh.test"};
  CHECK_FALSE(house.get("/v1/sync/digest").body.contains("\"x\""));
  CHECK_FALSE(house.get("/v1/sync/digest?x=2").body.contains("\"x\""));
  const auto answer = sync::parse_digest_answer(house.get("/v1/sync/digest?cursor=0::&x=1").body, 10);
  REQUIRE(answer.has_value());
  REQUIRE(answer->extension.has_value());
  CHECK(answer->entries.size() == 1);
  const sync::Extension& x = *answer->extension;
  CHECK(x.node == "node-a");
  CHECK(x.epoch == sync::WireEpoch{house.store->epoch().id, house.store->epoch().boot});
  CHECK(x.high == 2);
  CHECK(x.count == 1);
  CHECK(x.now_ms == ServerHouse::k_start_ms);
  CHECK(x.manifest_seq == 7);
  for (const bool has : {x.feed, x.get, x.rbsr, x.hint, x.gzip, x.tombstones}) CHECK(has);
}

TEST_CASE("a node whose extension is off knows nothing of it") {
  ServerHouse house(false);
  CHECK_FALSE(house.get("/v1/sync/digest?x=1").body.contains("\"x\""));
  CHECK(house.get("/v1/sync/x1/feed").body == k_not_found);
  for (const std::string path : {"get", "reconcile", "hint"}) {
    CHECK(house.post("/v1/sync/x1/" + path, "{}").status == 404);
  }
}

TEST_CASE("values are given by pair: what is live and offered, in the order asked for") {
  ServerHouse house;
  house.put("a.test", "1");
  house.put("a.test", "2", 60);
  house.put("hidden.test", "v", 300, {.reason = ErrorCode::record_unknown_type});
  const std::vector<sync::PairKey> want = {pair("a.test", "2"), pair("none.test", "v"), pair("hidden.test", "v"),
                                           pair("a.test", "1"), pair("A.test", "1"),    pair("a.test", "2")};
  const auto got = parsed(house.post("/v1/sync/x1/get", sync::write_get_request(want)), want.size());
  CHECK(got.done == 6);
  REQUIRE(got.records.size() == 3);
  CHECK(got.records[0].value == "2");
  CHECK(got.records[0].ttl_ms == 60000 - ServerHouse::k_start_ms % 1000);
  CHECK(got.records[1].value == "1");
  CHECK(got.records[2].value == "2");
}

TEST_CASE("values are given by id, in the order asked for") {
  ServerHouse house;
  house.put("a.test", "1");
  house.put("b.test", "2");
  const std::vector<crypto::Hash256> ids = {sync::pair_id(pair("b.test", "2")), crypto::sha256("unknown"),
                                            sync::pair_id(pair("a.test", "1"))};
  const auto got = parsed(house.post("/v1/sync/x1/get", sync::write_get_request_by_id(ids)), ids.size());
  CHECK(got.done == 3);
  REQUIRE(got.records.size() == 2);
  CHECK(got.records[0].name == "b.test");
  CHECK(got.records[1].name == "a.test");
  house.remove("a.test", "1");
  CHECK(parsed(house.post("/v1/sync/x1/get", sync::write_get_request_by_id(ids)), ids.size()).records.size() == 1);
}

TEST_CASE("a get whose answer would be too long ends early, and the rest is had by asking again") {
  ServerHouse house;
  constexpr std::size_t k_value_bytes = 59000;
  constexpr std::size_t k_values = 100;
  std::vector<sync::PairKey> want;
  for (std::size_t i = 0; i < k_values; ++i) {
    const std::string value = fmt::format("{:0>{}}", i, k_value_bytes);
    want.push_back(pair(fmt::format("n{}.test", i), value));
    house.put(want.back().name, value);
  }
  std::size_t records = 0;
  int rounds = 0;
  while (!want.empty()) {
    const auto answer = house.post("/v1/sync/x1/get", sync::write_get_request(want));
    CHECK(answer.body.size() <= limits::sync_extended_bytes_max);
    const auto got = parsed(answer, want.size());
    records += got.records.size();
    want.erase(want.begin(), want.begin() + static_cast<std::ptrdiff_t>(got.done));
    ++rounds;
  }
  CHECK(records == k_values);
  CHECK(rounds == 2);
}

TEST_CASE("a get or a hint that is not what it should be is an invalid body") {
  ServerHouse house;
  for (const std::string body : {"", "{", "{}", "[]", R"({"want": [["a", "b"]]})", R"({"ids": ["x"]})"}) {
    CAPTURE(body);
    CHECK(house.post("/v1/sync/x1/get", body).status == 400);
    CHECK(house.post("/v1/sync/x1/get", body).body == k_invalid_body);
    CHECK(house.post("/v1/sync/x1/hint", body).body == k_invalid_body);
  }
  CHECK(house.hints.empty());
}

TEST_CASE("two nodes find out what one lacks by reconciliation") {
  ServerHouse server;
  ServerHouse asker;
  for (int i = 0; i < 300; ++i) {
    server.put(fmt::format("n{}.test", i), "v");
    if (i % 50 != 0) asker.put(fmt::format("n{}.test", i), "v");
  }
  sync::Reconciliation run(asker.pairs);
  std::vector<crypto::Hash256> need;
  std::string message = run.open();
  while (!message.empty()) {
    const auto answer = server.post("/v1/sync/x1/reconcile", message);
    CHECK(answer.status == 200);
    CHECK(answer.content_type == "application/octet-stream");
    auto step = run.take(answer.body);
    REQUIRE(step.has_value());
    need.insert(need.end(), step->need.begin(), step->need.end());
    message = std::move(step->next);
  }
  CHECK(need.size() == 6);
  const auto got = parsed(server.post("/v1/sync/x1/get", sync::write_get_request_by_id(need)), need.size());
  CHECK(got.records.size() == 6);
}

TEST_CASE("a reconciliation message that is none is an invalid body") {
  ServerHouse house;
  for (const std::string& body : {std::string(), std::string("\x61\xFF\xFF", 3), std::string(200000, '\x61')}) {
    const auto answer = house.post("/v1/sync/x1/reconcile", body);
    CHECK(answer.status == 400);
    CHECK(answer.body == k_invalid_body);
  }
}

TEST_CASE("a hint of a live peer is taken, of any other not found") {
  ServerHouse house;
  const std::string id(32, 'a');
  house.live_epochs = {id};
  CHECK(house.post("/v1/sync/x1/hint", hint(id)).status == 204);
  CHECK(house.post("/v1/sync/x1/hint", hint(id)).body.empty());
  const auto unknown = house.post("/v1/sync/x1/hint", hint(std::string(32, 'b')));
  CHECK(unknown.status == 404);
  CHECK(unknown.body == k_not_found);
  REQUIRE(house.hints.size() == 3);
  CHECK(house.hints[0].high == 5);
}

TEST_CASE("an address that hints more than twenty times a second is acknowledged and not listened to") {
  ServerHouse house;
  const std::string id(32, 'a');
  house.live_epochs = {id};
  for (int i = 0; i < 30; ++i) CHECK(house.post("/v1/sync/x1/hint", hint(id)).status == 204);
  CHECK(house.hints.size() == 20);
  CHECK((*house.send("POST", "/v1/sync/x1/hint", hint(id), "192.0.2.9"))->status == 204);
  CHECK(house.hints.size() == 21);
  house.clock.advance_ms(50);
  house.post("/v1/sync/x1/hint", hint(id));
  CHECK(house.hints.size() == 22);
}

TEST_CASE("answers over a KiB are compressed for who takes gzip, errors and short ones never") {
  ServerHouse house;
  for (int i = 0; i < 100; ++i) house.put(fmt::format("n{}.test", i), std::string(1000, 'x'));
  const std::string plain = house.get("/v1/sync/x1/feed").body;
  house.accepts_gzip = true;
  const auto feed = house.get("/v1/sync/x1/feed");
  CHECK(header(feed, "Content-Encoding") == "gzip");
  CHECK(header(feed, "Vary") == "Accept-Encoding");
  CHECK(feed.content_type == "application/json");
  CHECK(feed.body.size() < plain.size());
  CHECK(unpacked(feed.body) == plain);
  CHECK(header(house.get("/v1/sync/digest"), "Content-Encoding") == "gzip");
  const auto pulled = house.post("/v1/sync/pull", R"({"names": ["n1.test", "n2.test"]})");
  CHECK(sync::parse_pull_answer(unpacked(pulled.body))->records.size() == 2);
  CHECK(header(house.get("/v1/sync/digest?limit=2"), "Content-Encoding") == "-");
  CHECK(header(house.get("/v1/sync/digest?limit=0"), "Content-Encoding") == "-");
}

TEST_CASE("a reader that waits gets its answer compressed too") {
  ServerHouse house;
  house.accepts_gzip = true;
  const auto waiting = house.send("GET", "/v1/sync/x1/feed?wait=1000");
  store::Batch batch;
  for (int i = 0; i < 50; ++i)
    batch.operations.emplace_back(store::Put{.name = fmt::format("n{}", i), .value = "v", .ttl_s = 60, .offer = {}});
  REQUIRE(store::commit_and_wait(*house.store, std::move(batch)).has_value());
  house.loop.run_until_idle();
  REQUIRE(waiting->has_value());
  CHECK(sync::parse_feed_answer(unpacked((*waiting)->body), 100)->entries.size() == 50);
}
