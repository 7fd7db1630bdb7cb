// SPDX-License-Identifier: Apache-2.0
// The metric families of sync and cluster (spec/anti-entropy.md 12). The label `peer` is the id of a peer in force: as
// many values as the cluster has nodes.
#pragma once

#include <cstdint>

#include "base/metrics.hpp"
#include "http/node_view.hpp"

namespace dnsmesh::app {

/// Every family, also one without samples. `feed_ahead_ms` is how far the stamps of the feed are ahead of the clock.
MetricsSnapshot sync_metrics(const http::ClusterFacts& facts, std::int64_t feed_ahead_ms);

}  // namespace dnsmesh::app
