// SPDX-License-Identifier: Apache-2.0
#include "sync/cluster.hpp"

#include <algorithm>
#include <atomic>
#include <utility>

#include "base/limits.hpp"
#include "base/lock_guarded.hpp"
#include "base/utf8.hpp"
#include "record/cluster_manifest.hpp"
#include "record/time_rules.hpp"
#include "sync/cluster_state.hpp"

namespace dnsmesh::sync {
namespace {

constexpr std::int64_t k_postponed_ms = 1000;

}  // namespace

/// The state is the loop's; the view and the question for a look may be touched by every thread.
struct Cluster::Parts : std::enable_shared_from_this<Cluster::Parts> {
  Parts(ClusterOptions options, store::RecordStore& the_store, const Clock& the_clock, Loop& the_loop)
      : store(the_store),
        clock(the_clock),
        loop(the_loop),
        has_key(options.operator_key.has_value()),
        state(std::move(options), the_store, the_clock,
              [this](store::Batch batch, ClusterState::Committed done) { commit(std::move(batch), std::move(done)); }),
        shared_view(std::make_shared<const ClusterView>(state.view())) {}

  /// After anything that may have changed the state.
  void publish() {
    auto fresh = std::make_shared<const ClusterView>(state.view());
    shared_view.with([&](auto& view) { view = fresh; });
    if (told_peers && *told_peers == fresh->peers) return;
    told_peers = fresh->peers;
    if (tell) tell(fresh->peers);
  }

  void commit(store::Batch batch, ClusterState::Committed done) {
    store.commit(std::move(batch),
                 [weak = weak_from_this(), done = std::move(done)](Result<store::Receipt> result) mutable {
                   const auto parts = weak.lock();
                   if (!parts) return;
                   parts->loop.post([weak, done = std::move(done), result = std::move(result)]() mutable {
                     const auto alive = weak.lock();
                     if (!alive) return;
                     done(std::move(result));
                     alive->publish();
                   });
                 });
  }

  /// Any thread. However often it is asked, one look is on its way.
  void ask_for_look() {
    if (!asked.exchange(true)) loop.post(task(&Parts::look_in_time));
  }

  void look_in_time() {
    const std::int64_t pause_ms = view()->base_domain.empty() ? limits::cluster_scan_ms : limits::cluster_look_ms;
    const std::int64_t wait_ms = looked_ms ? *looked_ms + pause_ms - clock.monotonic_ms() : 0;
    if (wait_ms > 0) {
      loop.after(wait_ms, task(&Parts::look));
    } else {
      look();
    }
  }

  void look() {
    asked = false;
    looked_ms = clock.monotonic_ms();
    after_look(state.look());
  }

  void after_look(bool postponed) {
    if (postponed && !asked.exchange(true)) loop.after(k_postponed_ms, task(&Parts::look));
    publish();
  }

  Loop::Task task(void (Parts::*what)()) {
    return [weak = weak_from_this(), what] {
      if (const auto parts = weak.lock()) ((*parts).*what)();
    };
  }

  std::shared_ptr<const ClusterView> view() const {
    return shared_view.with([](const auto& view) { return view; });
  }

  /// Can a value that came to this name matter? Without arithmetic: in open mode anybody may write there.
  bool may_matter(std::string_view owner_name, std::string_view value) const {
    const auto seen = view();
    const std::string owner = fold_ascii(owner_name);
    if (seen->base_domain.empty() ? !has_key || !owner.starts_with(manifest_owner(""))
                                  : owner != manifest_owner(seen->base_domain)) {
      return false;
    }
    const auto head = record::read_cluster_manifest_head(value);
    if (!head) return false;
    // A manifest that is refused may stand above those that can be applied, so what is served is no bound for them.
    if (has_key) return !seen->applied_seq || head->seq >= *seen->applied_seq;
    const bool in_force = seen->served && !record::is_before(seen->served->exp, clock.wall_s());
    return !in_force || head->seq >= seen->served->seq;
  }

  store::RecordStore& store;
  const Clock& clock;
  Loop& loop;
  const bool has_key;
  ClusterState state;
  std::function<void(const PeerSet&)> tell;
  std::optional<PeerSet> told_peers;
  std::optional<std::int64_t> looked_ms;
  std::atomic<bool> asked{false};
  LockGuarded<std::shared_ptr<const ClusterView>> shared_view;
};

Cluster::Cluster(ClusterOptions options, store::RecordStore& store, const Clock& clock, Loop& loop)
    : parts_(std::make_shared<Parts>(std::move(options), store, clock, loop)) {}

Cluster::~Cluster() = default;

void Cluster::on_peers(std::function<void(const PeerSet&)> told) { parts_->tell = std::move(told); }

void Cluster::start() {
  parts_->state.start();
  parts_->publish();
  parts_->ask_for_look();
}

void Cluster::reload(std::string file_content, std::vector<Peer> configured_peers) {
  parts_->state.reload(file_content, std::move(configured_peers));
  parts_->publish();
}

void Cluster::gossiped(std::string_view wire, std::string_view from_node_id) {
  parts_->state.gossiped(wire, from_node_id);
  parts_->publish();
}

void Cluster::changed(std::string owner_name, std::string value) {
  if (parts_->may_matter(owner_name, value)) parts_->ask_for_look();
}

void Cluster::tick() { parts_->after_look(parts_->state.tick()); }

std::shared_ptr<const ClusterView> Cluster::view() const { return parts_->view(); }

}  // namespace dnsmesh::sync
