// SPDX-License-Identifier: Apache-2.0
// Keeps this node equal with its peers: one session a peer, all at once (spec/anti-entropy.md 6 to 8, 15). Part
// "worker".
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "base/random.hpp"
#include "store/record_store.hpp"
#include "sync/loop.hpp"
#include "sync/pair_set.hpp"
#include "sync/peer.hpp"
#include "sync/status.hpp"
#include "sync/transport.hpp"
#include "sync/verifier.hpp"
#include "sync/wire.hpp"

namespace dnsmesh::sync {

struct WorkerOptions {
  std::string node_id;
  std::string token;              // `DMP_SYNC_PEER_TOKEN`
  std::string token_alternative;  // `DMP_SYNC_PEER_TOKEN_ALT`; tried once after a 403
  std::int64_t interval_ms = 10000;
  std::int64_t ttl_s_max = 604800;       // `DMP_SYNC_MAX_TTL`
  std::int64_t value_bytes_max = 16384;  // the larger of 16384 and `DMP_MAX_VALUE_BYTES`
  bool extended = true;
  bool peer_tombstones = false;  // `DMP_SYNC_TOMBSTONES=peers`
  bool bind_owners = false;      // `DMP_SYNC_BIND_OWNERS=1`
};

/// What one rule is switched off by, for the simulation's own test: each must make it fail (18). Never set by the
/// program; there is no option for it.
struct InjectedBugs {
  bool watermark_from_next_cursor = false;
  bool no_hash_gate = false;
  bool no_prefix_rule = false;
  bool no_ttl_clamp = false;
  bool no_elapsed = false;
  bool no_quarantine_limit = false;
  bool no_look_back = false;
};

class Worker {
 public:
  /// All references must outlive it. `gossip` takes the wire of a manifest that a peer gave (Cluster::gossiped) and
  /// `best_seq` gives the highest one known; without gossip both are empty.
  struct Gossip {
    std::function<void(std::string_view wire, std::string_view from_node_id)> take;
    std::function<std::optional<std::uint64_t>()> best_seq;
  };
  Worker(WorkerOptions options, store::RecordStore& store, const PairSet& pairs, Transport& transport,
         Verifier& verifier, const Clock& clock, Random& random, Loop& loop, Gossip gossip, InjectedBugs bugs = {});
  ~Worker();

  /// The peers to read, from now on; state of those that stay is kept, reset or dropped by 9.3. The first tick of a new
  /// peer comes at a random point within the smaller of a second and the interval. On the loop's thread.
  void set_peers(const PeerSet& peers);

  /// A commit of our own clients happened (15.5): extended peers get a hint, 5 ms later and gathered. Any thread.
  void committed();

  /// A hint came in: true when a live extended peer showed this epoch id; its feed is then read at once. Any thread.
  bool hinted(const Hint& hint);

  /// Ends every session; nothing is called or written afterwards. On the loop's thread; the transport is cancelled by
  /// its owner.
  void stop();

  /// Any thread.
  SyncStatus status() const;

 private:
  struct Parts;
  std::shared_ptr<Parts> parts_;
};

}  // namespace dnsmesh::sync
