// SPDX-License-Identifier: Apache-2.0
#include "our_node.hpp"

#include <algorithm>
#include <utility>

#include "base/utf8.hpp"
#include "crypto/hash.hpp"
#include "record/name_rule.hpp"
#include "record/record_type.hpp"
#include "record/signed_exp.hpp"
#include "sim_loop.hpp"
#include "sim_transport.hpp"
#include "store/memory_store.hpp"
#include "sync/cluster.hpp"
#include "sync/pair_set.hpp"
#include "sync/server.hpp"

namespace dnsmesh::simulation {
namespace {

constexpr std::int64_t k_values_per_name_max = 64;
constexpr std::int64_t k_house_ms = 60000;
constexpr std::size_t k_sweep_rows = 1000;
constexpr std::size_t k_quarantine_pairs_max = 4096;
constexpr std::size_t k_quarantine_pairs_at_a_name_max = 64;
/// Of commits after which the walker reads at once: inside the millisecond.
constexpr double k_walks_at_once = 0.3;

bool is_cluster_name(std::string_view name) { return fold_ascii(name).starts_with("cluster."); }

}  // namespace

/// From a start to a crash. Members go in the reverse order: the loop last.
struct OurNode::Life {
  explicit Life(OurNode& node)
      : loop(node.env_.events),
        pairs(node.clock()),
        transport(node.env_, node.index()),
        verifier(node.env_, loop),
        cluster({.operator_key = node.env_.verdicts.operator_key(),
                 .base_domain = k_cluster_name,
                 .self_node_id = node.options_.knows_itself ? node.id() : std::string(),
                 .self_endpoint = node.options_.knows_itself ? node.endpoint() : std::string(),
                 .configured_peers = node.options_.peers,
                 .file_content = {},
                 .bugs = node.options_.cluster_bugs},
                *node.store_, node.clock(), loop),
        worker({.node_id = node.id(),
                .token = k_token,
                .token_alternative = {},
                .interval_ms = node.options_.interval_ms,
                .extended = node.options_.extended,
                .peer_tombstones = node.options_.peer_tombstones},
               *node.store_, pairs, transport, verifier, node.clock(), node.env_.dice.random(), loop,
               {.take =
                    [this, &node](std::string_view wire, std::string_view from) {
                      cluster.gossiped(wire, from);
                      node.check_manifest();
                    },
                .best_seq = [this] { return cluster.view()->best_seq; }},
               node.options_.bugs),
        server(
            {.node_id = node.id(), .extended = node.options_.extended}, *node.store_, pairs, node.clock(), loop,
            [this, &node]() -> std::optional<sync::ServedManifest> {
              const auto view = cluster.view();
              if (!view->served || std::cmp_less(view->served->exp, node.clock().wall_s())) return std::nullopt;
              return view->served;
            },
            [this](const sync::Hint& hint) { return worker.hinted(hint); }) {}

