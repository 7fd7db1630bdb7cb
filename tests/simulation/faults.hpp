// SPDX-License-Identifier: Apache-2.0
// What goes wrong in a world, and how it ends: heal() puts everything right that an operator and time put right.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "node.hpp"
#include "plan.hpp"

namespace dnsmesh::simulation {

class Faults {
 public:
  /// All must outlive it.
  Faults(Env& env, const Plan& plan, std::vector<std::unique_ptr<Node>>& nodes);

  void start();
  /// Links sound, clocks within 20 s, everybody up, disks with room.
  void heal();

 private:
  void next();
  void disturb_link();
  void partition();
  void crash();
  void step_clock();
  void damage_store();
  void restart_later(Node& node, std::int64_t ms);
  Node& any_node() { return *env_.dice.pick(nodes_); }

  Env& env_;
  const Plan& plan_;
  std::vector<std::unique_ptr<Node>>& nodes_;
  std::vector<std::function<void()>> kinds_;
  bool stopped_ = false;
};

}  // namespace dnsmesh::simulation
