// SPDX-License-Identifier: Apache-2.0
#include "app/sync_parts.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <optional>
#include <system_error>
#include <utility>
#include <vector>

#include "app/sources.hpp"
#include "app/verify_pool.hpp"
#include "base/cores.hpp"
#include "base/limits.hpp"
#include "base/log.hpp"
#include "base/utf8.hpp"
#include "net/peer_client.hpp"
#include "net/sync_loop.hpp"
#include "record/time_rules.hpp"
#include "sync/cluster.hpp"
#include "sync/pair_set.hpp"
#include "sync/worker.hpp"

namespace dnsmesh::app {
namespace {

/// How often the cluster looks at what passing time changes.
constexpr std::int64_t k_cluster_tick_ms = 60000;
constexpr std::string_view k_cluster_prefix = "cluster.";

/// The cluster file's content; empty when there is none. Docker makes a folder where the file of a mount is missing
/// (spec/configuration.md 8.3): it means "no file" too. Whoever named a file hears that it is not there.
std::string read_cluster_file(const std::string& path) {
  constexpr std::string_view k_advice =
      "there is no list of nodes; generate-cluster-manifest makes one (docs/cluster.md)";
  std::error_code error;
  if (std::filesystem::is_directory(path, error)) {
    log::warning(log::k_node, fmt::format("cluster manifest {} is a folder: {}", path, k_advice));
    return {};
  }
  if (!std::filesystem::is_regular_file(path, error)) {
    const auto level = path == ClusterSettings{}.file ? log::Level::debug : log::Level::info;
    log::write(level, log::k_node, fmt::format("cluster manifest {} is missing: {}", path, k_advice));
    return {};
  }
  auto content = read_bounded_file(path, limits::cluster_file_bytes_max);
  if (!content) {
    log::warning(log::k_node, fmt::format("the cluster file is not read: {}", content.error().text));
    return {};
  }
  log::info(log::k_node, fmt::format("cluster file {} is read", path));
  return std::move(*content);
}

net::PeerClientOptions client_options(const SyncSettings& settings) {
  net::PeerClientOptions out;
  out.ca_file = settings.ca_file;
  out.certificate_file = settings.certificate_file;
  out.key_file = settings.key_file;
  return out;
}

sync::ClusterOptions cluster_options(const NodeSettings& settings) {
  sync::ClusterOptions out;
  out.operator_key = settings.cluster.operator_key;
  out.base_domain = settings.cluster.base_domain;
  out.self_node_id = settings.cluster.node_id;
  out.self_endpoint = settings.cluster.self_endpoint;
  out.configured_peers = settings.sync.peers;
  out.file_content = read_cluster_file(settings.cluster.file);
  return out;
}

sync::WorkerOptions worker_options(const NodeSettings& settings) {
  sync::WorkerOptions out;
  out.node_id = settings.cluster.node_id;
  out.token = settings.sync.token.value_or("");
  out.token_alternative = settings.sync.token_alternative.value_or("");
  out.interval_ms = settings.sync.interval_ms;
  out.ttl_s_max = settings.sync.ttl_s_max;
  out.value_bytes_max = std::max(out.value_bytes_max, settings.http.value_bytes_max);
  out.extended = settings.sync.extended;
  out.peer_tombstones = settings.sync.peer_tombstones;
  out.bind_owners = settings.sync.bind_owners;
  return out;
}

sync::ServerOptions server_options(const NodeSettings& settings) {
  return {settings.cluster.node_id, settings.sync.extended};
}

}  // namespace

/// In the order of construction. What runs on the loop's thread may refer to all of it: the loop has ended before the
/// first of them is destroyed.
struct SyncParts::Parts {
  Parts(const NodeSettings& settings, store::RecordStore& the_store, const Clock& the_clock, Random& random,
        std::unique_ptr<net::PeerClient> the_client)
      : clock(the_clock),
        store(the_store),
        cluster_file(settings.cluster.file),
        pairs(the_clock),
        client(std::move(the_client)),
        loop(*client, the_clock),
        verifier(loop, settings.cluster.operator_key, static_cast<unsigned>(usable_cores())),
        cluster(cluster_options(settings), the_store, the_clock, loop),
        server(
            server_options(settings), the_store, pairs, the_clock, loop, [this] { return served_manifest(); },
            [this](const sync::Hint& hint) { return worker && worker->hinted(hint); }) {
    if (settings.sync.token) {
      worker.emplace(worker_options(settings), the_store, pairs, *client, verifier, the_clock, random, loop,
                     gossip(settings));
    }
    told_of_no_token = !settings.sync.peers.empty();  // whoever read the settings has told it
    cluster.on_peers([this](const sync::PeerSet& set) { use(set); });
  }