  SimLoop loop;
  sync::PairSet pairs;
  SimTransport transport;
  SimVerifier verifier;
  sync::Cluster cluster;
  sync::Worker worker;
  sync::Server server;
  // What S6 and S14 compare with.
  std::optional<std::uint64_t> applied_seq;
  std::optional<sync::PeerSet> peers;
  std::uint64_t served_seq = 0;
  std::int64_t served_exp_s = 0;
};

OurNode::OurNode(Env& env, NodeIndex index, SimClock clock, const Ledger& ledger, const Manifests& manifests,
                 OurOptions options)
    : Node(env, index, clock), ledger_(ledger), manifests_(manifests), options_(std::move(options)) {
  disk_.rows = store::make_memory_store(this->clock(), env.dice.random());
}

OurNode::~OurNode() = default;

void OurNode::start() {
  const StoreOptions store_options{.open_millisecond = options_.open_millisecond,
                                   .peer_tombstones = options_.peer_tombstones};
  store_ = std::make_unique<SimStore>(env_, *this, ledger_, std::move(disk_), store_options);
  life_ = std::make_unique<Life>(*this);
  Life& life = *life_;
  store_->set_disk_full(disk_full_);
  const auto loaded = store_->for_each([&](const store::Record& row) { life.pairs.load(row); });
  if (!loaded) env_.violated("start", id() + ": the store cannot be read");
  store_->set_listener([this](std::span<const store::Change> changes) { changed(changes); });
  life.cluster.on_peers([this](const sync::PeerSet& peers) { peers_changed(peers); });
  life.loop.post([this] {
    life_->cluster.start();
    check_manifest();
  });
  life.loop.after(k_house_ms, [this] { keep_house(); });
  env_.network.serve(index(),
                     [this](const NetRequest& request, NetResponder respond) { handle(request, std::move(respond)); });
}

void OurNode::crash() {
  env_.network.serve(index(), nullptr);
  store_->crash();
  life_.reset();
  Disk disk = store_->take();
  store_.reset();
  disk_ = {store::reopened(*disk.rows, clock(), env_.dice.random()), std::move(disk.shadow)};
}

void OurNode::changed(std::span<const store::Change> changes) {
  Life& life = *life_;
  life.pairs.apply(changes);
  life.server.moved();
  bool announced = false;
  for (const store::Change& change : changes) {
    announced = announced || change.announced;
    if (change.kind == store::Change::Kind::put && is_cluster_name(change.name)) {
      life.cluster.changed(change.name, change.value);
    }
  }
  if (announced) life.worker.committed();
  if (env_.dice.chance(k_walks_at_once)) life.loop.post([this] { walker_.walk(*store_); });
}

void OurNode::keep_house() {
  life_->cluster.tick();
  check_manifest();
  if (!store_->sweep_expired(k_sweep_rows)) env_.violated("sweep", id() + ": a sweep fails");
  life_->loop.after(k_house_ms, [this] { keep_house(); });
}

void OurNode::handle(const NetRequest& request, NetResponder respond) {
  if (request.token != k_token) return respond({.status = 403, .body = R"({"error": "forbidden"})"});
  life_->server.handle({.method = request.method,
                        .target = request.target,
                        .body = request.body,
                        .peer_address = "10.0.0." + std::to_string(request.from + 1)},
                       [this, respond = std::move(respond)](sync::ServeAnswer given) mutable {
                         if (!life_) return;  // it died with the request in its hands
                         respond({.status = given.status,
                                  .body = std::move(given.body),
                                  .content_type = std::move(given.content_type),
                                  .date_s = clock().wall_s()});
                       });
}

// --- what its users do -----------------------------------------------------------------------------------------------

void OurNode::publish(const std::string& name, const std::string& value, std::int64_t ttl_s) {
  if (!up()) return;
  store::Put put;
  put.name = name;
  put.value = value;
  put.ttl_s = ttl_s;
  put.values_per_name_max = k_values_per_name_max;
  put.offer = env_.verdicts.judge(name, value, clock().wall_s()).offer;
  store_->commit_of_user({.operations = {std::move(put)}});
}

void OurNode::remove(const std::string& name, const std::optional<std::string>& value) {
  if (up()) store_->commit_of_user({.operations = {store::Delete{.name = name, .value = value}}});
}

const Shadow& OurNode::shadow() const { return store_ ? store_->shadow() : disk_.shadow; }

std::vector<LivePair> OurNode::live() const {
  std::vector<LivePair> out;
  const std::int64_t now_s = clock().wall_s();
  for (const auto& [pair, row] : shadow().rows) {
    if (row.expires_s > now_s) out.push_back({pair.name, row.value, row.expires_s - now_s});
  }
  return out;
}

bool OurNode::excused(std::string_view name, std::string_view value) const {
  return shadow().lately_bound({std::string(name), crypto::sha256(value)}, clock().wall_s());
}

bool OurNode::takes(const LivePair& pair, std::int64_t ahead_s) const {
  const std::int64_t now_s = clock().wall_s();
  const auto judgement = env_.verdicts.judge(pair.name, pair.value, now_s);
  if (!judgement.accepted || judgement.offer.reason || !judgement.offer.allowed_at(now_s + ahead_s)) return false;
  // What is signed to end is not taken over after that end, even where existing nodes would (15.7, row 11).
  const auto exp = record::read_signed_exp(pair.value);
  return !exp || std::cmp_greater(*exp, now_s + ahead_s);
}

// --- troubles of its store -------------------------------------------------------------------------------------------

void OurNode::set_disk_full(bool full) {
  disk_full_ = full;
  if (life_) store_->set_disk_full(full);
}

void OurNode::keep_copy() {
  if (life_) copy_ = store_->copy();
}

void OurNode::restore_copy() {
  if (!copy_) return;
  disk_ = {store::reopened(*copy_->rows, clock(), env_.dice.random()), copy_->shadow};
  copy_.reset();
  walker_.start_over();
}

void OurNode::lose_store() {
  disk_ = {store::make_memory_store(clock(), env_.dice.random()), {}};
  copy_.reset();
  walker_.start_over();
}

// --- checks ----------------------------------------------------------------------------------------------------------

std::optional<std::uint64_t> OurNode::applied_seq() const {
  return life_ ? life_->cluster.view()->applied_seq : std::nullopt;
}

std::int64_t OurNode::feed_ahead_ms() const { return life_ ? store_->health().feed_ahead_ms : 0; }

void OurNode::peers_changed(const sync::PeerSet& peers) {
  life_->worker.set_peers(peers);
  const auto seq = life_->cluster.view()->applied_seq;
  if (life_->peers && *life_->peers != peers && seq == life_->applied_seq) {
    env_.violated("S6", fmt::format("{}: other peers with the same manifest {}", id(), seq.value_or(0)));
  }
  life_->peers = peers;
  check_manifest();
}

/// S6 and S14: what is applied only rises, also across restarts, was signed for it, and is served until its end.
void OurNode::check_manifest() {
  Life& life = *life_;
  const auto view = life.cluster.view();
  std::optional<std::uint64_t>& durable = store_->shadow().applied_seq;  // applied means durable, so this one stays
  if (view->applied_seq) {
    const std::uint64_t seq = *view->applied_seq;
    if (!manifests_.legitimate(seq)) env_.violated("S6", fmt::format("{} applies manifest {}", id(), seq));
    if (durable && seq < *durable) {
      env_.violated("S6", fmt::format("{} goes back from manifest {} to {}", id(), *durable, seq));
    }
    if (life.applied_seq != seq) env_.trace("{} has applied manifest {}", id(), seq);
    life.applied_seq = durable = seq;
  } else if (durable) {
    env_.violated("S6", fmt::format("{} has lost its manifest {}", id(), *durable));
  }
  const std::int64_t now_s = clock().wall_s();
  if (life.served_seq > 0 && now_s < life.served_exp_s && (!view->served || view->served->seq < life.served_seq)) {
    env_.violated("S14", fmt::format("{} no longer serves manifest {}", id(), life.served_seq));
  }
  // One that cannot be applied lives as long as whoever published it asked for.
  if (!view->served || !manifests_.legitimate(view->served->seq)) return;
  life.served_seq = view->served->seq;
  life.served_exp_s = static_cast<std::int64_t>(view->served->exp);
}

void OurNode::check_quiet() {
  walker_.walk(*store_);
  if (const auto missed = walker_.missed(*store_, clock().wall_s())) env_.violated("S11", id() + ": " + *missed);
  for (const sync::Peer& peer : life_->peers ? life_->peers->peers : options_.peers) {
    const auto entries = store_->quarantined(sync::normalised_endpoint(peer.endpoint));
    if (!entries) continue;
    std::map<std::string, std::size_t> at_names;
    for (const store::Quarantine& entry : *entries) ++at_names[entry.name];
    const bool crowded = std::ranges::any_of(
        at_names, [](const auto& count) { return count.second > k_quarantine_pairs_at_a_name_max; });
    if (entries->size() > k_quarantine_pairs_max || crowded) {
      env_.violated("S8", fmt::format("{} keeps {} pairs of {} in quarantine", id(), entries->size(), peer.node_id));
    }
  }
}

}  // namespace dnsmesh::simulation
