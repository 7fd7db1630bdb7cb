// SPDX-License-Identifier: Apache-2.0
// The handlers over a store that can be told to fail; routes and framing are tested in tests/unit/net.
#include "http/api.hpp"

#include <doctest/doctest.h>

#include <optional>
#include <string>

#include "http/fake_store.hpp"

using namespace dnsmesh;

namespace {

constexpr std::string_view k_busy = R"({"error": "server busy"})";

class Fixture {
 public:
  explicit Fixture(access::Policy policy = {})
      : access(std::move(policy), clock), api(store, access, [this](auto, auto) { return offer; }, {}) {}

  /// Calls the handler of a route by its path in the document; the answer may be missing while the store holds it.
  std::optional<http::Response> ask(std::string_view method, std::string_view path, http::Request request) {
    std::optional<http::Response> answer;
    for (const http::Route& route : api.routes()) {
      if (route.method != method || route.path != path) continue;
      route.handler(request, [&](http::Response response) { answer = std::move(response); });
    }
    return answer;
  }
  http::Response record(std::string_view method, std::string target, std::string body = {}, std::string token = {}) {
    http::Request request;
    request.target = "/v1/records/" + target;
    request.body = std::move(body);
    request.peer_address = "192.0.2.1";
    if (!token.empty()) request.authorization = "Bearer " + token;
    const auto answer = ask(method, "/v1/records/{name}", std::move(request));
    REQUIRE(answer.has_value());
    return *answer;
  }

  ManualClock clock{0};
  test::FakeStore store;
  record::Offer offer;
  access::Access access;
  http::Api api;
};

}  // namespace

TEST_CASE("a publish is stored under the folded name and read back under any spelling, each echoed") {
  Fixture node;
  CHECK(node.record("POST", "DMP.Alice.Example.COM", R"({"value": "v", "ttl": 60})").status == 201);
  const auto puts = node.store.puts();
  REQUIRE(puts.size() == 1);
  CHECK(puts[0].name == "dmp.alice.example.com");
  CHECK(puts[0].value == "v");
  CHECK(puts[0].ttl_s == 60);
  CHECK(puts[0].values_per_name_max == limits::values_per_name_max_default);
  CHECK(puts[0].rrset_bounded);
  CHECK(puts[0].ttl_rule == store::TtlRule::last_write_wins);
  CHECK(node.record("GET", "dMp.alice.example.com.").body == R"({"name": "dMp.alice.example.com", "values": ["v"]})");
  CHECK(node.record("DELETE", "DMP.ALICE.example.com").status == 204);
  CHECK(node.record("GET", "dmp.alice.example.com").status == 404);
}

TEST_CASE("values and names are escaped in answers") {
  Fixture node;
  CHECK(node.record("POST", "a", "{\"value\": \"\\\\ \u00e9 \U0001F600\"}").status == 201);
  CHECK(node.record("GET", "a").body == R"({"name": "a", "values": ["\\ \u00e9 \ud83d\ude00"]})");
  CHECK(node.record("GET", "%22%0A%FF").body == R"({"name": "\"\n\ufffd", "values": []})");
}

TEST_CASE("what the store says to a publish") {
  struct Row {
    ErrorCode code;
    int status;
    std::string_view body;
  };
  Fixture node;
  for (const Row& row :
       {Row{ErrorCode::store_values_full, 413, R"({"error": "RRset at A.b already holds 64 values"})"},
        Row{ErrorCode::store_rrset_full, 413, R"({"error": "RRset at A.b exceeds 60000 bytes"})"},
        Row{ErrorCode::store_busy, 503, k_busy}, Row{ErrorCode::store_disk_full, 502, R"({"ok": false})"},
        Row{ErrorCode::store_io, 502, R"({"ok": false})"}, Row{ErrorCode::store_closed, 502, R"({"ok": false})"},
        Row{ErrorCode::store_unknown, 502, R"({"ok": false})"}}) {
    CAPTURE(error_name(row.code));
    node.store.commit_error = row.code;
    const http::Response answer = node.record("POST", "A.b", R"({"value": "v"})");
    CHECK(answer.status == row.status);
    CHECK(answer.body == row.body);
  }
}

TEST_CASE("what the store says to a delete and to a read") {
  Fixture node;
  node.store.commit_error = ErrorCode::store_io;
  http::Response answer = node.record("DELETE", "a");
  CHECK(answer.status == 502);
  CHECK(answer.body.empty());
  CHECK(answer.content_type.empty());
  node.store.commit_error = ErrorCode::store_busy;
  answer = node.record("DELETE", "a");
  CHECK(answer.status == 503);
  CHECK(answer.body == k_busy);
  node.store.unreadable = true;
  CHECK(node.record("GET", "a").status == 503);
}

