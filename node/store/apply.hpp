// SPDX-License-Identifier: Apache-2.0
// What a batch does to the rows that are there: caps, lives, stamps, tombstones. Both stores apply their batches here,
// so the twin cannot drift from the real one. No I/O, no clock.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "store/feed_clock.hpp"
#include "store/record_store.hpp"

namespace dnsmesh::store {

/// The part of a row that decides what happens to it.
struct PresentRow {
  std::string name;
  std::string value;
  std::int64_t expires_s = 0;
};

/// The rows and side tables that a batch changes, inside an open transaction. Reads see the earlier writes of the same
/// transaction. A target that can fail remembers its first failure, then does nothing and answers emptily; its owner
/// asks once, after apply.
class CommitTarget {
 public:
  virtual ~CommitTarget() = default;

  /// The row of exactly this pair, live or not.
  virtual std::optional<PresentRow> row_of(std::string_view name, const crypto::Hash256& hash) = 0;
  /// The expiry of exactly this pair, live or not.
  virtual std::optional<std::int64_t> expiry_of(std::string_view name, std::string_view value) = 0;
  /// Every live row, and at most `expired_max` of those with `expires_s <= now_s`, at every spelling that folds to the
  /// name.
  virtual std::vector<PresentRow> rows_at(std::string_view folded_name, std::int64_t now_s,
                                          std::size_t expired_max) = 0;
  /// At most `rows_max` rows with `expires_s <= now_s`.
  virtual std::vector<PresentRow> expired_rows(std::int64_t now_s, std::size_t rows_max) = 0;
  /// Inserts or replaces the pair.
  virtual void put(const Record& row) = 0;
  virtual void remove(const PresentRow& row) = 0;

  virtual void set_position(const SetPosition& entry) = 0;
  virtual void quarantine(const Quarantine& entry) = 0;
  virtual void release(const ReleaseQuarantine& entry) = 0;
  virtual void forget(const ForgetPeer& peer) = 0;

  virtual std::optional<Tombstone> tombstone(std::string_view name, const crypto::Hash256& hash) = 0;
  virtual void bury(const Tombstone& entry) = 0;
  virtual void unbury(std::string_view name, const crypto::Hash256& hash) = 0;
  /// Drops at most `rows_max` tombstones with `until_s <= now_s`, those that ended first; gives how many.
  virtual std::size_t drop_tombstones(std::int64_t now_s, std::size_t rows_max) = 0;
};

struct Applied {
  Receipt receipt;
  std::vector<Change> changes;
};

/// Applies the operations in order and moves `stamp.rseq` on. On a refusal (store_values_full, store_rrset_full) the
/// target holds the operations before it, and the caller takes them back.
Result<Applied> apply_batch(const Batch& batch, CommitTarget& target, CommitStamp& stamp);

/// Removes at most `rows_max` rows: expired records, one outcome `removed` each, then dead tombstones, one `applied`
/// each.
Applied apply_sweep(std::size_t rows_max, CommitTarget& target, const CommitStamp& stamp);
/// Reads the receipt of a sweep.
Swept swept_of(const Receipt& receipt);

}  // namespace dnsmesh::store
