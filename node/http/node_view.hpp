// SPDX-License-Identifier: Apache-2.0
// What the routes about the node itself are told of the rest of it. The folder knows neither DNS nor wiring, so
// whoever wires the node hands these in.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "access/auth_mode.hpp"
#include "base/metrics.hpp"
#include "http/access_words.hpp"
#include "http/exchange.hpp"
#include "http/node_table.hpp"
#include "sync/cluster.hpp"
#include "sync/status.hpp"

namespace dnsmesh::http {

/// How the node stands with its peers at one moment.
struct ClusterFacts {
  std::shared_ptr<const sync::ClusterView> cluster = std::make_shared<const sync::ClusterView>();
  sync::SyncStatus sync;    // of nobody without a worker
  bool has_worker = false;  // a token is set: peers are read
  std::size_t pairs = 0;    // that are offered to peers, in memory for comparing
  std::size_t pair_bytes = 0;
  std::size_t readers_waiting = 0;  // peers that wait for news
};

/// The functions are called by several workers at once and must not throw. What a default says holds for an interface
/// without a node around it, as in tests.
struct NodeView {
  std::string zone;  // served, without final dot; empty when there is none
  std::uint16_t dns_port = 53;
  access::AuthMode auth_mode = access::AuthMode::open;
  std::optional<RegistrationFacts> registration;  // nothing: nobody can register
  bool reads_need_token = false;                  // an operator token is set, so reading over HTTP needs it
  /// Milliseconds since the start, from a clock that nobody sets.
  std::function<std::int64_t()> uptime_ms = [] { return 0; };
  /// What keeps the node from serving, beyond the store, as words of `/readyz`; empty: nothing.
  std::function<std::vector<std::string_view>()> not_ready = [] { return std::vector<std::string_view>{}; };
  std::function<MetricsSnapshot()> metrics = [] { return MetricsSnapshot{}; };
  std::function<ClusterFacts()> cluster = [] { return ClusterFacts{}; };
  /// Nothing when heartbeats are off.
  std::function<std::optional<HeartbeatFacts>()> heartbeats = [] { return std::optional<HeartbeatFacts>{}; };
  /// Does the request carry the token of the peers?
  std::function<bool(const Request&)> is_peer = [](const Request&) { return false; };
};

}  // namespace dnsmesh::http
