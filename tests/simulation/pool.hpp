// SPDX-License-Identifier: Apache-2.0
// What is published in the simulated world: records of every type, good and bad, signed once for a process and used by
// all its seeds; and the manifests of one world's cluster.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "crypto/ed25519.hpp"
#include "record/cluster_manifest.hpp"

namespace dnsmesh::simulation {

/// The cluster of every world.
inline constexpr const char* k_cluster_name = "mesh.sim";
inline constexpr const char* k_cluster_owner = "cluster.mesh.sim";

struct PoolItem {
  std::string name;
  std::string value;
};

class Pool {
 public:
  Pool();

  /// What every node may take from a peer for the whole run.
  const std::vector<PoolItem>& good() const { return good_; }
  /// What ends within the run: signed ends, claims, tampered and unknown texts, names that never replicate.
  const std::vector<PoolItem>& odd() const { return odd_; }

  /// Eight spellings, that lenient readers take, of each of a few records (15.7, row 20).
  const std::vector<PoolItem>& aliases() const { return aliases_; }
  /// The name and the canonical text of what an alias spells; null when the value is none.
  const PoolItem* spelled_by(const std::string& value) const;

  /// The good or odd value with this hash; null when there is none.
  const std::string* value_of(const std::string& hash_hex) const;

  const crypto::SigningKey& operator_key() const { return operator_key_; }

  /// A manifest of the world's cluster, whose name may be spelled in another case.
  std::string manifest(std::uint64_t seq, std::int64_t exp_s, std::vector<record::ClusterNode> nodes,
                       std::string_view cluster = k_cluster_name) const;
  /// The same with another key, or for another cluster.
  std::string manifest_by_stranger(std::uint64_t seq, std::int64_t exp_s, std::vector<record::ClusterNode> nodes) const;
  std::string manifest_of_others(std::uint64_t seq, std::int64_t exp_s, std::vector<record::ClusterNode> nodes) const;

 private:
  crypto::SigningKey operator_key_;
  crypto::SigningKey stranger_key_;
  std::vector<PoolItem> good_;
  std::vector<PoolItem> odd_;
  std::vector<PoolItem> aliases_;
  std::map<std::string, PoolItem> spelled_by_;
  std::map<std::string, std::string> by_hash_;
};

}  // namespace dnsmesh::simulation
