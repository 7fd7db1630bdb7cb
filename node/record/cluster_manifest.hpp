// SPDX-License-Identifier: Apache-2.0
// The signed node list of one cluster (spec/records.md 2). Keep and forward the original text: a parsed manifest that
// is serialised again may differ (a trailing dot is dropped).
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "crypto/ed25519.hpp"

namespace dnsmesh::record {

/// What a manifest can carry (spec/records.md 2.1).
inline constexpr std::size_t k_cluster_nodes_max = 32;
inline constexpr std::size_t k_node_id_bytes_max = 16;
inline constexpr std::size_t k_http_endpoint_bytes_max = 128;
inline constexpr std::size_t k_dns_endpoint_bytes_max = 64;

/// One node of a cluster. The endpoints are arbitrary UTF-8: validate before connecting (spec/records.md 16.7).
struct ClusterNode {
  std::string node_id;                      // 1..16 ASCII bytes
  std::string http_endpoint;                // 1..128 bytes
  std::optional<std::string> dns_endpoint;  // 1..64 bytes when present

  bool operator==(const ClusterNode&) const = default;
};

struct ClusterManifest {
  std::string cluster_name;  // without a trailing dot
  crypto::PublicKey operator_spk{};
  std::uint64_t seq = 0;
  std::uint64_t exp = 0;           // unix seconds; still valid when exp == now
  std::vector<ClusterNode> nodes;  // 0..32, in wire order; none means "no peers"

  bool operator==(const ClusterManifest&) const = default;
};

/// The manifest of `text` when it is validly signed by `operator_spk` (32 bytes), names that key, and is in force at
/// `now_s`; with `expected_cluster_name` also for that cluster. Errors: the codes of spec/records.md 2.2, in its order.
Result<ClusterManifest> parse_cluster_manifest(std::string_view text, std::string_view operator_spk, std::int64_t now_s,
                                               std::optional<std::string_view> expected_cluster_name = std::nullopt);

/// The fields of `text` without any check of signature, key, name or time: for peer lists (spec/records.md 2.5) and for
/// showing. Errors: those of open_text, record_short, and the body codes.
Result<ClusterManifest> read_cluster_manifest(std::string_view text);

/// The body alone. Errors: record_body_*.
Result<ClusterManifest> parse_cluster_manifest_body(std::string_view body);

/// Signs a manifest (spec/records.md 2.3). Errors: record_issue_refused with what is wrong. Nothing checks that `exp`
/// lies ahead.
Result<std::string> issue_cluster_manifest(const ClusterManifest& manifest, const crypto::SigningKey& key);

/// What is read from a manifest whose operator is not pinned: fixed offsets only, nothing verified.
struct ClusterManifestHead {
  std::uint64_t seq = 0;
  std::uint64_t exp = 0;
  std::string cluster_name;  // as written, less all trailing dots; not held against any rule
};

/// Reads the head structurally (spec/records.md 2.5). Errors: those of open_text, record_short, record_body_magic,
/// record_body_truncated.
Result<ClusterManifestHead> read_cluster_manifest_head(std::string_view text);

/// The sequence number of anything that looks like a manifest, of whatever length, nothing verified: what a generator
/// goes on from (spec/records.md 15.3). Errors: record_prefix, record_base64, record_short, record_body_magic.
Result<std::uint64_t> read_cluster_manifest_seq(std::string_view text);

}  // namespace dnsmesh::record
