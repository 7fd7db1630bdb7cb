// SPDX-License-Identifier: Apache-2.0
// What the routes about the node itself are told of the rest of it. The folder knows neither DNS nor wiring, so
// whoever wires the node hands these in.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "access/auth_mode.hpp"
#include "base/metrics.hpp"

namespace dnsmesh::http {

/// The functions are called by several workers at once and must not throw. What a default says holds for an interface
/// without a node around it, as in tests.
struct NodeView {
  std::string zone;  // served, without final dot; empty when there is none
  std::uint16_t dns_port = 53;
  access::AuthMode auth_mode = access::AuthMode::open;
  /// Milliseconds since the start, from a clock that nobody sets.
  std::function<std::int64_t()> uptime_ms = [] { return 0; };
  /// What keeps the node from serving, beyond the store, as words of `/readyz`; empty: nothing.
  std::function<std::vector<std::string_view>()> not_ready = [] { return std::vector<std::string_view>{}; };
  std::function<MetricsSnapshot()> metrics = [] { return MetricsSnapshot{}; };
};

}  // namespace dnsmesh::http
