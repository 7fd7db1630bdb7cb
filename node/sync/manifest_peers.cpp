// SPDX-License-Identifier: Apache-2.0
#include "sync/manifest_peers.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/limits.hpp"

namespace dnsmesh::sync {
namespace {

Peer peer_of(std::string_view node_id, std::string_view endpoint) {
  while (endpoint.ends_with('/')) endpoint.remove_suffix(1);
  return {std::string(node_id), std::string(endpoint), false};
}

bool has_place(std::span<const Peer> peers, const Peer& peer) {
  return std::ranges::any_of(peers, [place = normalised_endpoint(peer.endpoint)](const Peer& other) {
    return normalised_endpoint(other.endpoint) == place;
  });
}

void add_peer(std::vector<Peer>& peers, Peer peer, const Self& self) {
  if (self.is(peer) || has_place(peers, peer)) return;
  if (std::ranges::find(peers, peer.node_id, &Peer::node_id) != peers.end()) return;
  peers.push_back(std::move(peer));
}

}  // namespace

Result<void> check_manifest_nodes(const record::ClusterManifest& manifest) {
  if (manifest.nodes.empty()) return fail(ErrorCode::sync_manifest_nodes, "it names no node");
  for (const record::ClusterNode& node : manifest.nodes) {
    if (const auto legal = check_peer_endpoint(node.http_endpoint); !legal) {
      return fail(ErrorCode::sync_manifest_endpoint, fmt::format("node {}: {}", node.node_id, legal.error().text));
    }
  }
  return {};
}

bool Self::is(const Peer& peer) const {
  return (!node_id.empty() && peer.node_id == node_id) ||
         (!endpoint.empty() && normalised_endpoint(peer.endpoint) == normalised_endpoint(endpoint));
}

std::vector<Peer> peers_of(const record::ClusterManifest& manifest, const Self& self) {
  std::vector<Peer> peers;
  for (const record::ClusterNode& node : manifest.nodes) {
    add_peer(peers, peer_of(node.node_id, node.http_endpoint), self);
  }
  return peers;
}

bool lists_self(const record::ClusterManifest& manifest, const Self& self) {
  return std::ranges::any_of(manifest.nodes, [&](const record::ClusterNode& node) {
    return self.is(peer_of(node.node_id, node.http_endpoint));
  });
}

std::vector<Peer> peers_of(std::span<const record::ClusterPeer> entries, const Self& self,
                           std::vector<std::string>& problems) {
  std::vector<Peer> peers;
  for (const record::ClusterPeer& entry : entries) {
    if (entry.node_id.empty() || entry.node_id.size() > limits::peer_id_bytes_max) {
      problems.push_back(fmt::format("a node of the cluster file is no peer: its id must have 1 to {} bytes",
                                     limits::peer_id_bytes_max));
    } else if (const auto legal = check_peer_endpoint(entry.http_endpoint); !legal) {
      problems.push_back(fmt::format("node {} of the cluster file is no peer: {}", entry.node_id, legal.error().text));
    } else if (peers.size() == limits::sync_peers_max) {
      problems.push_back(fmt::format("the cluster file names more than {} peers", limits::sync_peers_max));
      break;
    } else {
      add_peer(peers, peer_of(entry.node_id, entry.http_endpoint), self);
    }
  }
  return peers;
}

PeerChange change_of(std::span<const Peer> before, std::span<const Peer> after) {
  PeerChange out;
  for (const Peer& peer : after) (has_place(before, peer) ? out.kept : out.added).push_back(peer.node_id);
  for (const Peer& peer : before) {
    if (!has_place(after, peer)) out.dropped.push_back(peer.node_id);
  }
  return out;
}

}  // namespace dnsmesh::sync
