// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

#include "crypto/hash.hpp"
#include "record/offer.hpp"

namespace dnsmesh::store {

/// A pair by its name, byte for byte, and the hash of its value: what peers compare (spec/anti-entropy.md 1).
struct PairKey {
  std::string name;
  crypto::Hash256 hash{};

  auto operator<=>(const PairKey&) const = default;
};

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

  bool operator==(const Record&) const = default;
};

}  // namespace dnsmesh::store
