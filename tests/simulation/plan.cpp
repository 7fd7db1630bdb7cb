// SPDX-License-Identifier: Apache-2.0
#include "plan.hpp"

#include <array>

namespace dnsmesh::simulation {
namespace {

std::size_t draw_size(Dice& dice) {
  static constexpr std::array<std::size_t, 12> k_sizes = {2, 2, 2, 3, 3, 3, 3, 3, 3, 4, 4, 5};
  return dice.chance(0.01) ? 9 : dice.pick(k_sizes);
}

Kind draw_kind(const Options& options, Dice& dice, bool with_ref, bool with_liar) {
  if (options.only == "ref") return Kind::ref;
  if (options.only == "ours") return Kind::ours;
  if (with_liar && dice.chance(0.3)) return Kind::liar;
  return with_ref && dice.chance(0.5) ? Kind::ref : Kind::ours;
}

}  // namespace

Plan draw_plan(const Options& options, Dice& dice) {
  Plan plan;
  const bool with_ref = dice.chance(0.5);
  const bool with_liar = dice.chance(0.5);
  plan.skew = dice.chance(0.5);
  static constexpr std::array<std::int64_t, 8> k_intervals_ms = {2000, 5000, 5000, 5000, 10000, 10000, 10000, 10000};
  plan.nodes.resize(draw_size(dice));
  for (NodePlan& node : plan.nodes) {
    node.kind = draw_kind(options, dice, with_ref, with_liar);
    node.interval_ms = dice.pick(k_intervals_ms);
    node.clock_offset_ms = plan.skew ? dice.between(-120000, 120000) : dice.between(-2000, 2000);
    node.clock_drift_ppm = dice.between(-200, 200);
  }
  if (options.only != "ref") plan.nodes.front().kind = Kind::ours;
  for (bool* trouble : {&plan.loss, &plan.slow, &plan.partitions, &plan.refusals, &plan.crashes, &plan.clock_steps,
                        &plan.disk_full, &plan.races, &plan.odd_records, &plan.deletes, &plan.manifests}) {
    *trouble = dice.chance(0.5);
  }
  if (options.only == "ref") {
    // What loses rows for good between existing nodes (3.4, F35) is only there when it is looked for.
    plan.races = options.bug == "ref-races";
    plan.clock_steps = false;
  }
  for (bool* trouble : {&plan.old_copies, &plan.lost_stores}) *trouble = dice.chance(0.25);
  if (options.bug == "no-look-back") {
    // Its work shows only where existing nodes list rows late and nothing else makes others wait for the hourly scan.
    plan.races = true;
    plan.loss = plan.slow = plan.partitions = plan.refusals = plan.crashes = plan.disk_full = false;
    plan.skew = plan.clock_steps = plan.old_copies = plan.lost_stores = false;
    for (NodePlan& node : plan.nodes) node.clock_offset_ms %= 2000;
  }
  plan.extended = dice.chance(0.75);
  plan.peer_tombstones = !plan.has(Kind::ref) && !plan.has(Kind::liar) && dice.chance(0.3);
  plan.gap_ms_max = dice.chance(0.5) ? 2000 : 6000;
  return plan;
}

}  // namespace dnsmesh::simulation
