// SPDX-License-Identifier: Apache-2.0
#include "sync/single_flight.hpp"

namespace dnsmesh::sync {

SingleFlight::Claim::~Claim() {
  if (flights_ == nullptr) return;
  for (const PairKey& pair : pairs_) flights_->pairs_.erase(pair);
}

SingleFlight::Claim SingleFlight::claim(std::vector<PairKey> pairs) {
  pairs_.insert(pairs.begin(), pairs.end());
  return {*this, std::move(pairs)};
}

}  // namespace dnsmesh::sync
