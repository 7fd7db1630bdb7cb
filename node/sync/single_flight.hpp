// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <set>
#include <utility>
#include <vector>

#include "sync/wire.hpp"

namespace dnsmesh::sync {

/// The pairs that are being fetched from some peer, so that no other session asks for them too
/// (spec/anti-entropy.md 6.3). A claim ends with its Claim.
class SingleFlight {
 public:
  /// What one session fetches now. SingleFlight must outlive it.
  class Claim {
   public:
    Claim() = default;
    Claim(SingleFlight& flights, std::vector<PairKey> pairs) : flights_(&flights), pairs_(std::move(pairs)) {}
    Claim(Claim&& other) noexcept : flights_(std::exchange(other.flights_, nullptr)), pairs_(std::move(other.pairs_)) {}
    Claim& operator=(Claim&& other) noexcept {
      std::swap(flights_, other.flights_);
      std::swap(pairs_, other.pairs_);
      return *this;
    }
    ~Claim();

   private:
    SingleFlight* flights_ = nullptr;
    std::vector<PairKey> pairs_;
  };

  bool claimed(const PairKey& pair) const { return pairs_.contains(pair); }
  /// Claims those of `pairs` that nobody has claimed.
  Claim claim(std::vector<PairKey> pairs);

 private:
  std::set<PairKey> pairs_;
};

}  // namespace dnsmesh::sync
