// SPDX-License-Identifier: Apache-2.0
#include "sync/single_flight.hpp"

namespace dnsmesh::sync {

SingleFlight::Claim::~Claim() {
  if (flights_ == nullptr) return;
  for (const PairKey& pair : pairs_) flights_->pairs_.erase(pair);
}

SingleFlight::Claim SingleFlight::claim(std::vector<PairKey> pairs) {
  std::erase_if(pairs, [this](const PairKey& pair) { return !pairs_.insert(pair).second; });
  return {*this, std::move(pairs)};
}

}  // namespace dnsmesh::sync
