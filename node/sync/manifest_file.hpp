// SPDX-License-Identifier: Apache-2.0
// What the configured cluster file gives: a manifest to publish, the cluster's name, and peers to begin with
// (spec/anti-entropy.md 10.2 to 10.4).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "crypto/ed25519.hpp"
#include "record/cluster_file.hpp"
#include "sync/manifest_peers.hpp"

namespace dnsmesh::sync {

struct ManifestFile {
  std::optional<record::ClusterPublication> publication;
  std::string cluster_name;                // folded, of the publication; empty without one
  std::optional<std::vector<Peer>> peers;  // absent: none may be taken from the file
};

/// Reads a file's content; what an operator must hear of is logged. With a key the signature decides whether peers are
/// taken (an expired manifest still names them, it is only not published), and the name too when `base_domain` is
/// given.
ManifestFile read_manifest_file(std::string_view content, const std::optional<crypto::PublicKey>& operator_key,
                                std::string_view base_domain, const Self& self, std::int64_t now_s);

}  // namespace dnsmesh::sync
