// SPDX-License-Identifier: Apache-2.0
#include "world.hpp"

#include <algorithm>
#include <array>
#include <string_view>

#include "bugs.hpp"
#include "convergence.hpp"
#include "liar.hpp"
#include "our_node.hpp"
#include "ref_node.hpp"

namespace dnsmesh::simulation {
namespace {

/// Events in one millisecond above which an engine is taken to spin.
constexpr std::size_t k_events_standing_still_max = 100000;
/// How often equality is looked for.
constexpr std::int64_t k_look_ms = 5000;
/// Rest is watched for so long.
constexpr std::int64_t k_quiet_ms = 60000;

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
  env_.ours_alone = !plan_.has(Kind::ref) && !plan_.has(Kind::liar);
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
  traffic_ = std::make_unique<TrafficChecks>(env_, ledger_, *manifests_);
  for (std::size_t i = 0; i < plan_.nodes.size(); ++i) nodes_.push_back(make_node(static_cast<NodeIndex>(i), all));
}

std::unique_ptr<Node> World::make_node(NodeIndex index, const std::vector<record::ClusterNode>& all) {
  const NodePlan& plan = plan_.nodes[static_cast<std::size_t>(index)];
  const SimClock clock(events_, plan.clock_offset_ms, plan.clock_drift_ppm);
  static constexpr std::array<std::string_view, 3> k_kinds = {"ours", "an existing node", "a liar"};
  env_.trace("node-{} is {}, ticks each {} ms, its clock is off by {} ms", index,
             k_kinds[static_cast<std::size_t>(plan.kind)], plan.interval_ms, plan.clock_offset_ms);
  if (plan.kind == Kind::liar) {
    return std::make_unique<Liar>(env_, index, clock, *manifests_, static_cast<NodeIndex>(all.size()));
  }
  RefOptions ref{.peers = {},
                 .interval_ms = plan.interval_ms,
                 .commit_ms_max = plan_.races ? 20 : 0,
                 .races = plan_.races ? 0.02 : 0};
  OurOptions ours{.peers = {},
                  .interval_ms = plan.interval_ms,
                  .extended = plan_.extended,
                  .peer_tombstones = plan_.peer_tombstones,
                  .bugs = {}};
  apply_bug(options_.bug, ours);
  for (const record::ClusterNode& node : all) {
    if (node.http_endpoint == Node::endpoint_of(index)) continue;
    ref.peers.emplace_back(node.node_id, node.http_endpoint);
    ours.peers.push_back({node.node_id, node.http_endpoint, false});
  }
  if (plan.kind == Kind::ref) return std::make_unique<RefNode>(env_, index, clock, std::move(ref));
  return std::make_unique<OurNode>(env_, index, clock, ledger_, *manifests_, std::move(ours));
}

void World::watch() {
  env_.nodes = &nodes_;
  network_.on_call = [this](const NetRequest& request, NodeIndex to) {
    if (!ours(request.from)) return;
    const bool classic = to != k_nobody && plan_.nodes[static_cast<std::size_t>(to)].kind == Kind::ref;
    env_.trace("{} -> {}: {} {}", request.from, to, request.method, request.target);
    traffic_->call(request, to, classic);
  };
  network_.on_answer = [this](const NetRequest& request, NodeIndex to, const NetAnswer& answer) {
    if (ours(request.from)) ledger_.answered(request.from, to, request, answer);
  };
}

bool World::ours(NodeIndex index) const {
  return index != k_nobody && plan_.nodes[static_cast<std::size_t>(index)].kind == Kind::ours;
}

void World::pass(std::int64_t ms) {
  const std::int64_t until_ms = events_.now_ms() + ms;
  while (!env_.finding && events_.run_next(until_ms)) {
    if (events_.standing_still() > k_events_standing_still_max) env_.violated("S8", "events without end in one moment");
  }
}

/// What ends sooner need not be equal: it may be on its way. Where lives differ, who has the shorter one finds the
/// longer one by the next reconciliation or scan only. And an existing node never looks below its watermark, where a
/// store that went back in time writes (F33, F35).
Equality World::equality() const {
  const bool below_watermarks = plan_.old_copies || (plan_.lost_stores && (plan_.skew || plan_.clock_steps));
  return {.life_s_min = lives_differ() ? 1000 : 60, .existing_nodes = !below_watermarks};
}

/// Clocks that are put right, and stores that go back in time, make lives differ that no feed tells of any more.
bool World::lives_differ() const { return plan_.skew || plan_.clock_steps || plan_.old_copies || plan_.lost_stores; }

std::int64_t World::bound_s() const {
  // Back-off, quarantine and several rounds of ticks; what is below a watermark waits for the scan of the hour.
  if (lives_differ()) return 7200;
  return plan_.has(Kind::liar) ? 900 : 300;
}

std::optional<Finding> World::unrest() const {
  if (const auto difference = first_difference(nodes_, equality())) return Finding{"L2", *difference};
  if (const auto survivor = survivor_of_delete()) return Finding{"15.6", *survivor};
  std::uint64_t best = 0;
  for (const auto& node : nodes_) best = std::max(best, node->honest() ? best_manifest(*node) : 0);
  for (const auto& node : nodes_) {
    const auto* our = dynamic_cast<const OurNode*>(node.get());
    if (our == nullptr || our->applied_seq().value_or(0) >= best) continue;
    return Finding{
        "L5", fmt::format("{} has applied manifest {}, {} is there", our->id(), our->applied_seq().value_or(0), best)};
  }
  return std::nullopt;
}

/// Where tombstones of peers are honoured, what a user deleted anywhere is gone everywhere while the tombstone holds.
/// Nothing when it is so. Whose feed had to be started over, or whose clock is put right, tells of no old tombstone.
std::optional<std::string> World::survivor_of_delete() const {
  if (!plan_.peer_tombstones || !plan_.extended || lives_differ()) return std::nullopt;
  for (const auto& node : nodes_) {
    for (const LivePair& pair : node->live()) {
      const auto deleted = env_.users.deleted().find({pair.name, pair.value});
      if (deleted == env_.users.deleted().end() || deleted->second <= events_.now_ms()) continue;
      if (pair.name == k_cluster_owner || !node->takes(pair, 0)) continue;
      return fmt::format("{} still holds {}, which was deleted elsewhere", node->id(), pair.name);
    }
  }
  return std::nullopt;
}

/// The highest manifest that a node holds and that may be applied.
std::uint64_t World::best_manifest(const Node& node) const {
  std::uint64_t best = 0;
  for (const LivePair& pair : node.live()) {
    if (pair.name != k_cluster_owner) continue;
    const auto manifest = env_.verdicts.manifest(pair.value, node.clock().wall_s(), k_cluster_name);
    if (manifest && manifests_->legitimate(manifest->seq)) best = std::max(best, manifest->seq);
  }
  return best;
}

void World::come_to_rest() {
  while (!env_.finding) {
    pass(k_look_ms);
    const auto restless = unrest();
    rest_after_s_ = (events_.now_ms() - healed_ms_) / 1000;
    if (!restless) return;
    if (rest_after_s_ >= bound_s()) env_.violated(restless->invariant, restless->text);
  }
}

/// A minute in which nothing happens: nobody has anything to say, and everything is still there.
void World::check_quiet() {
  std::int64_t interval_ms = 10000;
  for (const NodePlan& node : plan_.nodes) interval_ms = std::min(interval_ms, node.interval_ms);
  const bool peace = !plan_.has(Kind::liar);
  if (peace) traffic_->begin_quiet();
  pass(k_quiet_ms);
  if (peace && !env_.finding) traffic_->end_quiet(k_quiet_ms, interval_ms);
  if (env_.finding) return;
  if (const auto restless = unrest()) {
    if (!lives_differ()) return env_.violated(restless->invariant, "not for long: " + restless->text);
    come_to_rest();
  }
  for (const auto& node : nodes_) {
    if (auto* our = dynamic_cast<OurNode*>(node.get())) our->check_quiet();
  }
}

std::optional<Finding> World::run() {
  watch();
  env_.trace("extended {}, tombstones of peers {}", plan_.extended, plan_.peer_tombstones);
  for (const auto& node : nodes_) node->start();
  load_->start();
  faults_->start();
  pass(options_.minutes * 60000 - k_quiet_ms * 2);
  env_.quiet = true;
  load_->stop();
  faults_->heal();
  healed_ms_ = events_.now_ms();
  come_to_rest();
  if (!env_.finding) check_quiet();
  return env_.finding;
}

}  // namespace dnsmesh::simulation
