// SPDX-License-Identifier: Apache-2.0
// The count and the sum of a set of ids, and the fingerprint that two sides compare (spec/anti-entropy.md 15.4).
#pragma once

#include <array>
#include <cstdint>

#include "base/bytes.hpp"
#include "crypto/hash.hpp"

namespace dnsmesh::sync {

using Fingerprint = ByteArray<16>;

/// How many ids, and their sum as little-endian integers modulo 2^256. Tallies of disjoint sets add up.
class IdTally {
 public:
  void add(const crypto::Hash256& id);
  IdTally& operator+=(const IdTally& other);
  /// Precondition: what `other` holds is part of this.
  IdTally& operator-=(const IdTally& other);

  std::uint64_t count() const { return count_; }
  /// The first half of the SHA-256 of the sum, 32 octets, and the count as a varint.
  Fingerprint fingerprint() const;

  bool operator==(const IdTally&) const = default;

 private:
  std::array<std::uint64_t, 4> sum_{};  // least significant first
  std::uint64_t count_ = 0;
};

}  // namespace dnsmesh::sync
