// SPDX-License-Identifier: Apache-2.0
// The ids of all pairs that are offered to peers, kept for range reconciliation (spec/anti-entropy.md 15.4): 65 536
// buckets by the first two octets of the id, each with its count and sum, so that an aligned range is answered from
// sums and only ragged edges are scanned. Part "pairs".
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "base/clock.hpp"
#include "crypto/hash.hpp"
#include "store/batch.hpp"
#include "store/record.hpp"
#include "sync/wire.hpp"

namespace dnsmesh::sync {

/// SHA-256 of the name, a zero octet and the 32 octets of the value's hash.
crypto::Hash256 pair_id(const PairKey& pair);

/// A half-open range of ids; an absent upper end is infinity.
struct IdRange {
  crypto::Hash256 lower{};
  std::optional<crypto::Hash256> upper;
};

/// All functions may be called from any thread; changes come from the store's writer thread. Each answer is one
/// snapshot. A pair is in the set while it may be offered and has more than 30 s of life.
class PairSet {
 public:
  explicit PairSet(const Clock& clock);
  ~PairSet();

  /// A row that was there at start; any order, before the first apply().
  void load(const store::Record& record);
  /// What a commit changed.
  void apply(std::span<const store::Change> changes);

  std::size_t count() const;
  /// How many ids are in the range, and its fingerprint (16 octets).
  std::size_t count(const IdRange& range) const;
  std::vector<unsigned char> fingerprint(const IdRange& range) const;
  /// The ids of the range, ascending, at most `ids_max`.
  std::vector<crypto::Hash256> ids(const IdRange& range, std::size_t ids_max) const;
  /// The id that has exactly `skip` ids of the range before it, for splitting; nothing when there are not as many.
  std::optional<crypto::Hash256> id_at(const IdRange& range, std::size_t skip) const;
  bool contains(const crypto::Hash256& id) const;
  /// The rseq of the pair with this id, by which the store finds its row.
  std::optional<std::int64_t> rseq_of(const crypto::Hash256& id) const;

  /// Octets of memory, for the metrics.
  std::size_t bytes() const;

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace dnsmesh::sync
