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
#include <vector>

#include "base/error.hpp"
#include "base/limits.hpp"
#include "crypto/hash.hpp"
#include "store/batch.hpp"
#include "store/record.hpp"

namespace dnsmesh::store {

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

/// A pair that was deleted and must not come back before `until_s`, as the change feed has it.
struct BuriedPair {
  PairKey pair;
  std::int64_t until_s = 0;
  std::int64_t rseq = 0;

  bool operator==(const BuriedPair&) const = default;
};

/// What a feed reader gets: the rows and tombstones whose last change is after its position, both ascending by rseq.
/// Expired rows, rows not offered and tombstones that no longer hold are absent; `next` is the last rseq examined, so a
/// reader passes over gaps.
struct ChangePage {
  std::vector<Record> records;  // `value` is left empty
  std::vector<BuriedPair> tombstones{};
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

/// What is known of a pair.
struct PairState {
  std::optional<std::int64_t> expires_s;  // of the live row with exactly this name
  std::optional<Tombstone> tombstone;     // while it holds; floors too
};

struct Health {
  bool readable = true;
  bool writable = true;  // false after a failed write until one succeeds
  /// How far the stamps of the classic feed are ahead of the wall clock, after it was set back: above 60 000 existing
  /// readers do not see new rows (spec/anti-entropy.md 3.4).
  std::int64_t feed_ahead_ms = 0;
};

/// What one step of a sweep removed.
struct Swept {
  std::size_t records = 0;
  std::size_t tombstones = 0;

  std::size_t rows() const { return records + tombstones; }
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

  /// The same for several names, each given once: all rows in that one order, of one snapshot.
  virtual Result<std::vector<Record>> values_at_names(std::span<const std::string> names) const = 0;

  /// The next page of the classic feed. Answering closes the current millisecond (spec/anti-entropy.md 3.4).
  virtual Result<DigestPage> digest(const DigestCursor& after, std::size_t limit) = 0;

  /// The next page of the change feed; `limit` counts rows and tombstones, those that are absent too.
  virtual Result<ChangePage> changes(std::int64_t after_rseq, std::size_t limit) const = 0;

  /// One answer a key, in the order of the keys, all of one snapshot. A page of 10 000 keys takes some 40 ms.
  virtual Result<std::vector<PairState>> states_of(std::span<const PairKey> keys) const = 0;

  /// The rows of the keys that are live and offered, with their values, in no promised order; the others are absent.
  virtual Result<std::vector<Record>> rows_of(std::span<const PairKey> keys) const = 0;

  /// The same by the number of the row's last change.
  virtual Result<std::vector<Record>> rows_at(std::span<const std::int64_t> rseqs) const = 0;

  /// Live rows, offered or not, whose folded name starts with `name_prefix` (folded ASCII, not empty), by name and
  /// value, at most `rows_max`.
  virtual Result<std::vector<Record>> rows_under(std::string_view name_prefix, std::size_t rows_max) const = 0;

  /// Every record once, expired or not, in no promised order; for building an index at start. What has expired by this
  /// clock is live again when the clock is set back.
  virtual Result<void> for_each(const std::function<void(const Record&)>& visit) const = 0;

  /// Live pairs now. At most one second old.
  virtual Result<std::int64_t> live_count() const = 0;

  virtual Result<std::optional<std::string>> position(std::string_view peer, std::string_view kind) const = 0;
  virtual Result<std::vector<Quarantine>> quarantined(std::string_view peer) const = 0;
  /// The pair's tombstone or floor while it holds (`until_s > now`).
  virtual Result<std::optional<Tombstone>> tombstone(std::string_view name, const crypto::Hash256& hash) const = 0;

  virtual Epoch epoch() const = 0;

  /// Removes at most `rows_max` rows: expired records, then tombstones that no longer hold. The listener hears of each
  /// record as a remove. Housekeeping repeats it until it gives fewer. Waits for the writer; not on its thread.
  virtual Result<Swept> sweep_expired(std::size_t rows_max) = 0;

  /// Brings the write-ahead log back into the file, as far as readers allow.
  virtual Result<void> checkpoint() = 0;

  virtual Health health() const = 0;

  /// Commits what is queued, then closes; later commits get store_closed. Idempotent.
  virtual void close() = 0;
};

/// Commits and waits for the outcome. Not on the writer thread.
Result<Receipt> commit_and_wait(RecordStore& store, Batch batch);

}  // namespace dnsmesh::store
