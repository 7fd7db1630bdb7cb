// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "sync/importer.hpp"
#include "sync/offer_page.hpp"

namespace dnsmesh::sync {

/// Deletes that an extended peer tells of, honoured where the operator allows it (`DMP_SYNC_TOMBSTONES=peers`): a
/// hundred a minute, never for the cluster's manifest (spec/anti-entropy.md 15.6).
class PeerTombstones {
 public:
  /// All must outlive it.
  PeerTombstones(SyncContext& context, PeerState& peer, Importer& importer)
      : context_(context), peer_(peer), importer_(importer) {}

  /// Settles the tombstones among the entries of a page; those beyond the cap stay open until a later minute.
  Task<bool> honour(std::shared_ptr<OfferPage> page, std::shared_ptr<const std::vector<FeedEntry>> entries);

 private:
  bool take_room();
  /// Nothing to do for it: not allowed, protected, over, or known.
  bool needs_nothing(const FeedEntry& entry) const;

  SyncContext& context_;
  PeerState& peer_;
  Importer& importer_;
  std::int64_t minute_began_ms_ = 0;
  std::size_t in_minute_ = 0;
};

}  // namespace dnsmesh::sync
