// SPDX-License-Identifier: Apache-2.0
// What users and the operator do to the nodes of a world until it is told to stop.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "manifests.hpp"
#include "node.hpp"
#include "plan.hpp"

namespace dnsmesh::simulation {

class Load {
 public:
  /// All must outlive it.
  Load(Env& env, const Plan& plan, Manifests& manifests, std::vector<std::unique_ptr<Node>>& nodes);

  void start();
  void stop() { stopped_ = true; }

 private:
  void next();
  void act();
  void publish();
  void burst();
  void crowd();
  void remove();
  void odd();
  void manifest();
  Node& any_node() { return *env_.dice.pick(nodes_); }
  const PoolItem& any_item() { return env_.pool.good()[env_.dice.pick(items_)]; }
  std::int64_t any_ttl_s();

  Env& env_;
  const Plan& plan_;
  Manifests& manifests_;
  std::vector<std::unique_ptr<Node>>& nodes_;
  std::vector<std::size_t> items_;  // those of the pool that this world knows: few, so that pairs are published again
  bool stopped_ = false;
};

}  // namespace dnsmesh::simulation
