// SPDX-License-Identifier: Apache-2.0
// Who gets through the door of peers. What stands behind it is tested in tests/unit/sync, sockets in tests/unit/net.
#include "http/sync_routes.hpp"

#include <doctest/doctest.h>

#include <optional>
#include <string>

#include "http/accept_encoding.hpp"
#include "sync/server_house.hpp"

using namespace dnsmesh;

namespace {

struct Door {
  explicit Door(http::SyncPolicy policy)
      : access({}, house.clock), door(std::move(policy), house.server, access, house.clock) {}

  int status(std::string authorization, std::string peer = "192.0.2.1") {
    std::optional<int> status;
    http::Request request;
    request.method = "GET";
    request.target = "/v1/sync/digest";
    request.authorization = std::move(authorization);
    request.peer_address = std::move(peer);
    door.routes().at(0).handler(request, [&](const http::Response& response) { status = response.status; });
    REQUIRE(status.has_value());
    return *status;
  }

  test::ServerHouse house;
  access::Access access;
  http::SyncDoor door;
};

}  // namespace

TEST_CASE("a token must match exactly, and either of two opens") {
  Door node({"first-token", "second-token", {}});
  CHECK(node.status("Bearer first-token") == 200);
  CHECK(node.status("Bearer second-token") == 200);
  for (const std::string wrong :
       {"", "first-token", "Bearer", "Bearer ", "bearer first-token", "Bearer  first-token", "Bearer first-toke",
        "Bearer first-tokenn", "Bearer First-token", "Basic first-token"}) {
    CAPTURE(wrong);
    CHECK(node.status(wrong) == 403);
  }
}

TEST_CASE("an alternative token alone opens too, and no token opens to nobody") {
  CHECK(Door({"", "second-token", {}}).status("Bearer second-token") == 200);
  CHECK(Door({"", "", {}}).status("Bearer ") == 403);
  CHECK(Door({"", "", {}}).status("") == 403);
}

TEST_CASE("tokens and rates may be replaced while the node runs") {
  Door node({"old-token", "", {1, 1}});
  CHECK(node.status("Bearer old-token") == 200);
  node.door.set_policy({"new-token", "", {0.5, 0.1}});
  CHECK(node.status("Bearer old-token") == 403);
  CHECK(node.status("Bearer new-token") == 200);
  CHECK(node.status("Bearer new-token") == 200);
  CHECK(node.status("Bearer new-token") == 429);
  CHECK(node.status("Bearer new-token", "192.0.2.2") == 200);
  node.house.clock.advance_ms(100);
  CHECK(node.status("Bearer new-token") == 200);
}

TEST_CASE("a public rate that is off is off for peers too") {
  Door node({"token", "", {0, 0}});
  for (int i = 0; i < 5000; ++i) REQUIRE(node.status("Bearer token") == 200);
}

TEST_CASE("long bodies are for peers on their routes") {
  Door node({"token", "", {}});
  const auto bound = [&](std::string target, std::string authorization) {
    http::Request head;
    head.target = std::move(target);
    head.authorization = std::move(authorization);
    return node.door.body_bytes_max(head);
  };
  CHECK(bound("/v1/sync/pull", "Bearer token") == 262144);
  CHECK(bound("/v1/sync/x1/get?a", "Bearer token") == 262144);
  CHECK(bound("/v1/sync/pull", "Bearer other") == 16384);
  CHECK(bound("/v1/records/a", "Bearer token") == 16384);
}

TEST_CASE("a node whose extension is off has the three routes of existing nodes") {
  Door node({"token", "", {}});
  CHECK(node.door.routes(false).size() == 3);
  CHECK(node.door.routes().size() == 7);
}

TEST_CASE("gzip is taken when it is named with a weight above nought, or by a star") {
  using http::accepts_gzip;
  for (const std::string takes : {"gzip", "GZIP", "x-gzip", "deflate, gzip", "gzip;q=0.5", "gzip ; Q=1", "*",
                                  "br, *;q=0.1", "identity;q=0,gzip;q=0.001"}) {
    CAPTURE(takes);
    CHECK(accepts_gzip(takes));
  }
  for (const std::string refuses :
       {"", "identity", "deflate", "gzip;q=0", "gzip;q=0.000", "*;q=0", "*, gzip;q=0", "gzipped", ",;,", "br;gzip"}) {
    CAPTURE(refuses);
    CHECK_FALSE(accepts_gzip(refuses));
  }
}
