// SPDX-License-Identifier: Apache-2.0
// What the tests of the cluster share: an operator, manifests, and one node with a store, a clock and a loop by hand.
#pragma once

#include <doctest/doctest.h>

#include <algorithm>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/base64.hpp"
#include "base/clock.hpp"
#include "base/log.hpp"
#include "base/random.hpp"
#include "log_lines.hpp"
#include "manual_loop.hpp"
#include "record/cluster_manifest.hpp"
#include "record/text_form.hpp"
#include "slow_store.hpp"
#include "store/memory_store.hpp"
#include "sync/cluster.hpp"

namespace dnsmesh::sync::testing {

inline constexpr std::int64_t k_now_s = 1'800'000'000;
inline constexpr std::int64_t k_day_s = 86'400;
inline constexpr std::uint64_t k_exp = k_now_s + 100 * k_day_s;
inline const crypto::SigningKey k_operator(ByteArray<32>{1});
inline const crypto::SigningKey k_stranger(ByteArray<32>{2});

inline record::ClusterNode node(const std::string& id) { return {id, "http://" + id + ":8053", {}}; }

struct Sample {
  std::uint64_t seq = 1;
  std::vector<record::ClusterNode> nodes = {node("a"), node("b"), node("c")};
  std::uint64_t exp = k_exp;
  std::string cluster = "mesh.test";
  crypto::SigningKey key = k_operator;
};
inline std::string manifest(const Sample& sample) {
  return record::issue_cluster_manifest({sample.cluster, sample.key.public_key(), sample.seq, sample.exp, sample.nodes},
                                        sample.key)
      .value();
}
inline std::string manifest(std::uint64_t seq) { return manifest(Sample{.seq = seq}); }

/// A manifest that no issuer makes: it says it has `count` nodes, and what follows is cut off or as it was.
inline std::string manifest_with_count(std::uint64_t seq, char count, bool cut) {
  const auto& form = record::k_cluster_manifest_form;
  std::string body = record::open_text(form, manifest(seq)).value();
  body.resize(body.size() - record::k_signature_bytes);
  const std::size_t at = 56 + Sample{}.cluster.size();
  body[at] = count;
  if (cut) body.resize(at + 1);
  return std::string(form.prefix) + base64_encode(body + std::string(view(k_operator.sign(body))));
}
inline std::string manifest_of_nobody(std::uint64_t seq) { return manifest_with_count(seq, 0, true); }

/// One node; `start()` and `restart()` make the cluster anew over the same store.
struct ClusterNode {
  ClusterNode() {
    options.operator_key = k_operator.public_key();
    options.base_domain = "mesh.test";
    options.self_node_id = "a";
    log::configure(log::Level::critical, log::Format::text);
    store.set_listener([this](std::span<const store::Change> changes) {
      for (const store::Change& change : changes) {
        ++commits;
        if (cluster && change.kind == store::Change::Kind::put) cluster->changed(change.name, change.value);
      }
    });
  }

  void start() {
    cluster.reset();
    cluster = std::make_unique<Cluster>(options, store, clock, loop);
    told.clear();
    cluster->on_peers([this](const PeerSet& peers) { told.push_back(peers); });
    cluster->start();
    loop.run_until_idle();
  }
  /// A value that comes on another way: publish, UPDATE or sync.
  void put(const std::string& value, const std::string& name = "cluster.mesh.test", std::int64_t ttl_s = 300) {
    store::Put put;
    put.name = name;
    put.value = value;
    put.ttl_s = ttl_s;
    put.rrset_bounded = false;
    store::Batch batch;
    batch.operations.emplace_back(std::move(put));
    REQUIRE(store::commit_and_wait(store, std::move(batch)).has_value());
  }
  void remove(const std::string& value) {
    store::Batch batch;
    batch.operations.emplace_back(store::Delete{"cluster.mesh.test", value, 0});
    REQUIRE(store::commit_and_wait(store, std::move(batch)).has_value());
  }
  void arrive(const std::string& value, const std::string& name = "cluster.mesh.test") {
    put(value, name);
    settle();
  }
  void gossip(const std::string& wire) {
    cluster->gossiped(wire, "b");
    loop.run_until_idle();
  }
  /// SIGHUP.
  void reload(const std::string& file_content, const std::vector<Peer>& configured_peers) {
    cluster->reload(file_content, configured_peers);
    loop.run_until_idle();
  }
  /// Until every look that was asked for has happened.
  void settle() { loop.advance_ms(2000); }
  void pass_s(std::int64_t s) {
    loop.advance_ms(s * 1000);
    cluster->tick();
    loop.run_until_idle();
  }

  ClusterView view() const { return *cluster->view(); }
  std::optional<std::uint64_t> applied() const { return view().applied_seq; }
  std::vector<std::string> peers() const {
    std::vector<std::string> out;
    for (const Peer& peer : view().peers.peers) out.push_back(peer.node_id + "=" + peer.endpoint);
    return out;
  }
  std::uint64_t rejected(const std::string& reason) const {
    for (const auto& [name, count] : view().rejected) {
      if (name == reason) return count;
    }
    return 0;
  }
  std::set<std::string> values(const std::string& exact_name = "cluster.mesh.test") const {
    std::set<std::string> out;
    const auto rows = store.values_at_exactly(exact_name).value();
    for (const store::Record& record : rows) out.insert(record.value);
    return out;
  }
  std::int64_t expiry(const std::string& value, const std::string& exact_name = "cluster.mesh.test") const {
    const auto rows = store.values_at_exactly(exact_name).value();
    for (const store::Record& record : rows) {
      if (record.value == value) return record.expires_s;
    }
    return 0;
  }

  ManualClock clock{k_now_s * 1000};
  SeededRandom random{1};
  dnsmesh::test::SlowStore store{store::make_memory_store(clock, random)};
  dnsmesh::test::ManualLoop loop{clock};
  ClusterOptions options;
  std::unique_ptr<Cluster> cluster;
  std::vector<PeerSet> told;
  std::size_t commits = 0;
};

inline const std::vector<std::string> k_b_and_c = {"b=http://b:8053", "c=http://c:8053"};

}  // namespace dnsmesh::sync::testing
