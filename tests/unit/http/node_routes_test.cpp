// SPDX-License-Identifier: Apache-2.0
// What the node says of itself: readiness and metrics. Health and figures of the store are in api_test.cpp.
#include "http/node_routes.hpp"

#include <doctest/doctest.h>

#include <limits>
#include <optional>
#include <string>

#include "http/fake_store.hpp"
#include "http/metrics_text.hpp"

using namespace dnsmesh;

namespace {

class Fixture {
 public:
  explicit Fixture(access::Policy policy = {}) : access(std::move(policy), clock) {
    view.not_ready = [this] { return missing; };
    view.metrics = [] { return MetricsSnapshot{{"dmp_records", MetricType::gauge, "Live pairs.", {{{}, 3}}}}; };
  }

  http::Response get(std::string_view path, std::string authorization = {}) {
    http::Request request;
    request.authorization = std::move(authorization);
    std::optional<http::Response> answer;
    for (const http::Route& route : http::node_routes(store, access, view, [] { return http::OfferCounts{}; })) {
      if (route.path == path) route.handler(request, [&](http::Response given) { answer = std::move(given); });
    }
    REQUIRE(answer.has_value());
    return *answer;
  }

  ManualClock clock{0};
  test::FakeStore store;
  std::vector<std::string_view> missing;
  http::NodeView view;
  access::Access access;
};

}  // namespace

TEST_CASE("the node lives whatever else is wrong with it") {
  Fixture node;
  node.store.unreadable = true;
  node.missing = {"stopping"};
  CHECK(node.get("/livez").status == 200);
  CHECK(node.get("/livez").body == R"({"status": "live"})");
}

TEST_CASE("the node is ready when nothing is missing, and lists what is, under both names") {
  Fixture node;
  for (const std::string_view path : {"/readyz", "/ready"}) {
    CAPTURE(path);
    node.missing.clear();
    node.store.health_now = {};
    node.store.unreadable = false;
    CHECK(node.get(path).status == 200);
    CHECK(node.get(path).body == R"({"status": "ready", "not_ready": []})");
    node.store.health_now.writable = false;
    CHECK(node.get(path).status == 503);
    CHECK(node.get(path).body == R"({"status": "not ready", "not_ready": ["store_write"]})");
    node.store.unreadable = true;
    node.missing = {"index", "listeners", "stopping"};
    CHECK(node.get(path).body ==
          R"({"status": "not ready", "not_ready": ["store_read", "store_write", "index", "listeners", "stopping"]})");
  }
}

TEST_CASE("metrics are open without an operator token, and the operator's alone with one, whatever the mode") {
  CHECK(Fixture().get("/metrics").status == 200);
  for (const auto mode : {access::AuthMode::open, access::AuthMode::legacy, access::AuthMode::multi_tenant}) {
    access::Policy policy;
    policy.mode = mode;
    policy.operator_token = "secret";
    policy.rate = {0.001, 1};
    Fixture node(policy);
    for (int i = 0; i < 3; ++i) {
      CHECK(node.get("/metrics").status == 401);
      CHECK(node.get("/metrics", "Bearer wrong").body == R"({"error": "unauthorized"})");
    }
    const http::Response page = node.get("/metrics", "Bearer secret");
    CHECK(page.status == 200);
    CHECK(page.content_type == "text/plain; version=0.0.4");
    CHECK(page.body == "# HELP dmp_records Live pairs.\n# TYPE dmp_records gauge\ndmp_records 3\n");
  }
}

TEST_CASE("metrics text escapes label values, keeps large counts exact, and names families without samples") {
  const MetricsSnapshot snapshot = {
      {"a_total", MetricType::counter, "Counts.", {{{{"reason", "a\"b\\c\nd"}}, 9007199254740991.0}}},
      {"b", MetricType::gauge, "Nothing now.", {}},
  };
  CHECK(http::metrics_text(snapshot) ==
        "# HELP a_total Counts.\n# TYPE a_total counter\na_total{reason=\"a\\\"b\\\\c\\nd\"} 9007199254740991\n"
        "# HELP b Nothing now.\n# TYPE b gauge\n");
}
