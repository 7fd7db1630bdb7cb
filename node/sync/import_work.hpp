// SPDX-License-Identifier: Apache-2.0
// The steps of one import (importer.hpp) that wait for nothing: gates, what they mean for quarantine and watermark, and
// the batch that is written.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "sync/acceptance.hpp"
#include "sync/offer_page.hpp"
#include "sync/session_context.hpp"

namespace dnsmesh::sync {

/// What a peer sent for entries of a page.
struct Arrived {
  std::shared_ptr<OfferPage> page;
  std::vector<std::size_t> indices;   // entries that were asked for
  std::vector<PulledRecord> records;  // what came
  std::int64_t sent_ms = 0;           // monotonic, when they were asked for
  std::size_t malformed = 0;          // elements of the answer that were none
  bool extended = false;              // from a peer that announces its own changes
  bool too_big = false;               // the peer has more under one name than is ever read
};

/// One answer on its way into the store. Entry i of `wanted` and `arrivals` is entry `from.indices[i]` of the page.
struct ImportWork {
  Arrived from;
  std::vector<Wanted> wanted;
  std::vector<Arrival> arrivals;
  std::vector<record::Offer> offers;                          // of arrivals that were verified
  std::vector<std::shared_ptr<const AliasUnderway>> aliases;  // that have arrived
  std::set<std::string, std::less<>> lied_at;                 // names with a value that is neither listed nor held

  // Filled by batch_of, for after the commit:
  std::vector<std::size_t> settled;                                    // entries of the page
  std::vector<std::pair<std::size_t, std::size_t>> operation_arrival;  // index of a Put, arrival

  const PairKey& pair(std::size_t i) const { return wanted[i].pair; }
  void settle(std::size_t i) { arrivals[i] = {.fate = Fate::settled, .value = {}, .ttl_ms = 0, .reason = {}}; }
  void refuse(std::size_t i, std::string_view reason) {
    arrivals[i] = {.fate = Fate::refused, .value = {}, .ttl_ms = 0, .reason = std::string(reason)};
  }
};

/// Matches what came with what was wanted and applies every gate before verification.
void apply_gates(SyncContext& context, PeerState& peer, ImportWork& work);

/// Settles arrivals whose pair we hold by now with about the same life, so that the difference rewrites nothing.
void settle_held(SyncContext& context, PeerState& peer, ImportWork& work);

/// After the store refused the batch: refuses what passes the caps on a name.
void refuse_overfull(SyncContext& context, ImportWork& work);

/// The records, what goes to or leaves quarantine, and the position that all this covers.
store::Batch batch_of(SyncContext& context, PeerState& peer, ImportWork& work);

/// Notes in page and counters what the store has taken.
void settle_committed(PeerState& peer, ImportWork& work, const store::Receipt& receipt);

}  // namespace dnsmesh::sync
