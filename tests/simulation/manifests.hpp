// SPDX-License-Identifier: Apache-2.0
// The operator of the simulated cluster: which manifests were signed, and which of them may ever be applied.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "env.hpp"

namespace dnsmesh::simulation {

class Manifests {
 public:
  /// `gullible`: existing nodes are there, which would apply what must not be applied: no such manifest is made.
  Manifests(Env& env, std::vector<record::ClusterNode> nodes, bool gullible)
      : env_(env), nodes_(std::move(nodes)), gullible_(gullible) {
    for (const record::ClusterNode& node : nodes_) endpoints_.insert(node.http_endpoint);
  }

  /// The next one, naming every node.
  std::string whole();
  /// The next one: whole, or with a node under another id or at its other place, with one node missing, for node-0
  /// alone, or with the name in mixed case. All name node-0, so what it knows reaches everybody.
  std::string next();
  /// True when one left nodes out: there has to be a whole one before all can become equal.
  bool incomplete() const { return incomplete_; }
  /// True when one gave other ids, places or peers than were configured: positions start over then (9.3).
  bool reshaped() const { return reshaped_; }
  /// One that must never be applied anywhere, although its signature may be good: expired, another key, another
  /// cluster, no nodes, bad endpoint, more than five years ahead.
  std::string unfit();
  /// Another one with the seq of the newest; nothing signed yet: the next one.
  std::string rival();
  /// The highest that was ever signed and may be applied; nothing signed: empty.
  std::string newest() const { return legitimate_.empty() ? std::string() : legitimate_.rbegin()->second; }
  /// One of the earlier ones; empty: none.
  std::string earlier();

  std::uint64_t newest_seq() const { return legitimate_.empty() ? 0 : legitimate_.rbegin()->first; }
  /// True when a manifest of this seq may be applied.
  bool legitimate(std::uint64_t seq) const { return legitimate_.contains(seq); }
  /// True for the places of the nodes that were configured or that a legitimate manifest named.
  bool knows(const std::string& normalised_endpoint) const { return endpoints_.contains(normalised_endpoint); }
  const std::vector<record::ClusterNode>& nodes() const { return nodes_; }

 private:
  std::int64_t late_s() const { return env_.events.now_ms() / 1000 + env_.dice.between(86400, 90 * 86400); }

  std::string sign(const std::vector<record::ClusterNode>& nodes, std::string_view cluster = k_cluster_name);

  Env& env_;
  const std::vector<record::ClusterNode> nodes_;
  const bool gullible_;
  std::set<std::string> endpoints_;
  std::uint64_t seq_ = 0;
  bool incomplete_ = false;
  bool reshaped_ = false;
  std::map<std::uint64_t, std::string> legitimate_;
};

}  // namespace dnsmesh::simulation
