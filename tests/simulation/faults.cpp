// SPDX-License-Identifier: Apache-2.0
#include "faults.hpp"

namespace dnsmesh::simulation {
namespace {

/// After healing every clock is right to this.
constexpr std::int64_t k_healed_offset_ms_max = 20000;
constexpr std::int64_t k_step_ms_max = 600000;

}  // namespace

Faults::Faults(Env& env, const Plan& plan, std::vector<std::unique_ptr<Node>>& nodes)
    : env_(env), plan_(plan), nodes_(nodes) {
  if (plan.loss || plan.slow || plan.refusals) kinds_.emplace_back([this] { disturb_link(); });
  if (plan.partitions) kinds_.emplace_back([this] { partition(); });
  if (plan.crashes) kinds_.emplace_back([this] { crash(); });
  if (plan.clock_steps) kinds_.emplace_back([this] { step_clock(); });
  if (plan.disk_full || plan.old_copies || plan.lost_stores) kinds_.emplace_back([this] { damage_store(); });
}

void Faults::start() {
  if (!kinds_.empty()) next();
}

void Faults::next() {
  env_.events.after(env_.dice.between(1000, 40000), [this] {
    if (stopped_) return;
    env_.dice.pick(kinds_)();
    next();
  });
}

void Faults::disturb_link() {
  const NodeIndex from = any_node().index();
  const NodeIndex to = any_node().index();
  if (from == to) return;
  Link link;
  if (plan_.loss) {
    link.loss = env_.dice.chance(0.5) ? 0.05 : 0.4;
    link.duplicate = 0.1;
    link.truncate = env_.dice.chance(0.5) ? 0.1 : 0;
    link.drip = env_.dice.chance(0.3) ? 0.1 : 0;
  }
  if (plan_.slow) link.delay_ms_max = env_.dice.between(50, 4000);
  if (plan_.slow && env_.dice.chance(0.3)) link.delay_ms_min = link.delay_ms_max / 2;
  if (plan_.refusals && env_.dice.chance(0.3)) link.refuse_status = env_.dice.chance(0.5) ? 429 : 403;
  env_.trace("link {} -> {}: loss {}, delay to {} ms, status {}", from, to, link.loss, link.delay_ms_max,
             link.refuse_status);
  env_.network.link(from, to) = link;
  env_.events.after(env_.dice.between(5000, 90000), [this, from, to] { env_.network.link(from, to) = Link{}; });
}

void Faults::partition() {
  const Node& alone = any_node();
  const bool one_way = env_.dice.chance(0.4);
  env_.trace("{} is cut off{}", alone.id(), one_way ? " one way" : "");
  const auto set_cut = [this, one_way, here = alone.index()](bool cut) {
    for (const auto& other : nodes_) {
      if (other->index() == here) continue;
      env_.network.link(here, other->index()).cut = cut;
      if (!one_way) env_.network.link(other->index(), here).cut = cut;
    }
  };
  set_cut(true);
  env_.events.after(env_.dice.between(2000, 90000), [set_cut] { set_cut(false); });
}

void Faults::restart_later(Node& node, std::int64_t ms) {
  env_.events.after(ms, [this, &node] {
    if (node.up()) return;
    env_.trace("{} starts", node.id());
    node.start();
  });
}

void Faults::crash() {
  Node& node = any_node();
  if (!node.up()) return;
  env_.trace("{} crashes", node.id());
  node.crash();
  restart_later(node, env_.dice.between(100, 60000));
}

void Faults::step_clock() {
  Node& node = any_node();
  const std::int64_t ms =
      env_.dice.chance(0.5) ? env_.dice.between(-20000, 20000) : env_.dice.between(-k_step_ms_max, k_step_ms_max);
  env_.trace("the clock of {} is moved by {} ms", node.id(), ms);
  node.clock().step_ms(ms);
  env_.users.clock_stepped(ms);
}

void Faults::damage_store() {
  Node& node = any_node();
  const std::int64_t lot = env_.dice.between(0, 2);
  if (lot == 0 && plan_.disk_full) {
    env_.trace("the disk of {} is full", node.id());
    node.set_disk_full(true);
    env_.events.after(env_.dice.between(1000, 60000), [&node] { node.set_disk_full(false); });
  } else if (lot == 1 && plan_.old_copies && node.up()) {
    env_.trace("the store of {} is copied aside", node.id());
    node.keep_copy();
    env_.events.after(env_.dice.between(5000, 120000), [this, &node] {
      if (stopped_ || !node.up()) return;
      env_.trace("{} goes back to its old copy", node.id());
      node.crash();
      node.restore_copy();
      restart_later(node, env_.dice.between(100, 10000));
    });
  } else if (lot == 2 && plan_.lost_stores && node.up() && env_.dice.chance(0.5)) {
    env_.trace("{} loses its store", node.id());
    node.crash();
    node.lose_store();
    restart_later(node, env_.dice.between(100, 10000));
  }
}

void Faults::heal() {
  stopped_ = true;
  env_.network.heal();
  for (const auto& node : nodes_) {
    node->set_disk_full(false);
    const std::int64_t wanted_ms = env_.dice.between(-k_healed_offset_ms_max, k_healed_offset_ms_max);
    if (std::abs(node->clock().error_ms()) > k_healed_offset_ms_max) {
      const std::int64_t step_ms = wanted_ms - node->clock().error_ms();
      node->clock().step_ms(step_ms);
      env_.users.clock_stepped(step_ms);
    }
    if (!node->up()) node->start();
  }
  env_.trace("all is well again");
}

}  // namespace dnsmesh::simulation
