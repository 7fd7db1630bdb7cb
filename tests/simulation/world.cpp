// SPDX-License-Identifier: Apache-2.0
#include "world.hpp"

#include <algorithm>

#include "convergence.hpp"
#include "ref_node.hpp"

namespace dnsmesh::simulation {
namespace {

/// Events in one millisecond above which an engine is taken to spin.
constexpr std::size_t k_events_standing_still_max = 100000;
/// How often equality is looked for.
constexpr std::int64_t k_look_ms = 5000;

}  // namespace

World::World(const Options& options, const Pool& pool, Verdicts& verdicts)
    : options_(options),
      dice_(options.seed),
      network_(events_, dice_),
      plan_(draw_plan(options, dice_)),
      env_{.events = events_,
           .network = network_,
           .dice = dice_,
           .verdicts = verdicts,
           .pool = pool,
           .verbose = options.verbose} {
  make_nodes();
  load_ = std::make_unique<Load>(env_, plan_, *manifests_, nodes_);
  faults_ = std::make_unique<Faults>(env_, plan_, nodes_);
}

World::~World() = default;

void World::make_nodes() {
  std::vector<record::ClusterNode> all;
  for (std::size_t i = 0; i < plan_.nodes.size(); ++i) {
    const auto index = static_cast<NodeIndex>(i);
    all.push_back({"node-" + std::to_string(i), Node::endpoint_of(index), std::nullopt});
    network_.listen(Node::endpoint_of(index), index);
  }
  manifests_ = std::make_unique<Manifests>(env_, all, plan_.has(Kind::ref));
  for (std::size_t i = 0; i < plan_.nodes.size(); ++i) {
    const NodePlan& plan = plan_.nodes[i];
    const auto index = static_cast<NodeIndex>(i);
    const SimClock clock(events_, plan.clock_offset_ms, plan.clock_drift_ppm);
    RefOptions options{.peers = {}, .interval_ms = plan.interval_ms, .commit_ms_max = plan_.races ? 20 : 0};
    for (const record::ClusterNode& node : all) {
      if (node.node_id != all[i].node_id) options.peers.emplace_back(node.node_id, node.http_endpoint);
    }
    nodes_.push_back(std::make_unique<RefNode>(env_, index, clock, std::move(options)));
  }
}

void World::pass(std::int64_t ms) {
  const std::int64_t until_ms = events_.now_ms() + ms;
  while (!env_.finding && events_.run_next(until_ms)) {
    if (events_.standing_still() > k_events_standing_still_max) env_.violated("S8", "events without end in one moment");
  }
}

std::int64_t World::bound_s() const {
  // Back-off, several rounds of ticks, and a clock that was set back by ten minutes.
  return plan_.clock_steps ? 7200 : 900;
}

void World::come_to_rest() {
  const std::int64_t healed_ms = events_.now_ms();
  while (!env_.finding) {
    pass(k_look_ms);
    const auto difference = first_difference(nodes_);
    rest_after_s_ = (events_.now_ms() - healed_ms) / 1000;
    if (!difference) return;
    if (rest_after_s_ >= bound_s()) env_.violated("L2", *difference);
  }
}

std::optional<Finding> World::run() {
  for (const auto& node : nodes_) node->start();
  load_->start();
  faults_->start();
  const std::int64_t end_ms = k_start_ms + options_.minutes * 60000;
  pass(options_.minutes * 60000 * 7 / 10);
  load_->stop();
  faults_->heal();
  come_to_rest();
  if (!env_.finding) pass(std::max<std::int64_t>(0, end_ms - events_.now_ms()));
  if (!env_.finding) {
    if (const auto difference = first_difference(nodes_)) env_.violated("L2", "apart again: " + *difference);
  }
  return env_.finding;
}

}  // namespace dnsmesh::simulation
