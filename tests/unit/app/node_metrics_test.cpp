// SPDX-License-Identifier: Apache-2.0
#include "app/node_metrics.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <iterator>
#include <map>
#include <string>

#include "app/discovery_parts.hpp"
#include "app/people_metrics.hpp"
#include "app/sources.hpp"
#include "app/sync_metrics.hpp"
#include "base/clock.hpp"
#include "base/random.hpp"
#include "http/metrics_text.hpp"
#include "store/memory_store.hpp"

using namespace dnsmesh;
using namespace dnsmesh::app;

namespace {

/// Family and type from the rows `| `name` | type | ...` of the page.
std::map<std::string, std::string> documented() {
  const auto page = read_bounded_file(DNSMESH_DOCS "/monitoring.md", 1048576);
  REQUIRE(page.has_value());
  const std::string_view row = "\n| `dmp_";
  std::map<std::string, std::string> out;
  for (std::size_t at = page->find(row); at != std::string::npos; at = page->find(row, at + 1)) {
    const std::size_t name = at + 4;
    const std::size_t name_end = page->find('`', name);
    const std::size_t type = name_end + 4;
    out[page->substr(name, name_end - name)] = page->substr(type, page->find(' ', type) - type);
  }
  return out;
}

std::string type_name(MetricType type) {
  if (type == MetricType::histogram) return "histogram";
  return type == MetricType::counter ? "counter" : "gauge";
}

}  // namespace

TEST_CASE("docs/monitoring.md describes every metric family, and no other") {
  std::map<std::string, std::string> measured;
  MetricsSnapshot all = node_metrics({});
  std::ranges::move(sync_metrics({}, 0), std::back_inserter(all));
  ManualClock clock(0);
  SeededRandom random(1);
  const auto records = store::make_memory_store(clock, random);
  const auto discovery = DiscoveryParts::create({}, *records, clock, random, false);
  REQUIRE(discovery.has_value());
  std::ranges::move((*discovery)->metrics(), std::back_inserter(all));
  std::ranges::move(people_metrics({}), std::back_inserter(all));
  for (const MetricFamily& family : all) {
    CAPTURE(family.name);
    CHECK(measured.emplace(family.name, type_name(family.type)).second);
    if (family.type == MetricType::histogram) CHECK(family.name.ends_with("_seconds"));
    CHECK(family.help.ends_with('.'));
    CHECK(family.name.ends_with("_total") == (family.type == MetricType::counter));
  }
  CHECK(documented() == measured);
}

TEST_CASE("each figure has its place") {
  NodeFigures figures;
  figures.started_s = 1700000000;
  figures.ready = true;
  figures.records = 34;
  figures.store.writable = false;
  figures.offers_refused = {{ErrorCode::record_unknown_type, 5}};
  figures.index_bytes = 6;
  figures.index_names = 7;
  figures.index_complete = true;
  figures.http_answers = {{"GET", 200, 8}, {"other", 400, 9}};
  figures.http_connections = 10;
  figures.http_connections_refused = 11;
  figures.http_timeouts = 12;
  for (std::size_t i = 0; i < figures.dns_udp.size(); ++i) {
    figures.dns_udp[i] = 60 + i;
    figures.dns_tcp[i] = 40;
  }
  for (std::size_t i = 0; i < figures.dns_updates_signed.size(); ++i) {
    figures.dns_updates_signed[i] = 200 + i;
    figures.dns_updates_unsigned[i] = 300 + i;
  }
  figures.dns_tcp_connections = 13;
  figures.http_connections_displaced = 14;
  figures.http_publish_latency.counts = {2, 1};
  figures.http_publish_latency.sum_us = 40;
  figures.dns_udp_latency.counts.back() = 3;
  figures.dns_udp_latency.sum_us = 30000000;
  const std::string text = http::metrics_text(node_metrics(figures));
  for (const std::string_view line : {"dmp_start_time_seconds 1700000000",
                                      "dmp_ready 1",
                                      "dmp_records 34",
                                      "dmp_store_healthy{operation=\"read\"} 1",
                                      "dmp_store_healthy{operation=\"write\"} 0",
                                      "dmp_offers_refused_total{reason=\"unknown-type\"} 5",
                                      "dmp_index_bytes 6",
                                      "dmp_index_names 7",
                                      "dmp_index_complete 1",
                                      "dmp_http_requests_total{method=\"GET\",status=\"200\"} 8",
                                      "dmp_http_requests_total{method=\"other\",status=\"400\"} 9",
                                      "dmp_http_connections 10",
                                      "dmp_http_connections_refused_total 11",
                                      "dmp_http_timeouts_total 12",
                                      "dmp_dns_queries_total{outcome=\"noerror\"} 100",
                                      "dmp_dns_queries_total{outcome=\"tsig_failed\"} 115",
                                      "dmp_dns_dropped_total{reason=\"short\"} 116",
                                      "dmp_dns_dropped_total{reason=\"unsent\"} 118",
                                      "dmp_dns_dropped_total{reason=\"connection\"} 119",
                                      "dmp_dns_truncated_total 120",
                                      "dmp_dns_slipped_total 121",
                                      "dmp_dns_receive_calls_total 122",
                                      "dmp_dns_send_calls_total 123",
                                      "dmp_dns_updates_total{rcode=\"noerror\",auth=\"tsig\"} 200",
                                      "dmp_dns_updates_total{rcode=\"notauth\",auth=\"tsig\"} 424",
                                      "dmp_dns_updates_total{rcode=\"notzone\",auth=\"none\"} 310",
                                      "dmp_dns_update_replays_total 224",
                                      "dmp_dns_tsig_failures_total{error=\"badsig\"} 125",
                                      "dmp_dns_tsig_failures_total{error=\"badtrunc\"} 128",
                                      "dmp_dns_transport_queries_total{outcome=\"noerror\",transport=\"udp\"} 60",
                                      "dmp_dns_transport_queries_total{outcome=\"tsig_failed\",transport=\"tcp\"} 40",
                                      "dmp_http_connections_displaced_total 14",
                                      "dmp_http_publish_seconds_bucket{le=\"1e-05\"} 2",
                                      "dmp_http_publish_seconds_bucket{le=\"2.5e-05\"} 3",
                                      "dmp_http_publish_seconds_bucket{le=\"+Inf\"} 3",
                                      "dmp_http_publish_seconds_count 3",
                                      "dmp_http_publish_seconds_sum 4e-05",
                                      "dmp_dns_udp_seconds_bucket{le=\"5\"} 0",
                                      "dmp_dns_udp_seconds_bucket{le=\"+Inf\"} 3",
                                      "dmp_dns_udp_seconds_sum 30",
                                      "dmp_dns_tcp_connections 13"}) {
    CAPTURE(line);
    CHECK(text.contains("\n" + std::string(line) + "\n"));
  }
  CHECK_FALSE(text.contains("outcome=\"short\""));
}

