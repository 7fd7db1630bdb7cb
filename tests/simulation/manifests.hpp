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
  std::string next();
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

  Env& env_;
  const std::vector<record::ClusterNode> nodes_;
  const bool gullible_;
  std::set<std::string> endpoints_;
  std::uint64_t seq_ = 0;
  std::map<std::uint64_t, std::string> legitimate_;
};

}  // namespace dnsmesh::simulation
