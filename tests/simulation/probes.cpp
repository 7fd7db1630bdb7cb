// SPDX-License-Identifier: Apache-2.0
#include "probes.hpp"

#include <algorithm>

#include "our_node.hpp"

namespace dnsmesh::simulation {
namespace {

constexpr const char* k_name = "probe.mesh.sim";
/// Two writes to a slow disk, 5 ms of gathering, three round trips of 60 ms, and the checks.
constexpr std::int64_t k_hint_ms = 1200;
constexpr std::int64_t k_gossip_ms_min = 10000;  // spec/anti-entropy.md 9.5
/// What one read of a peer takes beside the interval, and what rounding takes.
constexpr std::int64_t k_read_ms = 2000;
constexpr std::int64_t k_long_s = 8 * 3600;

}  // namespace

Node& Probes::honest_node(bool ours) {
  for (;;) {
    Node& node = *env_.dice.pick(nodes_);
    if (node.honest() && (node.ours() || !ours)) return node;
  }
}

/// How long it takes until everybody has read everybody: existing nodes read one peer an interval.
std::int64_t Probes::reading_ms() const {
  std::int64_t interval_ms = 0;
  for (const NodePlan& node : plan_.nodes) interval_ms = std::max(interval_ms, node.interval_ms);
  const auto turns = plan_.has(Kind::ref) ? static_cast<std::int64_t>(nodes_.size()) - 1 : 1;
  return turns * (interval_ms + k_read_ms) + k_read_ms;
}

bool Probes::everybody_holds(const char* invariant, const std::string& value, bool ours) {
  for (const auto& node : nodes_) {
    if (!node->honest() || (ours && !node->ours())) continue;
    const auto rows = node->live();
    const bool held =
        std::ranges::any_of(rows, [&](const LivePair& row) { return row.name == k_name && row.value == value; });
    if (!held) env_.violated(invariant, fmt::format("{} does not hold '{}' in time", node->id(), value));
  }
  return !env_.finding;
}

void Probes::hint() {
  if (!plan_.extended) return;
  Node& writer = honest_node(true);
  env_.trace("{} gets what all must have at once", writer.id());
  writer.publish(k_name, "hinted", k_long_s);
  pass_(k_hint_ms);
  everybody_holds("L1", "hinted", true);
}

void Probes::refresh() {
  const std::int64_t short_s = 2 * reading_ms() / 1000;
  Node& first = honest_node(false);
  env_.trace("{} gets what ends after {} s", first.id(), short_s);
  first.publish(k_name, "refreshed", short_s);
  pass_(reading_ms() - k_read_ms);
  if (env_.finding || !everybody_holds(plan_.has(Kind::ref) ? "L2" : "L1", "refreshed", false)) return;
  honest_node(false).publish(k_name, "refreshed", k_long_s);
  pass_(reading_ms() + 2 * k_read_ms);
  if (!env_.finding) everybody_holds("L8", "refreshed", false);
}

void Probes::manifest() {
  Node& first = honest_node(false);
  const std::string wire = manifests_.whole();
  const std::uint64_t seq = manifests_.newest_seq();
  env_.trace("{} gets manifest {}", first.id(), seq);
  first.publish(k_cluster_owner, wire, k_long_s);
  pass_(std::max(reading_ms(), k_gossip_ms_min + 2 * k_read_ms));
  for (const auto& node : nodes_) {
    const auto* our = dynamic_cast<const OurNode*>(node.get());
    if (env_.finding || our == nullptr || our->applied_seq().value_or(0) >= seq) continue;
    env_.violated("L5", fmt::format("{} has not applied manifest {} in time", our->id(), seq));
  }
}

}  // namespace dnsmesh::simulation