  std::optional<sync::ServedManifest> served_manifest() const {
    auto served = cluster.view()->served;
    if (served && record::is_before(served->exp, clock.wall_s())) return std::nullopt;
    return served;
  }

  sync::Worker::Gossip gossip(const NodeSettings& settings) {
    if (!settings.cluster.operator_key) return {};
    return {[this](std::string_view wire, std::string_view from) { cluster.gossiped(wire, from); },
            [this] { return cluster.view()->best_seq; }};
  }

  void use(const sync::PeerSet& set) {
    if (worker) return worker->set_peers(set);
    if (set.peers.empty() || told_of_no_token) return;
    told_of_no_token = true;
    log::warning(log::k_sync, fmt::format("{} peers are known, but no DMP_SYNC_PEER_TOKEN is set: nothing is exchanged",
                                          set.peers.size()));
  }

  void tick_cluster() {
    cluster.tick();
    loop.after(k_cluster_tick_ms, [this] { tick_cluster(); });
  }

  const Clock& clock;
  store::RecordStore& store;
  const std::string cluster_file;
  sync::PairSet pairs;
  std::unique_ptr<net::PeerClient> client;
  net::SyncLoop loop;
  VerifyPool verifier;
  sync::Cluster cluster;
  std::optional<sync::Worker> worker;  // only with a token
  sync::Server server;
  bool told_of_no_token = false;  // after construction only the loop's thread
};

SyncParts::SyncParts(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}

SyncParts::~SyncParts() { stop(); }

Result<std::unique_ptr<SyncParts>> SyncParts::create(const NodeSettings& settings, store::RecordStore& store,
                                                     const Clock& clock, Random& random) {
  auto client = net::PeerClient::create(client_options(settings.sync), clock);
  if (!client) return std::unexpected(client.error());
  return std::unique_ptr<SyncParts>(
      new SyncParts(std::make_unique<Parts>(settings, store, clock, random, std::move(*client))));
}

void SyncParts::load(const store::Record& record) { parts_->pairs.load(record); }

void SyncParts::applied(std::span<const store::Change> changes) {
  parts_->pairs.apply(changes);
  bool announced = false;
  for (const store::Change& change : changes) {
    announced = announced || (change.announced && change.rseq > 0);
    const bool is_cluster =
        fold_ascii(std::string_view(change.name).substr(0, k_cluster_prefix.size())) == k_cluster_prefix;
    if (is_cluster && change.kind == store::Change::Kind::put) parts_->cluster.changed(change.name, change.value);
  }
  if (announced && parts_->worker) parts_->worker->committed();
  parts_->server.moved();
}

void SyncParts::start() {
  parts_->loop.run_and_wait([this] { parts_->cluster.start(); });
  // The writer commits in order: after this the file's manifest is there, and so in the first answer over DNS.
  if (const auto committed = store::commit_and_wait(parts_->store, {}); !committed) {
    log::warning(log::k_node, fmt::format("the cluster file is not published yet: {}", committed.error().text));
  }
  parts_->loop.after(k_cluster_tick_ms, [this] { parts_->tick_cluster(); });
}

void SyncParts::reload(const NodeSettings& settings) {
  parts_->loop.run_and_wait([this, content = read_cluster_file(parts_->cluster_file), peers = settings.sync.peers] {
    parts_->cluster.reload(content, peers);
  });
}

void SyncParts::stop() {
  parts_->server.stop();
  parts_->loop.stop([this] {
    if (parts_->worker) parts_->worker->stop();
  });
  parts_->verifier.stop();
}

sync::Server& SyncParts::server() { return parts_->server; }

http::ClusterFacts SyncParts::facts() const {
  http::ClusterFacts out;
  out.cluster = parts_->cluster.view();
  if (parts_->worker) out.sync = parts_->worker->status();
  out.has_worker = parts_->worker.has_value();
  out.pairs = parts_->pairs.count();
  out.pair_bytes = parts_->pairs.bytes();
  out.readers_waiting = parts_->server.waiting();
  return out;
}

}  // namespace dnsmesh::app
