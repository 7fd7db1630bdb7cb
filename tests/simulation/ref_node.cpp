// SPDX-License-Identifier: Apache-2.0
#include "ref_node.hpp"

#include <algorithm>
#include <set>
#include <utility>

#include "crypto/hash.hpp"

namespace dnsmesh::simulation {
namespace {

constexpr std::size_t k_digest_limit = 1000;
constexpr std::size_t k_digest_limit_max = 10000;
constexpr std::size_t k_pairs_per_tick = 256;
constexpr std::size_t k_pull_body_bytes_max = 16384;
constexpr std::int64_t k_slop_s = 5;
constexpr std::int64_t k_race_ttl_s = 43200;
constexpr double k_rate_per_ms = 0.01;
constexpr double k_burst = 100;

/// A life of 10^18 seconds is taken as it stands.
std::int64_t saturating_add(std::int64_t a, std::int64_t b) {
  std::int64_t sum = 0;
  return __builtin_add_overflow(a, b, &sum) ? std::numeric_limits<std::int64_t>::max() : sum;
}

}  // namespace

/// One tick's work on one peer.
struct RefNode::Tick {
  std::string peer_endpoint;
  std::vector<RefEntry> entries;
  std::set<std::pair<std::string, std::string>> handled;  // name, hash
  std::set<std::pair<std::string, std::string>> asked;
  std::set<std::string> names;
};

RefNode::RefNode(Env& env, NodeIndex index, SimClock clock, RefOptions options)
    : Node(env, index, clock), options_(std::move(options)) {}

RefNode::~RefNode() = default;

void RefNode::start() {
  life_ = std::make_shared<Life>();
  for (const auto& [id, endpoint] : options_.peers) life_->peers.push_back({id, endpoint});
  env_.network.serve(index(),
                     [this](const NetRequest& request, NetResponder respond) { handle(request, std::move(respond)); });
  after(options_.interval_ms, [this] { tick(); });
}

void RefNode::crash() {
  env_.network.serve(index(), nullptr);
  life_.reset();
}

void RefNode::after(std::int64_t ms, std::move_only_function<void()> task) {
  env_.events.after(ms, [life = std::weak_ptr(life_), task = std::move(task)]() mutable {
    if (!life.expired()) task();
  });
}

void RefNode::write(const std::string& name, const std::string& value, std::int64_t ttl_s, std::int64_t visible_ms) {
  const std::int64_t ts_ms = clock().wall_ms();
  const std::int64_t expires_s = saturating_add(clock().wall_s(), ttl_s);
  if (visible_ms == 0) return store_.write(name, value, expires_s, ts_ms);
  after(visible_ms, [this, name, value, expires_s, ts_ms] { store_.write(name, value, expires_s, ts_ms); });
}

void RefNode::publish(const std::string& name, const std::string& value, std::int64_t ttl_s) {
  if (!up()) return;
  const auto left_s = store_.remaining_s(name, crypto::sha256_hex(value), clock().wall_s());
  if (left_s && *left_s > ttl_s) shortened_.insert({name, value});
  write(name, value, ttl_s, env_.dice.between(0, options_.commit_ms_max));
}

void RefNode::remove(const std::string& name, const std::optional<std::string>& value) {
  if (!up()) return;
  for (const RefRow* row : store_.at(name, clock().wall_s())) {
    if (!value || row->value == *value) shortened_.insert({name, row->value});
  }
  store_.remove(name, value);
}

bool RefNode::excused(std::string_view name, std::string_view value) const {
  return shortened_.contains({std::string(name), std::string(value)});
}

std::vector<LivePair> RefNode::live() const {
  std::vector<LivePair> out;
  const std::int64_t now_s = clock().wall_s();
  for (const auto& [key, row] : store_.rows()) {
    if (row.expires_s > now_s) out.push_back({row.name, row.value, row.expires_s - now_s});
  }
  return out;
}

bool RefNode::takes(const LivePair& pair, std::int64_t ahead_s) const {
  const auto judgement = env_.verdicts.judge(pair.name, pair.value, clock().wall_s());
  return judgement.accepted && judgement.offer.allowed_at(clock().wall_s() + ahead_s);
}

// --- serving ---------------------------------------------------------------------------------------------------------

void RefNode::handle(const NetRequest& request, NetResponder respond) {
  NetAnswer given = bucket_empty(request.from) ? NetAnswer{.status = 429, .body = R"({"error": "rate limit exceeded"})"}
                                               : answer(request);
  given.date_s = clock().wall_s();
  respond(std::move(given));
}

bool RefNode::bucket_empty(NodeIndex from) {
  const std::int64_t now_ms = env_.events.now_ms();
  auto& [tokens, counted_ms] = life_->buckets.try_emplace(from, k_burst, now_ms).first->second;
  tokens = std::min(k_burst, tokens + static_cast<double>(now_ms - counted_ms) * k_rate_per_ms);
  counted_ms = now_ms;
  if (tokens < 1) return true;
  tokens -= 1;
  return false;
}

/// Two writes of one millisecond: the reader sees one of them, and the other one below it, or not at all (3.4).
void RefNode::race() {
  for (const std::int64_t visible_ms : {0, 3}) {
    const PoolItem& item = env_.dice.pick(env_.pool.good());
    if (shortened_.contains({item.name, item.value})) continue;
    write(item.name, item.value, k_race_ttl_s, visible_ms);
  }
}

NetAnswer RefNode::answer(const NetRequest& request) {
  if (request.token != k_token) return {.status = 403, .body = R"({"error": "forbidden"})"};
  const std::string_view path = path_of(request.target);
  if (request.method == "GET" && path == "/v1/sync/digest") {
    if (!env_.quiet && env_.dice.chance(options_.races)) race();
    return serve_digest(request);
  }
  if (request.method == "POST" && path == "/v1/sync/pull") return serve_pull(request);
  if (request.method == "GET" && path == "/v1/sync/cluster-manifest") return serve_manifest();
  return {.status = 404, .body = R"({"error": "not found"})"};
}

NetAnswer RefNode::serve_digest(const NetRequest& request) const {
  RefStore::Position after{};
  if (const auto text = query_value(request.target, "cursor")) {
    const auto cursor = parse_cursor(*text);
    if (!cursor) return {.status = 400, .body = R"({"error": "cursor must be '<ts>:<name>:<value_hash>'"})"};
    after = *cursor;
  }
  std::size_t limit = k_digest_limit;
  if (const auto text = query_value(request.target, "limit")) limit = std::stoul(*text);
  const std::int64_t now_s = clock().wall_s();
  return {.body = write_digest_page(store_.page(after, std::min(limit, k_digest_limit_max), now_s), after, now_s)};
}

NetAnswer RefNode::serve_pull(const NetRequest& request) const {
  const PullRequest pull = parse_pull_request(request.body, k_pull_body_bytes_max);
  if (pull.refused_status != 0) return {.status = pull.refused_status, .body = R"({"error": "invalid body"})"};
  const std::int64_t now_s = clock().wall_s();
  std::vector<const RefRow*> rows;
  for (const std::string& name : pull.names) {
    const auto found = store_.at(name, now_s);
    rows.insert(rows.end(), found.begin(), found.end());
  }
  return {.body = write_pull_page(rows, now_s)};
}

NetAnswer RefNode::serve_manifest() const {
  const RefRow* best = nullptr;
  std::uint64_t best_seq = 0;
  for (const RefRow* row : store_.at(k_cluster_owner, clock().wall_s())) {
    const auto manifest = env_.verdicts.manifest(row->value, clock().wall_s(), k_cluster_name);
    if (!manifest || (best != nullptr && manifest->seq <= best_seq)) continue;
    best = row;
    best_seq = manifest->seq;
  }
  if (best == nullptr) return {.status = 204, .body = {}};
  return {.body = fmt::format(R"({{"wire": "{}", "seq": {}, "exp": 0, "cluster_name": "{}"}})", best->value, best_seq,
                              k_cluster_name)};
}

// --- the worker ------------------------------------------------------------------------------------------------------

void RefNode::call(const std::string& endpoint, std::string method, std::string target, std::string body,
                   std::move_only_function<void(Result<NetAnswer>)> done, int redirects_left) {
  NetRequest request{.from = index(),
                     .endpoint = endpoint,
                     .method = std::move(method),
                     .target = std::move(target),
                     .token = k_token,
                     .body = std::move(body)};
  env_.network.call(request, [this, life = std::weak_ptr(life_), done = std::move(done), request,
                              redirects_left](Result<NetAnswer> answer) mutable {
    if (life.expired()) return;
    if (answer && answer->status == 302 && redirects_left > 0) {
      return call(answer->location, request.method, request.target, request.body, std::move(done), redirects_left - 1);
    }
    done(std::move(answer));
  });
}

RefNode::Peer* RefNode::peer_of(const Tick& tick) {
  const auto found = std::ranges::find(life_->peers, tick.peer_endpoint, &Peer::endpoint);
  return found == life_->peers.end() ? nullptr : &*found;
}

void RefNode::tick() {
  if (life_->peers.empty()) return end_tick();
  Peer& peer = life_->peers[life_->turn++ % life_->peers.size()];
  auto tick = std::make_shared<Tick>();
  tick->peer_endpoint = peer.endpoint;
  call(peer.endpoint, "GET", fmt::format("/v1/sync/digest?cursor={}&limit={}", write_cursor(peer.watermark), 1000), {},
       [this, tick](const Result<NetAnswer>& answer) { take_digest(tick, answer); });
}

void RefNode::take_digest(const std::shared_ptr<Tick>& tick, const Result<NetAnswer>& answer) {
  // A connection that is closed without an answer ends the whole tick.
  if (!answer && answer.error().code == ErrorCode::sync_transport) return end_tick();
  if (!answer || answer->status != 200 || answer->endless) return gossip(tick);
  const auto digest = read_digest(answer->body, clock().wall_ms());
  if (digest) check_dropped(*tick, digest->dropped);
  if (!digest || digest->entries.empty()) return gossip(tick);
  tick->entries = digest->entries;
  std::vector<std::string> names;
  for (const RefEntry& entry : tick->entries) {
    const auto own = store_.remaining_s(entry.name, entry.hash, clock().wall_s());
    if (own && (entry.ttl_s <= *own + k_slop_s || entry.ttl_s == 0)) {
      tick->handled.insert({entry.name, entry.hash});
    } else if (tick->asked.size() < k_pairs_per_tick && tick->asked.insert({entry.name, entry.hash}).second) {
      if (tick->names.insert(entry.name).second) names.push_back(entry.name);
    }
  }
  if (names.empty()) return finish_data(tick);
  call(tick->peer_endpoint, "POST", "/v1/sync/pull", write_pull_body(names),
       [this, tick](const Result<NetAnswer>& pulled) { take_pull(tick, pulled); });
}

void RefNode::take_pull(const std::shared_ptr<Tick>& tick, const Result<NetAnswer>& answer) {
  if (!answer && answer.error().code == ErrorCode::sync_transport) return end_tick();
  const auto records = answer && answer->status == 200 && !answer->endless ? read_pull(answer->body) : std::nullopt;
  if (!records) return finish_data(tick);
  for (const RefPulled& record : *records) {
    const std::pair key{record.name, crypto::sha256_hex(record.value)};
    if (!tick->names.contains(record.name) || !tick->asked.contains(key)) continue;
    if (!env_.verdicts.judge(record.name, record.value, clock().wall_s()).accepted) {
      env_.trace("{} refuses {} of {}", id(), record.name, tick->peer_endpoint);
      check_offer(*tick, record.name, record.value);
      continue;
    }
    // Shortened between the listing and the pull: this reader takes the shorter life over the longer one it had.
    const auto own_s = store_.remaining_s(record.name, key.second, clock().wall_s());
    if (own_s && *own_s > record.ttl_s) shortened_.insert({record.name, record.value});
    write(record.name, record.value, record.ttl_s, 0);
    tick->handled.insert(key);
  }
  finish_data(tick);
}

void RefNode::finish_data(const std::shared_ptr<Tick>& tick) {
  if (Peer* peer = peer_of(*tick)) {
    for (const RefEntry& entry : tick->entries) {
      if (!tick->handled.contains({entry.name, entry.hash})) break;
      peer->watermark = std::max(peer->watermark, RefStore::Position{entry.ts_ms, entry.name, entry.hash});
    }
  }
  gossip(tick);
}

void RefNode::gossip(const std::shared_ptr<Tick>& tick) {
  call(tick->peer_endpoint, "GET", "/v1/sync/cluster-manifest", {}, [this](const Result<NetAnswer>& answer) {
    take_manifest(answer);
    end_tick();
  });
}

void RefNode::take_manifest(const Result<NetAnswer>& answer) {
  if (!answer || answer->status != 200) return;
  const auto wire = read_manifest(answer->body);
  if (!wire) return;
  const std::int64_t now_s = clock().wall_s();
  const auto manifest = env_.verdicts.manifest(*wire, now_s, k_cluster_name);
  if (!manifest) return;
  std::int64_t floor = life_->installed_seq;
  for (const RefRow* row : store_.at(k_cluster_owner, now_s)) {
    const auto stored = env_.verdicts.manifest(row->value, now_s, k_cluster_name);
    if (stored) floor = std::max(floor, static_cast<std::int64_t>(stored->seq));
  }
  const auto seq = static_cast<std::int64_t>(manifest->seq);
  if (seq <= floor) return;
  write(std::string("cluster.") + manifest->cluster_name, *wire,
        std::max<std::int64_t>(1, static_cast<std::int64_t>(manifest->exp) - now_s), 0);
  replace_peers(*manifest);
  life_->installed_seq = seq;
  env_.trace("{} applies manifest {}", id(), seq);
}

void RefNode::replace_peers(const record::ClusterManifest& manifest) {
  std::vector<Peer> peers;
  for (const record::ClusterNode& node : manifest.nodes) {
    if (node.node_id == id() || ref_normalised(node.http_endpoint) == endpoint()) continue;
    if (std::ranges::find(peers, node.node_id, &Peer::id) != peers.end()) continue;
    Peer peer{node.node_id, node.http_endpoint};
    for (const Peer& old : life_->peers) {
      const bool same_place = ref_normalised(old.endpoint) == ref_normalised(peer.endpoint);
      if (same_place && old.id == peer.id) peer.watermark = old.watermark;
    }
    peers.push_back(std::move(peer));
  }
  life_->peers = std::move(peers);
}

// --- S10: what our nodes offer is what this reader takes
// ---------------------------------------------------------------

const Node* RefNode::our_peer(const Tick& tick) const {
  const NodeIndex index = env_.network.node_at(ref_normalised(tick.peer_endpoint));
  if (index == k_nobody || env_.nodes == nullptr) return nullptr;
  const Node* node = (*env_.nodes)[static_cast<std::size_t>(index)].get();
  return node->ours() ? node : nullptr;
}

void RefNode::check_offer(const Tick& tick, const std::string& name, const std::string& value) {
  const Node* peer = our_peer(tick);
  if (peer == nullptr) return;
  // A record may have ended on its way here, or by this clock alone.
  const std::int64_t now_s = peer->clock().wall_s();
  for (const std::int64_t earlier_s : {0, 30, 60}) {
    if (env_.verdicts.judge(name, value, now_s - earlier_s).accepted) return;
  }
  env_.violated("S10", fmt::format("{} offers {} to {}, which must refuse it", peer->id(), name, id()));
}

void RefNode::check_dropped(const Tick& tick, std::size_t dropped) {
  const Node* peer = our_peer(tick);
  if (peer == nullptr || dropped == 0) return;
  const bool clocks_allow_it = clock().wall_ms() < peer->clock().wall_ms() - 20000 || peer->feed_ahead_ms() > 25000;
  if (clocks_allow_it) return;
  env_.violated("S10", fmt::format("{} drops {} entries of {}", id(), dropped, peer->id()));
}

void RefNode::end_tick() {
  after(options_.interval_ms, [this] { tick(); });
}

}  // namespace dnsmesh::simulation
