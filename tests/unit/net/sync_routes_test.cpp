// SPDX-License-Identifier: Apache-2.0
// The routes of peers over a real socket (spec/anti-entropy.md 2; the rows about sync of spec/http-api.md 12).
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <string>
#include <vector>

#include "net/raw_client.hpp"
#include "net/test_node.hpp"
#include "sync/wire_server.hpp"

using namespace dnsmesh;
using test::ask;
using test::TestNode;

namespace {

constexpr std::string_view k_peer = "Authorization: Bearer sync-token-of-16\r\n";
constexpr std::string_view k_forbidden = R"({"error": "forbidden"})";
constexpr std::string_view k_limited = R"({"error": "rate limit exceeded"})";
constexpr std::string_view k_unauthorized = R"({"error": "unauthorized"})";

access::Policy limited_to(double burst) { return {access::AuthMode::open, "", {0.01, burst}}; }

}  // namespace

TEST_CASE("row 31: without a configured token a digest is forbidden, whatever token is shown") {
  const TestNode node({}, 3, "");
  for (const std::string_view headers : {"", "Authorization: Bearer \r\n", "Authorization: Bearer x\r\n"}) {
    const auto answer = ask(node.port(), "GET", "/v1/sync/digest", "", headers);
    CHECK(answer.status == 403);
    CHECK(answer.body == k_forbidden);
    CHECK(answer.header("Content-Type") == "application/json");
  }
}

TEST_CASE("rows 36 and 37: the public bucket comes before everything but the token, and health has none") {
  const TestNode node({access::AuthMode::legacy, "operator-token-16", {0.01, 2}});
  CHECK(ask(node.port(), "GET", "/v1/records/x.y").body == k_unauthorized);
  CHECK(ask(node.port(), "GET", "/v1/records/x.y").body == k_unauthorized);
  CHECK(ask(node.port(), "GET", "/v1/records/x.y").body == k_limited);
  CHECK(ask(node.port(), "GET", "/health").status == 200);
  const auto digest = ask(node.port(), "GET", "/v1/sync/digest");
  CHECK(digest.status == 429);
  CHECK(digest.body == k_limited);
  CHECK(ask(node.port(), "GET", "/v1/sync/digest", "", k_peer).status == 200);
}

TEST_CASE("wrong tokens drain the public bucket, matching ones one of their own that is twenty times as deep") {
  const TestNode node(limited_to(2));
  for (int i = 0; i < 40; ++i) REQUIRE(ask(node.port(), "GET", "/v1/sync/digest", "", k_peer).status == 200);
  CHECK(ask(node.port(), "GET", "/v1/sync/digest", "", k_peer).body == k_limited);
  CHECK(ask(node.port(), "GET", "/v1/sync/digest").body == k_forbidden);
  CHECK(ask(node.port(), "GET", "/v1/records/x.y").status == 404);
  CHECK(ask(node.port(), "GET", "/v1/records/x.y").body == k_limited);
}

TEST_CASE("a path of peers is exact, but for what follows a question mark") {
  const TestNode node;
  CHECK(ask(node.port(), "GET", "/v1/sync/digest?limit=1&x=1", "", k_peer).status == 200);
  CHECK(ask(node.port(), "GET", "//v1/sync/digest", "", k_peer).status == 200);
  CHECK(ask(node.port(), "GET", "/v1/sync/digest?cursor=0:%2F:&a?b", "", k_peer).status == 200);
  for (const std::string target : {"/v1/sync/digest/", "/v1/sync/digest%3Fx", "/v1/sync/", "/v1/sync/pull",
                                   "/v1/sync/x1/hint", "/v1/sync/x1/other", "/V1/sync/digest"}) {
    CAPTURE(target);
    const auto answer = ask(node.port(), "GET", target, "", k_peer);
    CHECK(answer.status == 404);
    CHECK(answer.body == R"({"error": "not found"})");
  }
}

TEST_CASE("a digest over HTTP has the headers that readers need, and a HEAD has them too") {
  const TestNode node;
  const auto got = ask(node.port(), "GET", "/v1/sync/digest", "", k_peer);
  CHECK(got.status == 200);
  CHECK(got.header("Content-Type") == "application/json");
  CHECK(got.header("Date").ends_with(" GMT"));
  CHECK(got.header("Content-Length") == std::to_string(got.body.size()));
  const auto manifest = ask(node.port(), "GET", "/v1/sync/cluster-manifest", "", k_peer);
  CHECK(sync::parse_manifest_answer(manifest.body).value() == "v=dmp1;t=cluster;AA==");
  test::RawClient client(node.port());
  client.send(fmt::format("HEAD /v1/sync/digest HTTP/1.1\r\nHost: h\r\n{}Connection: close\r\n\r\n", k_peer));
  const auto head = client.read_answer(true);
  CHECK(head.status == 200);
  CHECK(head.header("Content-Length") == got.header("Content-Length"));
  CHECK(client.read_to_end().empty());
}

