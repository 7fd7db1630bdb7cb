// SPDX-License-Identifier: Apache-2.0
// The metric families of the node, from its counters (spec/configuration.md 7, spec/dns.md 11). docs/monitoring.md
// describes each; a test holds the two together.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "base/latency_histogram.hpp"
#include "base/metrics.hpp"
#include "dns/counters.hpp"
#include "http/landing_page.hpp"
#include "net/http_counters.hpp"
#include "store/record_store.hpp"

namespace dnsmesh::app {

/// What the parts of the node say of themselves at one moment.
struct NodeFigures {
  std::int64_t started_s = 0;  // Unix time
  bool ready = false;
  std::optional<std::int64_t> records;  // nothing when the store cannot count
  store::Health store;
  http::OfferCounts offers_refused;
  std::size_t index_bytes = 0;
  std::size_t index_names = 0;
  bool index_complete = false;
  std::vector<net::HttpCounters::Row> http_answers;
  std::uint64_t http_connections = 0;
  std::uint64_t http_connections_refused = 0;
  std::uint64_t http_timeouts = 0;
  LatencyTotals http_publish_latency;
  std::uint64_t http_connections_displaced = 0;
  dns::CounterTotals dns_udp{};
  dns::CounterTotals dns_tcp{};
  dns::CounterTotals dns_updates_signed{};
  dns::CounterTotals dns_updates_unsigned{};
  LatencyTotals dns_udp_latency;
  std::size_t dns_tcp_connections = 0;
};

/// Every family, also one without samples.
MetricsSnapshot node_metrics(const NodeFigures& figures);

}  // namespace dnsmesh::app
