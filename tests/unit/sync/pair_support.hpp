// SPDX-License-Identifier: Apache-2.0
// Pairs, sets of them, and a second, slow way to the answers of a pair set.
#pragma once

#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/hex.hpp"
#include "base/random.hpp"
#include "sync/pair_set.hpp"

namespace dnsmesh::sync {

inline constexpr std::int64_t k_now_ms = 1'700'000'000'000;
inline constexpr std::int64_t k_now_s = k_now_ms / 1000;

/// A row whose value is only known by its hash.
inline store::Record row_of(std::string name, std::string_view value, std::int64_t life_s = 3600,
                            std::int64_t rseq = 1) {
  store::Record row;
  row.name = std::move(name);
  row.value_hash = crypto::sha256(value);
  row.expires_s = k_now_s + life_s;
  row.rseq = rseq;
  return row;
}

inline store::Record random_row(Random& random) {
  store::Record row;
  row.name = "r";
  random.fill(row.value_hash);
  row.expires_s = k_now_s + 3600;
  return row;
}

inline crypto::Hash256 id_of_row(const store::Record& row) { return pair_id({row.name, row.value_hash}); }

inline store::Change put_of_row(const store::Record& row) {
  return {.kind = store::Change::Kind::put,
          .name = row.name,
          .value = row.value,
          .expires_s = row.expires_s,
          .rseq = row.rseq,
          .value_hash = row.value_hash,
          .offer = row.offer,
          .announced = true};
}

inline store::Change removal_of_row(const store::Record& row, std::int64_t rseq) {
  return {.kind = store::Change::Kind::remove,
          .name = row.name,
          .value = row.value,
          .expires_s = row.expires_s,
          .rseq = rseq,
          .value_hash = row.value_hash,
          .offer = {},
          .announced = true};
}

inline crypto::Hash256 hash_of_hex(std::string_view hex) { return to_array<32>(from_hex(hex).value()); }

/// Octet by octet, as the definition says: sum modulo 2^256, count, SHA-256, first half.
inline Fingerprint slow_fingerprint(const std::vector<crypto::Hash256>& ids) {
  std::string sum(32, '\0');
  for (const crypto::Hash256& id : ids) {
    unsigned carry = 0;
    for (std::size_t octet = 0; octet < 32; ++octet) {
      carry += static_cast<unsigned char>(sum[octet]) + id[octet];
      sum[octet] = static_cast<char>(static_cast<unsigned char>(carry));
      carry >>= 8;
    }
  }
  std::string count(1, static_cast<char>(ids.size() % 128));
  for (std::size_t rest = ids.size() / 128; rest > 0; rest /= 128) {
    count.insert(count.begin(), static_cast<char>(static_cast<unsigned char>(rest % 128 + 128)));
  }
  const crypto::Hash256 hash = crypto::sha256(sum + count);
  return to_array<16>(view(hash).substr(0, 16));
}

inline bool in_range(const crypto::Hash256& id, const IdRange& range) {
  return id >= range.lower && (!range.upper || id < *range.upper);
}

}  // namespace dnsmesh::sync
