// SPDX-License-Identifier: Apache-2.0
// How the record store is changed: operations, the batch that makes them one, what became of it, and who is told.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "base/error.hpp"
#include "base/limits.hpp"
#include "crypto/hash.hpp"
#include "record/offer.hpp"

namespace dnsmesh::store {

/// What a republish of a present pair may do to its life (spec/http-api.md 7.2).
enum class TtlRule {
  last_write_wins,  // the writer could also have deleted the pair
  never_shorten,    // the later of the old and the new expiry; nothing is written when that changes nothing
};

/// Adds a value at a name, or refreshes it, and removes some of the name's expired rows. Expiry is the commit's second
/// plus `ttl_s` (saturating).
struct Put {
  std::string name;
  std::string value;
  std::int64_t ttl_s = 0;
  TtlRule ttl_rule = TtlRule::last_write_wins;
  /// Distinct live values allowed over all spellings of the name; 0 or less: no cap. A value that is already live there
  /// is always taken (spec/http-api.md 7.4).
  std::int64_t values_per_name_max = 0;
  /// Refuse when the name's live values would pass limits::rrset_octets_max on the wire (spec/dns.md 6).
  bool rrset_bounded = true;
  record::Offer offer;
  /// Learned from a peer: obeys the pair's tombstone (Outcome::buried, or the life that a floor leaves). Every other
  /// put removes the tombstone, and leaves a floor where it shortens a life (spec/anti-entropy.md 15.6).
  bool from_peer = false;
  /// False: learned from a peer that announces its own changes, so no other peer is told of it (spec/anti-entropy.md
  /// 15.5).
  bool announced = true;
};

/// Removes one value at every spelling that folds to the name, or every value when `value` is not given. Expired rows
/// that are still there count as removed. Each live pair removed leaves a tombstone until its expiry and a minute, or
/// until an earlier tombstone or floor of the pair would have ended; it is in the change feed under the number of the
/// removal.
struct Delete {
  std::string name;
  std::optional<std::string> value;
  /// A tombstone of this many seconds for a named value that is not there; 0: none.
  std::int64_t absent_tombstone_s = 0;
  /// False for what is never exchanged with peers, so that none could bring it back: no tombstone, nobody is told.
  bool leaves_tombstones = true;
};

/// Where a reader stands in a peer's feed of one kind of record; committed with the records it covers.
struct SetPosition {
  std::string peer;
  std::string kind;
  std::string position;  // opaque to the store
};

/// A pair that a peer offered and we could not accept; an entry with the same peer, name and hash is replaced.
struct Quarantine {
  std::string peer;
  std::string name;
  crypto::Hash256 value_hash{};
  std::string reason;
  std::int64_t retry_at_s = 0;
  std::int64_t attempts = 0;
  std::int64_t first_seen_s = 0;
  std::int64_t until_s = 0;  // end of the life that the peer advertised for it
};
struct ReleaseQuarantine {
  std::string peer;
  std::string name;
  crypto::Hash256 value_hash{};
};

/// Drops what is kept of a peer: its positions of every kind and its quarantine.
struct ForgetPeer {
  std::string peer;
};

/// Until `until_s` sync must not give the pair a life beyond `life_until_s`: 0 for a deleted pair, the shorter expiry
/// for a floor. As an operation it is what a peer says (spec/anti-entropy.md 15.6): with `life_until_s` 0 it removes
/// the pair too and enters the change feed; it never weakens an entry that holds (the later end and the shorter life of
/// both count) and does nothing when that entry says as much, when it is over, or when the folded name begins with
/// `cluster.`.
struct Tombstone {
  std::string name;
  crypto::Hash256 value_hash{};
  std::int64_t deleted_ms = 0;
  std::int64_t until_s = 0;
  std::int64_t life_until_s = 0;
  std::int64_t rseq = 0;  // its place in the change feed, given at commit; 0: not in it (floors)
};

using Operation = std::variant<Put, Delete, SetPosition, Quarantine, ReleaseQuarantine, ForgetPeer, Tombstone>;

/// Operations that become durable together or not at all, in this order. At most limits::batch_operations_max.
struct Batch {
  std::vector<Operation> operations;
};

enum class Outcome {
  inserted,   // a new pair
  refreshed,  // the pair was there (live or expired); its times are new
  unchanged,  // never_shorten and the present expiry is not earlier; a tombstone that adds nothing
  buried,     // from_peer and a tombstone of the pair holds; nothing is written
  removed,    // Delete or a tombstone removed at least one row
  absent,     // Delete found nothing
  applied,    // the other operations
};

/// What a committed batch did; `outcomes` has one entry an operation.
struct Receipt {
  std::vector<Outcome> outcomes;
  std::int64_t stored_ms = 0;
  std::int64_t rseq = 0;  // the highest of the batch's changes; 0 when it changed no record
};

/// How a caller has to treat a failed commit: `refused` is the writer's fault and final, `failed` wrote nothing,
/// `unknown` may have been written and is safe to repeat.
enum class CommitFailure { refused, failed, unknown };
CommitFailure classify(ErrorCode code);

/// Called once after the batch is durable and the listener has seen it, or after it failed: on the store's writer
/// thread (MemoryStore: inside commit), or inside commit when the batch was not taken (store_busy, store_closed). Must
/// not block and must not call the store.
using CommitCallback = std::move_only_function<void(Result<Receipt>)>;

/// One change of a record, as listeners see it. A refresh is a put of the same pair. A row removed because it had
/// expired is a remove with rseq 0.
struct Change {
  enum class Kind { put, remove };
  Kind kind;
  std::string name;
  std::string value;
  std::int64_t expires_s = 0;
  std::int64_t rseq = 0;
  crypto::Hash256 value_hash{};
  record::Offer offer{};   // of a put
  bool announced = false;  // peers are to hear of it at once: what our own clients and classic peers changed
};

/// Told of every group of changes after it is durable and before any publisher hears of it: the answer index lives on
/// it. Runs on the writer thread; must not block or call the store.
using CommitListener = std::function<void(std::span<const Change>)>;

}  // namespace dnsmesh::store
