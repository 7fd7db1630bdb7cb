// SPDX-License-Identifier: Apache-2.0
// Who we keep equal with: identity and spelling of peers (spec/anti-entropy.md 9.3, 10.2). Part "cluster".
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"

namespace dnsmesh::sync {

struct Peer {
  std::string node_id;
  std::string endpoint;       // as given, without trailing slashes; a valid peer URL
  bool synthetic_id = false;  // made from the URL (`DMP_SYNC_PEERS`), not given by an operator

  bool operator==(const Peer&) const = default;
};

/// The peers in force. Those in `manifest_only` are asked for manifests only, at 10 times the interval: a manifest that
/// leaves nobody but us was applied (spec/anti-entropy.md 9.5).
struct PeerSet {
  std::vector<Peer> peers;
  std::vector<Peer> manifest_only;

  bool operator==(const PeerSet&) const = default;
};

/// The key under which positions, state and counters of a peer live: trailing slashes removed, lower-cased.
std::string normalised_endpoint(std::string_view endpoint);

/// The id of a peer that has none: nine characters of the host, a dash, six hex digits (spec/anti-entropy.md 10.2).
std::string synthetic_node_id(std::string_view endpoint);

/// An absolute http or https URL with a host, a valid port if any, and no user info, query or fragment. Error:
/// sync_endpoint with what is wrong.
Result<void> check_peer_endpoint(std::string_view endpoint);

/// The peers of `DMP_SYNC_PEERS`: trimmed, repeated and own ones dropped. Problems that an operator must hear of (a URL
/// that cannot be called, two URLs with one id: row F46) are appended to `problems`, their entries dropped.
std::vector<Peer> peers_of_list(std::string_view comma_list, std::string_view self_node_id,
                                std::string_view self_endpoint, std::vector<std::string>& problems);

}  // namespace dnsmesh::sync