TEST_CASE("a record count that is not known has no sample") {
  CHECK_FALSE(http::metrics_text(node_metrics({})).contains("\ndmp_records "));
}

TEST_CASE("each figure of sync has its place, with the peer as label") {
  auto cluster = std::make_shared<sync::ClusterView>();
  cluster->peers.peers = {{"node-b", "http://b", false}};
  cluster->applied_seq = 7;
  cluster->best_seq = 8;
  cluster->applied_exp = 1830000000;
  cluster->conflict = true;
  cluster->rejected = {{"signature", 9}};
  http::ClusterFacts facts;
  facts.cluster = cluster;
  facts.pairs = 10;
  facts.pair_bytes = 11;
  facts.readers_waiting = 12;
  facts.sync.ticks = 13;
  facts.sync.quarantine_full = 14;
  facts.sync.misplaced = {{"identity", 15}};
  facts.sync.clock_disagrees = true;
  sync::PeerStatus peer;
  peer.node_id = "node-b";
  peer.mode = sync::Mode::extended;
  peer.lag_s = 1.5;
  peer.backlog = 16;
  peer.last_success_s = 1700000000;
  peer.clock_offset_s = -0.5;
  peer.quarantine = {{"missing", 17}};
  peer.counters.requests[{"feed", "200"}] = 18;
  peer.counters.bytes[{"feed", "in"}] = 19;
  peer.counters.records[sync::RecordResult::written] = 20;
  facts.sync.peers = {peer, {}};
  const std::string text = http::metrics_text(sync_metrics(facts, 2500));
  for (const std::string_view line : {"dmp_sync_ticks_total 13",
                                      "dmp_sync_quarantine_full_total 14",
                                      "dmp_sync_misplaced_total{type=\"identity\"} 15",
                                      "dmp_sync_clock_disagrees 1",
                                      "dmp_sync_logical_clock_ahead_seconds 2.5",
                                      "dmp_sync_pairs 10",
                                      "dmp_sync_pair_bytes 11",
                                      "dmp_sync_readers_waiting 12",
                                      "dmp_cluster_peers 1",
                                      "dmp_cluster_manifest_seq{kind=\"applied\"} 7",
                                      "dmp_cluster_manifest_seq{kind=\"best\"} 8",
                                      "dmp_cluster_manifest_expiry_timestamp_seconds 1830000000",
                                      "dmp_cluster_manifest_rejected_total{reason=\"signature\"} 9",
                                      "dmp_cluster_manifest_conflict 1",
                                      "dmp_cluster_self_missing 0",
                                      "dmp_sync_requests_total{peer=\"node-b\",kind=\"feed\",status=\"200\"} 18",
                                      "dmp_sync_bytes_total{peer=\"node-b\",kind=\"feed\",dir=\"in\"} 19",
                                      "dmp_sync_records_total{peer=\"node-b\",result=\"written\"} 20",
                                      "dmp_sync_quarantine{peer=\"node-b\",reason=\"missing\"} 17",
                                      "dmp_sync_lag_seconds{peer=\"node-b\"} 1.5",
                                      "dmp_sync_backlog{peer=\"node-b\"} 16",
                                      "dmp_sync_last_success_timestamp_seconds{peer=\"node-b\"} 1700000000",
                                      "dmp_sync_clock_offset_seconds{peer=\"node-b\"} -0.5",
                                      "dmp_sync_mode{peer=\"node-b\"} 2"}) {
    CAPTURE(line);
    CHECK(text.contains("\n" + std::string(line) + "\n"));
  }
  CHECK_FALSE(text.contains("dmp_sync_mode{peer=\"\"}"));
}
