// SPDX-License-Identifier: Apache-2.0
#include "sync/worker.hpp"

#include <algorithm>
#include <atomic>
#include <map>
#include <set>
#include <utility>
#include <vector>

#include "base/log.hpp"
#include "sync/peer_session.hpp"

namespace dnsmesh::sync {

/// Shared with the tasks that it posts, which hold it weakly.
struct Worker::Parts : std::enable_shared_from_this<Worker::Parts> {
  explicit Parts(SyncContext&& shared) : context(std::move(shared)) {}

  SyncContext context;
  std::map<std::string, std::unique_ptr<PeerSession>> sessions;  // by normalised endpoint
  std::set<std::string> forgetting;  // endpoints whose positions are being dropped from the store
  std::atomic<bool> hint_waits{false};
  bool started = false;
  bool stopped = false;

  void set_peers(const PeerSet& peers);
  void set_peer(const Peer& peer, bool manifest_only);
  void drop(const std::string& key);
  void forget(const std::string& key);
  void send_hints();
};

namespace {

std::set<std::string> keys_of(const PeerSet& peers) {
  std::set<std::string> keys;
  for (const Peer& peer : peers.peers) keys.insert(normalised_endpoint(peer.endpoint));
  for (const Peer& peer : peers.manifest_only) keys.insert(normalised_endpoint(peer.endpoint));
  return keys;
}

}  // namespace

/// The table of spec/anti-entropy.md 9.3: state stays with an endpoint while it is the same peer.
void Worker::Parts::set_peers(const PeerSet& peers) {
  const std::set<std::string> kept = keys_of(peers);
  std::vector<std::string> gone;
  for (const auto& [key, session] : sessions) {
    if (!kept.contains(key)) gone.push_back(key);
  }
  for (const std::string& key : gone) drop(key);
  for (const Peer& peer : peers.peers) set_peer(peer, false);
  const std::set<std::string> read = keys_of({peers.peers, {}});
  for (const Peer& peer : peers.manifest_only) {
    if (!read.contains(normalised_endpoint(peer.endpoint))) set_peer(peer, true);
  }
}

void Worker::Parts::set_peer(const Peer& peer, bool manifest_only) {
  const std::string key = normalised_endpoint(peer.endpoint);
  const auto found = sessions.find(key);
  if (found != sessions.end()) {
    const Peer& earlier = found->second->peer();
    const bool reset = !continues({earlier.node_id, earlier.synthetic_id}, peer);
    if (earlier != peer || manifest_only != found->second->manifest_only()) {
      found->second->become(peer, manifest_only, reset);
    }
    return;
  }
  auto session = std::make_unique<PeerSession>(context, peer, manifest_only, !forgetting.contains(key));
  session->start();
  sessions.emplace(key, std::move(session));
}

void Worker::Parts::drop(const std::string& key) {
  sessions.erase(key);
  context.clocks.forget(key);
  context.published->with([&](Published& published) {
    published.peers.erase(key);
    std::erase_if(published.epoch_peers, [&](const auto& shown) { return shown.second == key; });
  });
  forget(key);
}

void Worker::Parts::forget(const std::string& key) {
  forgetting.insert(key);
  store::Batch batch;
  batch.operations.emplace_back(store::ForgetPeer{key});
  context.store.commit(std::move(batch),
                       [weak = weak_from_this(), &loop = context.loop, key](const Result<store::Receipt>& receipt) {
                         const bool forgotten = receipt.has_value();
                         loop.post([weak, key, forgotten]() {
                           const auto parts = weak.lock();
                           if (parts && forgotten) parts->forgetting.erase(key);
                         });
                       });
}

void Worker::Parts::send_hints() {
  for (const auto& [key, session] : sessions) session->send_hint();
}

Worker::Worker(WorkerOptions options, store::RecordStore& store, const PairSet& pairs, Transport& transport,
               Verifier& verifier, const Clock& clock, Random& random, Loop& loop, Gossip gossip, InjectedBugs bugs)
    : parts_(std::make_shared<Parts>(SyncContext{.options = std::move(options),
                                                 .store = store,
                                                 .pairs = pairs,
                                                 .transport = transport,
                                                 .verifier = verifier,
                                                 .clock = clock,
                                                 .random = random,
                                                 .loop = loop,
                                                 .gossip = std::make_shared<Gossip>(std::move(gossip)),
                                                 .bugs = bugs})) {}

Worker::~Worker() = default;

void Worker::set_peers(const PeerSet& peers) {
  if (!parts_->stopped) parts_->set_peers(peers);
}

void Worker::committed() {
  if (parts_->hint_waits.exchange(true)) return;
  parts_->context.loop.after(limits::sync_hint_gather_ms, [weak = std::weak_ptr(parts_)]() {
    const auto parts = weak.lock();
    if (!parts) return;
    parts->hint_waits = false;
    parts->send_hints();
  });
}

bool Worker::hinted(const Hint& hint) {
  const auto key = parts_->context.published->with([&](const Published& published) {
    const auto shown = published.epoch_peers.find(hint.epoch.id);
    return shown == published.epoch_peers.end() ? std::optional<std::string>() : shown->second;
  });
  if (!key) return false;
  parts_->context.loop.post([weak = std::weak_ptr(parts_), endpoint = *key]() {
    const auto parts = weak.lock();
    if (!parts) return;
    const auto found = parts->sessions.find(endpoint);
    if (found != parts->sessions.end()) found->second->hinted();
  });
  return true;
}

void Worker::stop() {
  parts_->stopped = true;
  parts_->context.gossip.reset();
  parts_->sessions.clear();
}

SyncStatus Worker::status() const {
  const std::int64_t now_ms = parts_->context.monotonic_ms();
  return parts_->context.published->with([&](const Published& published) {
    SyncStatus status;
    for (const auto& [key, peer] : published.peers) {
      status.peers.push_back(peer.status);
      status.peers.back().back_off_ms = std::max<std::int64_t>(peer.back_off_until_ms - now_ms, 0);
    }
    status.ticks = published.ticks;
    status.quarantine_full = published.quarantine_full;
    status.misplaced.assign(published.misplaced.begin(), published.misplaced.end());
    status.clock_disagrees = published.clock_disagrees;
    return status;
  });
}

}  // namespace dnsmesh::sync
