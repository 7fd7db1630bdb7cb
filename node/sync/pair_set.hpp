// SPDX-License-Identifier: Apache-2.0
// The ids of all pairs that are offered to peers, kept for range reconciliation (spec/anti-entropy.md 15.4): 65 536
// buckets by the first two octets of the id, each with its count and sum, so that a range is answered from sums and
// only its ragged edges are scanned. A million pairs take 51 octets each (tests/bench/pair_set_bench). Part "pairs".
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "base/clock.hpp"
#include "base/error.hpp"
#include "crypto/hash.hpp"
#include "store/batch.hpp"
#include "store/record.hpp"
#include "store/record_store.hpp"
#include "sync/id_tally.hpp"

namespace dnsmesh::sync {

/// SHA-256 of the name, a zero octet and the 32 octets of the value's hash.
crypto::Hash256 pair_id(const store::PairKey& pair);

/// A half-open range of ids; an absent upper end is infinity. One whose ends are not in order is empty.
struct IdRange {
  crypto::Hash256 lower{};
  std::optional<crypto::Hash256> upper;
};

/// All functions may be called from any thread; changes come from the store's writer thread. Each answer is one
/// snapshot, and right for the second in which it is given, also after the clock was set back: what has ended by the
/// clock is kept until the store removes its row. A pair is in the set while it may be offered and has more than
/// limits::reconcile_life_s_min of life.
class PairSet {
 public:
  /// `clock` must outlive it.
  explicit PairSet(const Clock& clock);
  ~PairSet();

  /// A row that was there at start; any order, before the first apply().
  void load(const store::Record& record);
  /// What a commit changed.
  void apply(std::span<const store::Change> changes);

  std::size_t count() const;
  /// How many ids are in the range, and its fingerprint.
  std::size_t count(const IdRange& range) const;
  Fingerprint fingerprint(const IdRange& range) const;
  /// The ids of the range, ascending, at most `ids_max`.
  std::vector<crypto::Hash256> ids(const IdRange& range, std::size_t ids_max) const;
  /// The id that has exactly `skip` ids of the range before it; nothing when there are not as many.
  std::optional<crypto::Hash256> id_at(const IdRange& range, std::size_t skip) const;

  struct Part {
    IdRange range;
    Fingerprint fingerprint;
  };
  /// The range in at most `parts` (at least 1) parts of nearly equal counts, which cover it; their bounds are as short
  /// as they can be, the rest zeros. A range with fewer ids gives as many parts, an empty one none.
  std::vector<Part> split(const IdRange& range, std::size_t parts) const;

  bool contains(const crypto::Hash256& id) const;
  /// The rseq of the pair with this id, by which the store finds its row. Also of one that is still there although it
  /// has just left the set by the clock.
  std::optional<std::int64_t> rseq_of(const crypto::Hash256& id) const;

  /// Octets of memory, for the metrics.
  std::size_t bytes() const;

  /// The weekly look at whether changes were lost: builds the set anew from the store and compares. What differs is
  /// looked at in a second reading, because commits go on meanwhile; false when a pair differs in the same way in both.
  /// Takes as much memory again, and the time of reading all rows. Not on the writer thread. Errors: the store's.
  Result<bool> agrees_with(const store::RecordStore& store) const;

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace dnsmesh::sync
