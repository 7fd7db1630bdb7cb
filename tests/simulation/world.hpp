// SPDX-License-Identifier: Apache-2.0
// One run: a world is made from a seed, lives through load and faults, then everything is put right and it must come to
// rest with all honest nodes equal.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "convergence.hpp"
#include "env.hpp"
#include "faults.hpp"
#include "ledger.hpp"
#include "load.hpp"
#include "manifests.hpp"
#include "node.hpp"
#include "plan.hpp"
#include "traffic_checks.hpp"

namespace dnsmesh::simulation {

class World {
 public:
  /// `pool` and `verdicts` must outlive it; they may be shared by runs that follow each other.
  World(const Options& options, const Pool& pool, Verdicts& verdicts);
  ~World();

  /// Runs it to its end. Gives what was found, if anything.
  std::optional<Finding> run();

  std::uint64_t calls() const { return network_.calls(); }
  /// Virtual seconds between the end of all faults and rest.
  std::int64_t rest_after_s() const { return rest_after_s_; }

 private:
  void make_nodes();
  std::unique_ptr<Node> make_node(NodeIndex index, const std::vector<record::ClusterNode>& all);
  void watch();
  bool ours(NodeIndex index) const;
  std::uint64_t best_manifest(const Node& node) const;
  /// Lets `ms` pass; ends early at the first finding.
  void pass(std::int64_t ms);
  void come_to_rest();
  /// What is still not as it should be in a world that was put right; nothing when it is at rest.
  std::optional<Finding> unrest() const;
  std::optional<std::string> survivor_of_delete() const;
  void check_quiet();
  std::int64_t bound_s() const;
  Equality equality() const;
  bool lives_differ() const;

  const Options options_;
  EventQueue events_;
  Dice dice_;
  Network network_;
  const Plan plan_;
  Env env_;
  std::unique_ptr<Manifests> manifests_;
  Ledger ledger_;
  std::unique_ptr<TrafficChecks> traffic_;
  std::vector<std::unique_ptr<Node>> nodes_;
  std::unique_ptr<Load> load_;
  std::unique_ptr<Faults> faults_;
  std::int64_t healed_ms_ = 0;
  std::int64_t rest_after_s_ = 0;
};

}  // namespace dnsmesh::simulation
