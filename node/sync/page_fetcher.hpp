// SPDX-License-Identifier: Apache-2.0
// What both kinds of peer have in common: a page is compared with the store, what is missing is fetched and imported.
// How it is fetched differs: by name from an existing node (pull_fetcher.hpp), by pair from one of ours
// (get_fetcher.hpp).
#pragma once

#include <cstddef>
#include <memory>
#include <vector>

#include "sync/importer.hpp"
#include "sync/peer_calls.hpp"

namespace dnsmesh::sync {

class PageFetcher {
 public:
  /// All must outlive it.
  PageFetcher(SyncContext& context, PeerState& peer, PeerCalls& calls, Importer& importer)
      : context_(context), peer_(peer), calls_(calls), importer_(importer) {}
  virtual ~PageFetcher() = default;

  /// Settles what can be settled of the entries `among`. False when the pass has to end.
  Task<bool> bring(std::shared_ptr<OfferPage> page, std::vector<std::size_t> among);

  /// Lets go of quarantined pairs whose life is over, and asks again for those that are due.
  Task<bool> retry_quarantined();

 protected:
  /// Fetches and imports these entries. False when the pass has to end.
  virtual Task<bool> fetch(std::shared_ptr<OfferPage> page, std::vector<std::size_t> indices) = 0;

  /// Claims the pairs of these entries, as far as nobody else has.
  SingleFlight::Claim claim(const OfferPage& page, const std::vector<std::size_t>& indices);

  SyncContext& context_;
  PeerState& peer_;
  PeerCalls& calls_;
  Importer& importer_;

 private:
  Task<> wait_for_others(std::shared_ptr<OfferPage> page, std::vector<std::size_t> indices);
};

}  // namespace dnsmesh::sync