TEST_CASE("a publish is answered only when the store has committed it") {
  Fixture node;
  node.store.hold = true;
  std::optional<http::Response> answer;
  http::Request request;
  request.target = "/v1/records/a";
  request.body = R"({"value": "v"})";
  for (const http::Route& route : node.api.routes()) {
    if (route.method == "POST") route.handler(request, [&](http::Response response) { answer = std::move(response); });
  }
  CHECK(node.store.held() == 1);
  CHECK_FALSE(answer.has_value());
  node.store.answer_held();
  REQUIRE(answer.has_value());
  CHECK(answer->status == 201);
}

TEST_CASE("who is not authorised hears nothing about names, bodies or records") {
  access::Policy policy;
  policy.mode = access::AuthMode::legacy;
  policy.operator_token = "secret";
  Fixture node(policy);
  for (const std::string_view method : {"POST", "GET", "DELETE"}) {
    const http::Response answer = node.record(method, "a..b", "{nope", "wrong");
    CHECK(answer.status == 401);
    CHECK(answer.body == R"({"error": "unauthorized"})");
  }
  CHECK(node.store.puts().empty());
  CHECK(node.record("POST", "a", R"({"value": "v"})", "secret").status == 201);
}

TEST_CASE("a path that is no record path is neither charged nor authorised") {
  access::Policy policy;
  policy.mode = access::AuthMode::legacy;
  policy.rate = {0.001, 1};
  Fixture node(policy);
  for (int i = 0; i < 5; ++i) CHECK(node.record("POST", "a//").status == 404);
  CHECK(node.record("POST", "a").status == 401);
  CHECK(node.record("POST", "a").status == 429);
}

TEST_CASE("new caps count for the next request") {
  Fixture node;
  node.api.set_limits({10, 3, 1});
  CHECK(node.record("POST", "a", R"({"value": "v", "ttl": 11})").body == R"({"error": "ttl exceeds cap of 10s"})");
  CHECK(node.record("POST", "a", R"({"value": "1234", "ttl": 1})").body ==
        R"({"error": "value exceeds cap of 3 bytes"})");
  CHECK(node.record("POST", "a", R"({"value": "1", "ttl": 1})").status == 201);
  CHECK(node.record("POST", "a", R"({"value": "2", "ttl": 1})").body ==
        R"({"error": "RRset at a already holds 1 values"})");
}

TEST_CASE("the offer goes to the store with the pair, a refused one is counted by its reason") {
  Fixture node;
  node.offer.valid_until_s = 17;
  CHECK(node.record("POST", "a", R"({"value": "1"})").status == 201);
  CHECK(node.store.puts().back().offer == node.offer);
  CHECK(node.api.offers_refused().empty());
  node.offer.reason = ErrorCode::record_unknown_type;
  CHECK(node.record("POST", "a", R"({"value": "2"})").status == 201);
  CHECK(node.record("POST", "a", R"({"value": "3"})").status == 201);
  CHECK(node.store.puts().back().offer == node.offer);
  const auto refused = node.api.offers_refused();
  REQUIRE(refused.size() == 1);
  CHECK(refused[0] == std::pair{ErrorCode::record_unknown_type, std::uint64_t{2}});
}

TEST_CASE("health says ok while the store reads and writes, else why not") {
  Fixture node;
  const auto health = [&] { return *node.ask("GET", "/health", {}); };
  CHECK(health().status == 200);
  CHECK(health().body == R"({"status": "ok"})");
  node.store.health_now.writable = false;
  CHECK(health().status == 503);
  CHECK(health().body == R"({"status": "degraded", "store": "write failed"})");
  node.store.unreadable = true;
  CHECK(health().status == 503);
  CHECK(health().body == R"({"status": "degraded", "store": "unavailable"})");
  // One read that failed, remembered by the store, is over when the next one succeeds.
  node.store.unreadable = false;
  node.store.health_now = {.readable = false, .writable = true};
  CHECK(health().status == 200);
}

TEST_CASE("stats count live pairs, or say null") {
  Fixture node;
  const auto stats = [&] { return node.ask("GET", "/stats", {})->body; };
  CHECK(stats() == R"({"records": 0})");
  node.record("POST", "a", R"({"value": "1"})");
  node.record("POST", "a", R"({"value": "2"})");
  CHECK(stats() == R"({"records": 2})");
  node.store.unreadable = true;
  CHECK(stats() == R"({"records": null})");
}

TEST_CASE("a delete of a value that is not here keeps it away for as long as peers could bring it") {
  Fixture node;
  http::PublishLimits limits;
  limits.absent_tombstone_s = 1000;
  node.api.set_limits(limits);
  CHECK(node.record("DELETE", "a", R"({"value": "v"})").status == 404);
  REQUIRE(node.store.deletes().size() == 1);
  CHECK(node.store.deletes()[0].absent_tombstone_s == 1000);
}