TEST_CASE("a pull may have 256 KiB once the token matched, and 16 KiB otherwise") {
  const TestNode node;
  std::vector<std::string> names;
  for (int i = 0; i < 256; ++i) names.push_back(fmt::format("{:0>250}", i));
  const std::string body = sync::write_pull_request(names);
  REQUIRE(body.size() > limits::http_body_bytes_max);
  CHECK(ask(node.port(), "POST", "/v1/sync/pull", body, k_peer).body == R"({"records": []})");
  CHECK(ask(node.port(), "POST", "/v1/sync/pull", body).body == k_forbidden);
  const std::string longest = body + std::string(limits::sync_body_bytes_max - body.size(), ' ');
  CHECK(ask(node.port(), "POST", "/v1/sync/pull", longest, k_peer).status == 200);
  for (const std::string path : {"pull", "x1/get", "x1/reconcile", "x1/hint"}) {
    const auto answer = ask(node.port(), "POST", "/v1/sync/" + path, longest + " ", k_peer);
    CHECK(answer.status == 400);
    CHECK(answer.body == R"({"error": "invalid body"})");
  }
  CHECK(ask(node.port(), "POST", "/v1/records/a", longest, k_peer).status == 400);
}

TEST_CASE("a peer that takes gzip gets long answers compressed, any other does not") {
  TestNode node;
  for (int i = 0; i < 20; ++i) {
    ask(node.port(), "POST", fmt::format("/v1/records/n{}.test", i), R"({"value": "v"})");
  }
  const auto digest = [&](std::string_view encodings) {
    return ask(node.port(), "GET", "/v1/sync/digest", "", fmt::format("{}{}", k_peer, encodings));
  };
  CHECK(digest("Accept-Encoding: deflate, gzip\r\n").header("Content-Encoding") == "gzip");
  CHECK(digest("Accept-Encoding: identity\r\n").header("Content-Encoding") == "-");
  CHECK(digest("").header("Content-Encoding") == "-");
}

TEST_CASE("a reader of the feed waits without a worker until something changes") {
  TestNode node;
  node.store->set_listener([&](std::span<const store::Change> changes) {
    node.pairs.apply(changes);
    node.sync_server.moved();
    node.sync_loop.run_until_idle();
  });
  std::vector<std::unique_ptr<test::RawClient>> waiting;
  for (std::uint32_t host = 1; host <= 20; ++host) {  // more than there are workers
    waiting.push_back(std::make_unique<test::RawClient>(node.port(), host));
    waiting.back()->send(fmt::format("GET /v1/sync/x1/feed?wait=25000 HTTP/1.1\r\nHost: h\r\n{}\r\n", k_peer));
  }
  while (node.sync_server.waiting() < waiting.size()) std::this_thread::yield();
  CHECK(ask(node.port(), "POST", "/v1/records/a.test", R"({"value": "v"})").status == 201);
  for (const auto& client : waiting) {
    const auto feed = sync::parse_feed_answer(client->read_answer().body, 10);
    REQUIRE(feed.has_value());
    CHECK(feed->entries.size() == 1);
  }
}

TEST_CASE("a listener without peers forbids all their routes, each request out of the public bucket") {
  SystemClock clock;
  access::Access access(limited_to(7), clock);
  net::HttpServerOptions options;
  options.host = "127.0.0.1";
  const auto server = net::start_http_server(options, http::closed_sync_routes(access), clock);
  REQUIRE(server.has_value());
  for (const std::string target : {"digest", "cluster-manifest", "x1/feed"}) {
    CHECK(ask((*server)->port(), "GET", "/v1/sync/" + target, "", k_peer).body == k_forbidden);
  }
  for (const std::string target : {"pull", "x1/get", "x1/reconcile", "x1/hint"}) {
    CHECK(ask((*server)->port(), "POST", "/v1/sync/" + target, "{}", k_peer).body == k_forbidden);
  }
  CHECK(ask((*server)->port(), "GET", "/v1/sync/digest", "", k_peer).body == k_limited);
}
