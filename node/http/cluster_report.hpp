// SPDX-License-Identifier: Apache-2.0
// What the node says of its cluster: as JSON for programs, as HTML for the landing page (docs/monitoring.md).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "access/access.hpp"
#include "http/exchange.hpp"
#include "http/node_view.hpp"

namespace dnsmesh::http {

/// `GET /v1/cluster`. Everybody sees what the manifest says anyway, and which peers are current; the token of the
/// operator or of the peers shows the rest. A request with any token is charged to its address, so that this is no
/// place to guess one.
Response answer_cluster(const Request& request, access::Access& access, const NodeView& view);

/// The section of the landing page, with what everybody may see.
std::string cluster_html(const ClusterFacts& facts);

/// A peer in force, with what sync knows of it; without a worker that is nothing.
struct PeerRow {
  sync::PeerStatus status;
  bool is_public = false;       // the applied manifest names its endpoint
  bool manifests_only = false;  // asked for manifests alone
};
std::vector<PeerRow> peer_rows(const ClusterFacts& facts);

/// Where the peers come from: `manifest`, `configured` or `single`.
std::string_view cluster_mode(const sync::ClusterView& cluster);

}  // namespace dnsmesh::http
