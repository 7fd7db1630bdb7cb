// SPDX-License-Identifier: Apache-2.0
// What the sessions of one worker share, and what each of them keeps. Owned and touched by the loop's thread alone.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "base/lock_guarded.hpp"
#include "sync/back_off.hpp"
#include "sync/clock_offset.hpp"
#include "sync/name_caps.hpp"
#include "sync/peer_log.hpp"
#include "sync/quarantine.hpp"
#include "sync/request_budget.hpp"
#include "sync/single_flight.hpp"
#include "sync/status.hpp"
#include "sync/worker.hpp"

namespace dnsmesh::sync {

/// What any thread may read of a peer.
struct PublishedPeer {
  PeerStatus status;
  std::int64_t back_off_until_ms = 0;  // monotonic
};
struct Published {
  std::map<std::string, PublishedPeer> peers;      // by normalised endpoint
  std::map<std::string, std::string> epoch_peers;  // id of a live extended peer's database: its endpoint
  std::uint64_t ticks = 0;
  std::uint64_t quarantine_full = 0;
  std::map<std::string, std::uint64_t> misplaced;
  bool clock_disagrees = false;
};

struct SyncContext {
  WorkerOptions options;
  store::RecordStore& store;
  const PairSet& pairs;
  Transport& transport;
  Verifier& verifier;
  const Clock& clock;
  Random& random;
  Loop& loop;
  std::shared_ptr<Worker::Gossip> gossip;  // null once the worker has stopped
  InjectedBugs bugs;

  SingleFlight in_flight{};
  AliasesUnderway aliases_underway{};
  ClockOffsets clocks{};
  std::int64_t paused_until_ms = 0;  // monotonic: the disk is full (F30)
  std::unique_ptr<LockGuarded<Published>> published = std::make_unique<LockGuarded<Published>>();

  std::int64_t now_s() const { return clock.wall_s(); }
  std::int64_t monotonic_ms() const { return clock.monotonic_ms(); }
};

/// One peer as its session knows it.
struct PeerState {
  Peer peer;
  std::string key;  // normalised endpoint
  bool manifest_only = false;
  PeerStatus status{};
  RequestBudget budget{limits::sync_classic_per_s, limits::sync_classic_burst};
  BackOff back_off{};
  PeerLog log{};
  QuarantineTable quarantine;
  std::set<PairKey> missed{};                   // listed pairs that pulls of this pass did not return,
  std::set<PairKey> missed_before{};            // and of the pass before
  bool token_alternative = false;               // the second token is the one that works
  std::int64_t reconcile_due_ms = 0;            // monotonic; extended peers
  std::optional<std::uint64_t> manifest_seq{};  // the highest that it showed
};

/// The peer's clock by its last answers, or ours.
inline std::int64_t peer_now_ms(const SyncContext& context, const PeerState& peer) {
  return context.clock.wall_ms() + context.clocks.offset_ms(peer.key, context.monotonic_ms()).value_or(0);
}

}  // namespace dnsmesh::sync
