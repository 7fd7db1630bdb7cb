// SPDX-License-Identifier: Apache-2.0
#include "app/sync_metrics.hpp"

#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace dnsmesh::app {
namespace {

using sync::PeerStatus;
using Samples = std::vector<MetricSample>;

template <class Number>
double number(Number value) {
  return static_cast<double>(value);
}

template <class Number>
Samples one(Number value) {
  return {{{}, number(value)}};
}
template <class Number>
Samples one(const std::optional<Number>& value) {
  return value ? one(*value) : Samples{};
}

/// A sample a peer, where `value` gives one.
template <class Value>
Samples by_peer(const std::vector<PeerStatus>& peers, Value&& value) {
  Samples out;
  for (const PeerStatus& peer : peers) {
    if (const auto known = value(peer)) out.push_back({{{"peer", peer.node_id}}, number(*known)});
  }
  return out;
}

/// A sample a peer and pair of labels.
template <class Counts>
Samples by_pair(const std::vector<PeerStatus>& peers, Counts&& counts_of, const std::string& first,
                const std::string& second) {
  Samples out;
  for (const PeerStatus& peer : peers) {
    for (const auto& [labels, count] : counts_of(peer)) {
      out.push_back({{{"peer", peer.node_id}, {first, labels.first}, {second, labels.second}}, number(count)});
    }
  }
  return out;
}

Samples records(const std::vector<PeerStatus>& peers) {
  Samples out;
  for (const PeerStatus& peer : peers) {
    for (const auto& [result, count] : peer.counters.records) {
      out.push_back({{{"peer", peer.node_id}, {"result", std::string(record_result_name(result))}}, number(count)});
    }
  }
  return out;
}

Samples quarantine(const std::vector<PeerStatus>& peers) {
  Samples out;
  for (const PeerStatus& peer : peers) {
    for (const auto& [reason, count] : peer.quarantine) {
      out.push_back({{{"peer", peer.node_id}, {"reason", reason}}, number(count)});
    }
  }
  return out;
}

Samples labelled(const std::string& label, const std::vector<std::pair<std::string, std::uint64_t>>& counts) {
  Samples out;
  for (const auto& [value, count] : counts) out.push_back({{{label, value}}, number(count)});
  return out;
}

Samples manifest_seq(const sync::ClusterView& cluster) {
  Samples out;
  if (cluster.applied_seq) out.push_back({{{"kind", "applied"}}, number(*cluster.applied_seq)});
  if (cluster.best_seq) out.push_back({{{"kind", "best"}}, number(*cluster.best_seq)});
  return out;
}

std::optional<int> mode(const PeerStatus& peer) {
  if (peer.mode == sync::Mode::unknown) return std::nullopt;
  return peer.mode == sync::Mode::classic ? 1 : 2;
}

MetricsSnapshot peer_families(const std::vector<PeerStatus>& peers) {
  constexpr auto k_counter = MetricType::counter;
  constexpr auto k_gauge = MetricType::gauge;
  return {
      {"dmp_sync_requests_total", k_counter, "Calls to peers by kind and outcome.",
       by_pair(
           peers, [](const PeerStatus& peer) { return peer.counters.requests; }, "kind", "status")},
      {"dmp_sync_bytes_total", k_counter, "Octets from and to peers.",
       by_pair(
           peers, [](const PeerStatus& peer) { return peer.counters.bytes; }, "kind", "dir")},
      {"dmp_sync_records_total", k_counter, "What became of the pairs that peers offered.", records(peers)},
      {"dmp_sync_quarantine", k_gauge, "Pairs of a peer that were not accepted and are tried again, by reason.",
       quarantine(peers)},
      {"dmp_sync_lag_seconds", k_gauge, "How far reading is behind the peer's feed; 0 at its end.",
       by_peer(peers, [](const PeerStatus& peer) { return peer.lag_s; })},
      {"dmp_sync_backlog", k_gauge, "Changes of a peer that were not read yet.",
       by_peer(peers, [](const PeerStatus& peer) { return peer.backlog; })},
      {"dmp_sync_last_success_timestamp_seconds", k_gauge, "Unix time of the last good answer.",
       by_peer(peers, [](const PeerStatus& peer) { return peer.last_success_s; })},
      {"dmp_sync_clock_offset_seconds", k_gauge, "How far the peer's clock is ahead of ours.",
       by_peer(peers, [](const PeerStatus& peer) { return peer.clock_offset_s; })},
      {"dmp_sync_mode", k_gauge, "1 for a classic peer, 2 for an extended one.", by_peer(peers, mode)},
  };
}

}  // namespace

MetricsSnapshot sync_metrics(const http::ClusterFacts& facts, std::int64_t feed_ahead_ms) {
  constexpr auto k_counter = MetricType::counter;
  constexpr auto k_gauge = MetricType::gauge;
  const sync::ClusterView& cluster = *facts.cluster;
  const sync::SyncStatus& sync = facts.sync;
  MetricsSnapshot out = {
      {"dmp_sync_ticks_total", k_counter, "Rounds with peers.", one(sync.ticks)},
      {"dmp_sync_quarantine_full_total", k_counter, "Times that reading stopped since a peer's quarantine was full.",
       one(sync.quarantine_full)},
      {"dmp_sync_misplaced_total", k_counter, "Records of peers under an owner name that does not fit their type.",
       labelled("type", sync.misplaced)},
      {"dmp_sync_clock_disagrees", k_gauge, "1 while our clock is over an hour away from those of the peers, else 0.",
       one(sync.clock_disagrees)},
      {"dmp_sync_logical_clock_ahead_seconds", k_gauge, "How far the stamps of the feed are ahead of the clock.",
       one(number(feed_ahead_ms) / 1000)},
      {"dmp_sync_pairs", k_gauge, "Pairs that are offered to peers.", one(facts.pairs)},
      {"dmp_sync_pair_bytes", k_gauge, "Memory of their ids in bytes.", one(facts.pair_bytes)},
      {"dmp_sync_readers_waiting", k_gauge, "Peers that wait for news.", one(facts.readers_waiting)},
      {"dmp_cluster_peers", k_gauge, "Peers in force.", one(cluster.peers.peers.size())},
      {"dmp_cluster_manifest_seq", k_gauge, "Number of the manifest that is applied, and of the best known.",
       manifest_seq(cluster)},
      {"dmp_cluster_manifest_expiry_timestamp_seconds", k_gauge, "Unix time at which the applied manifest ends.",
       one(cluster.applied_exp)},
      {"dmp_cluster_manifest_rejected_total", k_counter, "Manifests that were refused, by reason.",
       labelled("reason", cluster.rejected)},
      {"dmp_cluster_manifest_conflict", k_gauge, "1 while two manifests of the applied number are known, else 0.",
       one(cluster.conflict)},
      {"dmp_cluster_self_missing", k_gauge, "1 while the applied manifest does not list this node, else 0.",
       one(cluster.self_missing)},
  };
  for (MetricFamily& family : peer_families(sync.peers)) out.push_back(std::move(family));
  return out;
}

}  // namespace dnsmesh::app
