// SPDX-License-Identifier: Apache-2.0
// The record store: what it holds, how it is changed and read, and what it promises (docs/architecture.md, "The store's
// promises"). Two stores keep this contract: SqliteStore (one file) and MemoryStore (its twin for tests). No statement,
// rowid, file name or SQLite code leaves this folder.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/error.hpp"
#include "base/limits.hpp"
#include "crypto/hash.hpp"
#include "record/offer.hpp"

namespace dnsmesh::store {

/// One (name, value) pair (spec/storage.md 2). Live while `expires_s > now_s`.
struct Record {
  std::string name;   // as stored: never folded or renamed
  std::string value;  // UTF-8 text
  std::int64_t ttl_s = 0;
  std::int64_t created_s = 0;  // second of the last write
  std::int64_t expires_s = 0;
  std::int64_t stored_ms = 0;  // given at commit; never decreases
  crypto::Hash256 value_hash{};
  std::int64_t rseq = 0;  // number of the commit's change, in commit order
  record::Offer offer;
};

// --- changing -------------------------------------------------------------------------------------------------------

/// What a republish of a present pair may do to its life (spec/http-api.md 7.2).
enum class TtlRule {
  last_write_wins,  // the writer could also have deleted the pair
  never_shorten,    // the later of the old and the new expiry; nothing is written when that changes nothing
};

/// Adds a value at a name, or refreshes it. Expiry is the commit's second plus `ttl_s` (saturating).
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
};

/// Removes one value at every spelling that folds to the name, or every value when `value` is not given. Expired rows
/// that are still there count as removed. Each live pair removed leaves a tombstone until its expiry and a minute.
struct Delete {
  std::string name;
  std::optional<std::string> value;
  /// A tombstone of this many seconds for a named value that is not there; 0: none.
  std::int64_t absent_tombstone_s = 0;
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
};
struct ReleaseQuarantine {
  std::string peer;
  std::string name;
  crypto::Hash256 value_hash{};
};

/// Until `until_s` sync must not give the pair a life beyond `life_until_s`: 0 for a deleted pair, the shorter expiry
/// for a floor. Replaces an entry of the same pair.
struct Tombstone {
  std::string name;
  crypto::Hash256 value_hash{};
  std::int64_t deleted_ms = 0;
  std::int64_t until_s = 0;
  std::int64_t life_until_s = 0;
};

using Operation = std::variant<Put, Delete, SetPosition, Quarantine, ReleaseQuarantine, Tombstone>;

/// Operations that become durable together or not at all, in this order. At most limits::batch_operations_max.
struct Batch {
  std::vector<Operation> operations;
};

enum class Outcome {
  inserted,   // a new pair
  refreshed,  // the pair was there (live or expired); its times are new
  unchanged,  // never_shorten and the present expiry is not earlier
  buried,     // from_peer and a tombstone of the pair holds; nothing is written
  removed,    // Delete removed at least one row
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

/// One change of a record, as listeners see it. A refresh is a put of the same pair. A swept row is a remove with rseq
/// 0.
struct Change {
  enum class Kind { put, remove };
  Kind kind;
  std::string name;
  std::string value;
  std::int64_t expires_s = 0;
  std::int64_t rseq = 0;
};

/// Told of every group of changes after it is durable and before any publisher hears of it: the answer index lives on
/// it. Runs on the writer thread; must not block or call the store.
using CommitListener = std::function<void(std::span<const Change>)>;

// --- reading --------------------------------------------------------------------------------------------------------

/// A place in the feed order (stored_ms, name, value_hash hex), compared as integer, bytes, bytes. It need not exist as
/// a row, and the halves are text because cursors of the wire carry texts that are neither names nor hashes.
struct DigestCursor {
  std::int64_t stored_ms = 0;
  std::string name;
  std::string hash;
};

struct DigestPage {
  std::vector<Record> records;  // live, offered, ascending, strictly after the cursor; `value` is left empty
  bool has_more = false;
};

/// What a feed reader gets: the rows whose last change is after its position, ascending by rseq. Expired rows and rows
/// not offered are absent; `next` is the last rseq examined, so a reader passes over gaps.
struct ChangePage {
  std::vector<Record> records;  // `value` is left empty
  std::int64_t next = 0;
  bool has_more = false;
  /// The position is before the kept range or beyond `high`: start over from the store.
  bool reset = false;
};

/// Which database this is: `id` is made once, `boot` rises at each start, `high` is the largest committed rseq
/// (spec/anti-entropy.md 15.2).
struct Epoch {
  std::string id;  // 32 hex digits
  std::int64_t boot = 0;
  std::int64_t high = 0;
};

struct Health {
  bool readable = true;
  bool writable = true;  // false after a failed write until one succeeds
};

/// All functions may be called from any thread. Readers see committed data only and never wait for an fsync.
class RecordStore {
 public:
  virtual ~RecordStore() = default;

  /// Queues a batch; `done` is called exactly once. Errors: store_values_full, store_rrset_full (refused),
  /// store_disk_full, store_io, store_busy, store_closed, store_unknown.
  virtual void commit(Batch batch, CommitCallback done) = 0;

  /// Sets the one listener. Before the first commit.
  virtual void set_listener(CommitListener listener) = 0;

  /// Live values at every spelling that folds to `folded_name`; a value found at two spellings appears once with the
  /// later expiry. Ordered by the second of the last publish, then by publish order (spec/http-api.md 7.3).
  virtual Result<std::vector<Record>> values_at(std::string_view folded_name) const = 0;

  /// Live values at exactly this spelling, ordered by (stored_ms, name, hash) (spec/anti-entropy.md 4).
  virtual Result<std::vector<Record>> values_at_exactly(std::string_view name) const = 0;

  /// The next page of the classic feed. Answering closes the current millisecond (spec/anti-entropy.md 3.4).
  virtual Result<DigestPage> digest(const DigestCursor& after, std::size_t limit) = 0;

  virtual Result<ChangePage> changes(std::int64_t after_rseq, std::size_t limit) const = 0;

  /// Every live record once, in no promised order; for building an index at start.
  virtual Result<void> for_each_live(const std::function<void(const Record&)>& visit) const = 0;

  /// Live pairs now. At most one second old.
  virtual Result<std::int64_t> live_count() const = 0;

  virtual Result<std::optional<std::string>> position(std::string_view peer, std::string_view kind) const = 0;
  virtual Result<std::vector<Quarantine>> quarantined(std::string_view peer) const = 0;
  /// The pair's tombstone or floor while it holds (`until_s > now`).
  virtual Result<std::optional<Tombstone>> tombstone(std::string_view name, const crypto::Hash256& hash) const = 0;

  virtual Epoch epoch() const = 0;

  /// Removes at most `rows_max` expired rows, and tombstones that no longer hold; gives how many rows. The listener
  /// hears of each as a remove. Housekeeping repeats it until it gives fewer. Waits for the writer; not on its thread.
  virtual Result<std::size_t> sweep_expired(std::size_t rows_max) = 0;

  /// Brings the write-ahead log back into the file, as far as readers allow.
  virtual Result<void> checkpoint() = 0;

  virtual Health health() const = 0;

  /// Commits what is queued, then closes; later commits get store_closed. Idempotent.
  virtual void close() = 0;
};

/// Commits and waits for the outcome. Not on the writer thread.
Result<Receipt> commit_and_wait(RecordStore& store, Batch batch);

}  // namespace dnsmesh::store
