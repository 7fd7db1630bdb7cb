// SPDX-License-Identifier: Apache-2.0
// The cluster's manifests as the store holds them: finding them, putting one there, and the mark of the one that was
// applied (spec/anti-entropy.md 5, 9.5, 10.3).
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "crypto/ed25519.hpp"
#include "crypto/hash.hpp"
#include "record/cluster_manifest.hpp"
#include "store/record_store.hpp"
#include "sync/cluster.hpp"
#include "sync/manifest_judge.hpp"

namespace dnsmesh::sync {

/// A manifest that verifies, and how long the store keeps it.
struct KnownManifest {
  KnownManifest(record::ClusterManifest the_fields, std::string the_wire, std::int64_t the_expires_s = 0);

  record::ClusterManifest fields;
  std::string wire;
  /// SHA-256 of the wire as a generator writes it. Base64 can be spelled in several ways, by anybody: those are one
  /// manifest, and no conflict.
  crypto::Hash256 hash{};
  std::int64_t expires_s = 0;  // of its row; 0: not stored
};

/// The folded owner name of a cluster's manifest.
std::string manifest_owner(std::string_view cluster_name);

struct StoredManifests {
  std::vector<KnownManifest> manifests;  // in the store's order
  bool postponed = false;                // some were not judged: look again in a second
};
/// The manifests at all spellings of the cluster's name that `judge` takes; what else looks like one is counted there.
Result<StoredManifests> stored_manifests(const store::RecordStore& store, ManifestJudge& judge,
                                         std::string_view cluster_name);

/// Without a pinned key: the highest seq at the cluster's name by the header alone, among those not expired.
Result<std::optional<ServedManifest>> manifest_by_head(const store::RecordStore& store, std::string_view cluster_name,
                                                       std::int64_t now_s);

/// The folded names of all clusters of which the store holds a manifest that verifies.
struct FoundClusters {
  std::set<std::string> names;
  bool postponed = false;  // some were not judged: look again in a second
};
Result<FoundClusters> find_clusters(const store::RecordStore& store, ManifestJudge& judge);

/// What puts a manifest at its folded name and, where that differs, at its own spelling, to live until `exp` at least.
/// No cap applies to it.
std::vector<store::Operation> manifest_puts(std::string_view cluster_name, std::string_view wire, std::int64_t ttl_s,
                                            std::int64_t now_s, const std::optional<crypto::PublicKey>& operator_key);

/// Seconds from `now_s` to `exp`, at least 1.
std::int64_t life_until(std::uint64_t exp, std::int64_t now_s);

/// Which manifest was applied last; it outlives the row.
struct AppliedMark {
  std::uint64_t seq = 0;
  crypto::Hash256 hash{};
};
/// Whose mark it is, so that another cluster or key on the same database begins anew.
struct MarkOwner {
  crypto::PublicKey operator_key{};
  std::string cluster_name;
};
/// The mark in the store; nothing when there is none of this owner.
Result<std::optional<AppliedMark>> applied_mark(const store::RecordStore& store, const MarkOwner& owner);
store::SetPosition set_applied_mark(const AppliedMark& mark, const MarkOwner& owner);

}  // namespace dnsmesh::sync
