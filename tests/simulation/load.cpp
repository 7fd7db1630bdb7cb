// SPDX-License-Identifier: Apache-2.0
#include "load.hpp"

#include "crypto/hash.hpp"

namespace dnsmesh::simulation {
namespace {

/// Lives that pass the whole run, quiet time included.
constexpr std::int64_t k_long_ttl_s_min = 8 * 3600;
constexpr std::int64_t k_long_ttl_s_max = 86400;

}  // namespace

Load::Load(Env& env, const Plan& plan, Manifests& manifests, std::vector<std::unique_ptr<Node>>& nodes)
    : env_(env), plan_(plan), manifests_(manifests), nodes_(nodes) {
  const std::int64_t count = env.dice.between(10, 120);
  for (std::int64_t i = 0; i < count; ++i) items_.push_back(env.dice.index(env.pool.good().size()));
}

void Load::start() {
  if (plan_.manifests && env_.dice.chance(0.7)) {
    const std::string wire = manifests_.next();
    any_node().publish(k_cluster_owner, wire, env_.dice.chance(0.5) ? 300 : 90 * 86400);
  }
  next();
}

void Load::next() {
  env_.events.after(env_.dice.between(1, plan_.gap_ms_max), [this] {
    if (stopped_) return;
    act();
    next();
  });
}

void Load::act() {
  const std::int64_t lot = env_.dice.between(0, 99);
  if (lot < 60) return publish();
  if (lot < 70) return plan_.deletes ? remove() : publish();
  if (lot < 80) return plan_.odd_records ? odd() : publish();
  if (lot < 86) return plan_.races ? burst() : publish();
  if (lot < 90) return plan_.manifests ? manifest() : publish();
  if (lot < 91) return crowd();
  publish();
}

std::int64_t Load::any_ttl_s() {
  if (env_.dice.chance(0.25)) return env_.dice.between(1, 300);
  return env_.dice.between(k_long_ttl_s_min, k_long_ttl_s_max);
}

void Load::publish() {
  Node& node = any_node();
  const PoolItem& item = any_item();
  const std::int64_t ttl_s = any_ttl_s();
  if (env_.verbose) {
    env_.trace("{} gets {} ({}...) for {} s", node.id(), item.name, crypto::sha256_hex(item.value).substr(0, 8), ttl_s);
  }
  node.publish(item.name, item.value, ttl_s);
}

/// Many rows within a few milliseconds, in no order.
void Load::burst() {
  Node& node = any_node();
  const std::int64_t count = env_.dice.between(2, 20);
  env_.trace("{} gets a burst of {}", node.id(), count);
  for (std::int64_t i = 0; i < count; ++i) {
    const PoolItem& item = any_item();
    const std::int64_t ttl_s = any_ttl_s();
    env_.events.after(env_.dice.between(0, 8), [&node, &item, ttl_s] { node.publish(item.name, item.value, ttl_s); });
  }
}

/// Many values at one name.
void Load::crowd() {
  Node& node = any_node();
  const std::string name = "crowd" + std::to_string(env_.dice.between(0, 2)) + ".mesh.sim";
  const std::int64_t count = env_.dice.between(5, 40);
  env_.trace("{} gets {} values at {}", node.id(), count, name);
  for (std::int64_t i = 0; i < count; ++i) node.publish(name, "value " + std::to_string(i), k_long_ttl_s_min);
}

void Load::remove() {
  Node& node = any_node();
  const PoolItem& item = any_item();
  const bool whole_name = env_.dice.chance(0.3);
  if (env_.verbose) {
    const std::string hash = crypto::sha256_hex(item.value).substr(0, 8);
    env_.trace("{} deletes {} ({})", node.id(), item.name, whole_name ? "all" : hash + "...");
  }
  node.remove(item.name, whole_name ? std::nullopt : std::optional(item.value));
}

void Load::odd() {
  Node& node = any_node();
  const PoolItem& item = env_.dice.pick(env_.dice.chance(0.3) ? env_.pool.aliases() : env_.pool.odd());
  env_.trace("{} gets the odd {}", node.id(), item.name);
  node.publish(item.name, item.value, any_ttl_s());
}

void Load::manifest() {
  Node& node = any_node();
  const std::int64_t lot = env_.dice.between(0, 9);
  std::string wire = lot < 4   ? manifests_.next()
                     : lot < 5 ? manifests_.rival()
                     : lot < 7 ? manifests_.earlier()
                               : manifests_.unfit();
  if (wire.empty()) wire = manifests_.next();
  env_.trace("{} gets a manifest, kind {}, newest is {}", node.id(), lot, manifests_.newest_seq());
  node.publish(k_cluster_owner, wire, env_.dice.chance(0.5) ? 300 : 90 * 86400);
}

}  // namespace dnsmesh::simulation
