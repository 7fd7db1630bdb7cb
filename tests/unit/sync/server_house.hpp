// SPDX-License-Identifier: Apache-2.0
// A sync server over a store in memory, on a clock and a loop that stand still until a test moves them.
#pragma once

#include <doctest/doctest.h>

#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/random.hpp"
#include "manual_loop.hpp"
#include "store/memory_store.hpp"
#include "sync/server.hpp"

namespace dnsmesh::test {

class ServerHouse {
 public:
  static constexpr std::int64_t k_start_ms = 1795341751333;
  static constexpr std::int64_t k_start_s = 1795341751;

  explicit ServerHouse(bool extended = true)
      : server(
            {"node-a", extended}, *store, pairs, clock, loop, [this] { return manifest; },
            [this](const sync::Hint& hint) {
              hints.push_back(hint);
              return live_epochs.contains(hint.epoch.id);
            }) {
    store->set_listener([this](std::span<const store::Change> changes) {
      pairs.apply(changes);
      server.moved();
    });
  }

  void put(std::string name, std::string value, std::int64_t ttl_s = 300, record::Offer offer = {}) {
    commit(store::Put{.name = std::move(name), .value = std::move(value), .ttl_s = ttl_s, .offer = offer});
  }
  void remove(std::string name, std::string value) { commit(store::Delete{std::move(name), std::move(value)}); }
  void commit(store::Operation operation) {
    store::Batch batch;
    batch.operations.push_back(std::move(operation));
    REQUIRE(store::commit_and_wait(*store, std::move(batch)).has_value());
  }

  /// An answer that may come later.
  using Pending = std::shared_ptr<std::optional<sync::ServeAnswer>>;
  Pending send(std::string method, std::string target, std::string body = {}, std::string peer = "192.0.2.1") {
    auto pending = std::make_shared<std::optional<sync::ServeAnswer>>();
    server.handle({std::move(method), std::move(target), std::move(body), std::move(peer), accepts_gzip},
                  [pending](sync::ServeAnswer answer) {
                    CHECK_FALSE(pending->has_value());
                    *pending = std::move(answer);
                  });
    return pending;
  }
  sync::ServeAnswer ask(std::string method, std::string target, std::string body = {}) {
    const Pending pending = send(std::move(method), std::move(target), std::move(body));
    REQUIRE(pending->has_value());
    return **pending;
  }
  sync::ServeAnswer get(std::string target) { return ask("GET", std::move(target)); }
  sync::ServeAnswer post(std::string target, std::string body) {
    return ask("POST", std::move(target), std::move(body));
  }

  ManualClock clock{k_start_ms};
  SeededRandom random{1};
  std::unique_ptr<store::RecordStore> store = store::make_memory_store(clock, random);
  sync::PairSet pairs{clock};
  ManualLoop loop{clock};
  std::optional<sync::ServedManifest> manifest;
  std::set<std::string> live_epochs;
  std::vector<sync::Hint> hints;
  bool accepts_gzip = false;
  sync::Server server;
};

}  // namespace dnsmesh::test
