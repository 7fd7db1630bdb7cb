// SPDX-License-Identifier: Apache-2.0
// The real routes behind the real server on a loopback port, over a store in memory.
#pragma once

#include <doctest/doctest.h>

#include <memory>
#include <utility>

#include "base/random.hpp"
#include "http/api.hpp"
#include "net/http_server.hpp"
#include "store/memory_store.hpp"

namespace dnsmesh::test {

struct TestNode {
  explicit TestNode(access::Policy policy = {}, std::int64_t values_per_name_max = 3)
      : store(store::make_memory_store(clock, random)),
        access(std::move(policy), clock),
        api(*store, access, [](auto, auto) { return record::Offer{}; }, caps(values_per_name_max)) {
    net::HttpServerOptions options;
    options.host = "127.0.0.1";
    auto started = net::start_http_server(options, api.routes(view()), clock);
    REQUIRE(started.has_value());
    server = std::move(*started);
  }

  std::uint16_t port() const { return server->port(); }

  SystemClock clock;
  SeededRandom random{1};
  std::unique_ptr<store::RecordStore> store;
  access::Access access;
  http::Api api;
  std::unique_ptr<net::HttpServer> server;

 private:
  static http::NodeView view() {
    http::NodeView out;
    out.metrics = [] { return MetricsSnapshot{{"dmp_records", MetricType::gauge, "Live pairs.", {{{}, 3}}}}; };
    return out;
  }
  static http::PublishLimits caps(std::int64_t values_per_name_max) {
    http::PublishLimits out;
    out.values_per_name_max = values_per_name_max;
    return out;
  }
};

}  // namespace dnsmesh::test
