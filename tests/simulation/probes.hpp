// SPDX-License-Identifier: Apache-2.0
// How quickly a world at rest takes up what is new: the tight bounds of L1, L5 and L8 of spec/anti-entropy.md 17.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "manifests.hpp"
#include "node.hpp"
#include "plan.hpp"

namespace dnsmesh::simulation {

class Probes {
 public:
  /// All must outlive it; `pass` lets virtual time pass, in ms.
  Probes(Env& env, const Plan& plan, Manifests& manifests, std::vector<std::unique_ptr<Node>>& nodes,
         std::function<void(std::int64_t)> pass)
      : env_(env), plan_(plan), manifests_(manifests), nodes_(nodes), pass_(std::move(pass)) {}

  /// L1: what is published at one of our nodes is at all of ours within a hint and three round trips. Only where they
  /// speak the extended protocol.
  void hint();
  /// L8: a refresh at one honest node reaches all before the old life ends.
  void refresh();
  /// L5: a manifest published at one honest node is applied by all of ours within an interval of gossip.
  void manifest();

 private:
  Node& honest_node(bool ours);
  bool everybody_holds(const char* invariant, const std::string& value, bool ours);
  std::int64_t reading_ms() const;

  Env& env_;
  const Plan& plan_;
  Manifests& manifests_;
  std::vector<std::unique_ptr<Node>>& nodes_;
  std::function<void(std::int64_t)> pass_;
};

}  // namespace dnsmesh::simulation
