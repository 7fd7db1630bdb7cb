// SPDX-License-Identifier: Apache-2.0
// The configured cluster file (spec/records.md 2.5): a raw manifest, JSON `{"wire": "..."}`, or JSON `{"nodes": [...]}`
// for a peer list alone. These functions take the file's content; reading it is the caller's affair.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "crypto/ed25519.hpp"

namespace dnsmesh::record {

/// A node to keep equal with. The endpoint is unchecked text.
struct ClusterPeer {
  std::string node_id;
  std::string http_endpoint;

  bool operator==(const ClusterPeer&) const = default;
};

enum class ClusterFileForm : std::uint8_t {
  none,      // neither of the others
  manifest,  // raw or as `wire`; whether it parses is another matter
  nodes,
};
ClusterFileForm cluster_file_form(std::string_view content);

/// The peers that a file names, in its order, without ourselves: an entry goes whose id is `self_node_id` or whose
/// endpoint is `self_http_endpoint` but for case and trailing slashes (an empty self matches nothing). No signature,
/// key or expiry is checked. A file in none of the three forms, or with a manifest that does not parse, names no peers.
std::vector<ClusterPeer> cluster_file_peers(std::string_view content, std::string_view self_node_id,
                                            std::string_view self_http_endpoint);

/// A manifest ready to be published.
struct ClusterPublication {
  std::string owner_name;  // the spelling of the manifest
  std::string text;
  std::uint64_t seq = 0;
  std::int64_t ttl_s = 1;  // to `exp`, at least 1; the node's TTL cap does not apply
};

/// What a file publishes. With `operator_key` the manifest must verify at `now_s` (its errors); without, name and `exp`
/// are read unverified (record_body_*). A file without a manifest: record_prefix.
Result<ClusterPublication> cluster_file_publication(std::string_view content,
                                                    const std::optional<crypto::PublicKey>& operator_key,
                                                    std::int64_t now_s);

}  // namespace dnsmesh::record
