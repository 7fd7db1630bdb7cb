// SPDX-License-Identifier: Apache-2.0
// The real routes behind the real server on a loopback port, over a store in memory. Peers show `sync-token-of-16`.
#pragma once

#include <doctest/doctest.h>

#include <algorithm>
#include <iterator>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "access/registration.hpp"
#include "base/random.hpp"
#include "http/api.hpp"
#include "http/registration_routes.hpp"
#include "http/sync_routes.hpp"
#include "net/http_server.hpp"
#include "store/memory_store.hpp"
#include "sync/manual_loop.hpp"

namespace dnsmesh::test {

struct TestNode {
  explicit TestNode(access::Policy policy = {}, std::int64_t values_per_name_max = 3,
                    std::string sync_token = "sync-token-of-16")
      : store(store::make_memory_store(clock, random)),
        access(policy, clock),
        api(
            *store, access, [](auto, auto) { return record::Offer{}; }, caps(values_per_name_max)),
        sync_server(
            {"node-a", true}, *store, pairs, clock, sync_loop, [] { return manifest(); }, [](auto&) { return true; }),
        sync_door({std::move(sync_token), "", policy.rate}, sync_server, access, clock),
        registration({.node = "node.test", .zone = "mesh.test"}, registration_files(), clock, random),
        registration_door(registration, true, {0, 0}, clock) {
    net::HttpServerOptions options;
    options.host = "127.0.0.1";
    options.front.body_bytes_max = [this](const http::Request& head) { return sync_door.body_bytes_max(head); };
    auto started = net::start_http_server(options, routes(), clock);
    REQUIRE(started.has_value());
    server = std::move(*started);
  }

  http::RouteTable routes() {
    http::RouteTable table = api.routes(view());
    std::ranges::move(sync_door.routes(), std::back_inserter(table));
    std::ranges::move(registration_door.routes(), std::back_inserter(table));
    return table;
  }
  std::uint16_t port() const { return server->port(); }

  SystemClock clock;
  SeededRandom random{1};
  std::unique_ptr<store::RecordStore> store;
  access::Access access;
  http::Api api;
  sync::PairSet pairs{clock};
  ManualClock loop_clock{0};
  ManualLoop sync_loop{loop_clock};
  sync::Server sync_server;
  http::SyncDoor sync_door;
  access::Registration registration;
  http::RegistrationDoor registration_door;
  std::unique_ptr<net::HttpServer> server;

 private:
  static http::NodeView view() {
    http::NodeView out;
    out.metrics = [] { return MetricsSnapshot{{"dmp_records", MetricType::gauge, "Live pairs.", {{{}, 3}}}}; };
    return out;
  }
  static std::optional<sync::ServedManifest> manifest() {
    return sync::ServedManifest{"v=dmp1;t=cluster;AA==", 7, 4102444800, "mesh.test"};
  }
  static access::RegistrationFiles registration_files() {
    return {
        .is_denied = [](std::string_view) { return false; },
        .new_token = [] { return std::string("dmp_v1_FRESH"); },
        .store_token = [](const access::TokenGrant&, std::string_view) { return access::TokenOutcome::stored; },
        .store_key = [](const access::IssuedKey&) { return access::KeyOutcome::stored; },
        .note = [](const access::KeyEvent&) {},
    };
  }
  static http::PublishLimits caps(std::int64_t values_per_name_max) {
    http::PublishLimits out;
    out.values_per_name_max = values_per_name_max;
    return out;
  }
};

}  // namespace dnsmesh::test
