// SPDX-License-Identifier: Apache-2.0
// From the nodes of a manifest or a file to our peers (spec/anti-entropy.md 9.3, 9.5).
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "record/cluster_file.hpp"
#include "record/cluster_manifest.hpp"
#include "sync/peer.hpp"

namespace dnsmesh::sync {

/// May these nodes become peers? Errors: sync_manifest_nodes when there is none, sync_manifest_endpoint with the node
/// and what is wrong.
Result<void> check_manifest_nodes(const record::ClusterManifest& manifest);

/// Who we are, as far as the operator says; an empty half matches nothing.
struct Self {
  std::string node_id;
  std::string endpoint;

  bool is(const Peer& peer) const;
};

/// The nodes without us; of those that share an id or an endpoint only the first, since state is kept by endpoint.
std::vector<Peer> peers_of(const record::ClusterManifest& manifest, const Self& self);
bool lists_self(const record::ClusterManifest& manifest, const Self& self);

/// The peers that a cluster file names, without us and as above. Entries that cannot be called are left out, with a
/// line in `problems`.
std::vector<Peer> peers_of(std::span<const record::ClusterPeer> entries, const Self& self,
                           std::vector<std::string>& problems);

/// The ids that come, stay and go when one list of peers replaces another; a peer is the same when its endpoint is.
struct PeerChange {
  std::vector<std::string> added;
  std::vector<std::string> kept;
  std::vector<std::string> dropped;
};
PeerChange change_of(std::span<const Peer> before, std::span<const Peer> after);

}  // namespace dnsmesh::sync
