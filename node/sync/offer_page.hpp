// SPDX-License-Identifier: Apache-2.0
// A page of pairs that a peer offers, from a digest, a change feed or a reconciliation, and what of it is to be
// fetched (spec/anti-entropy.md 6.2, step 5, with the rules of 6.3 and 7.1).
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "store/batch.hpp"
#include "sync/session_context.hpp"
#include "sync/watermark.hpp"

namespace dnsmesh::sync {

struct Offered {
  PairKey pair;
  std::int64_t ttl_ms = 0;  // as advertised
  bool replicable = true;   // false: its name can never be accepted; it only gives a position
};

struct OfferPage {
  OfferPage(std::vector<Offered> offered, std::size_t counted_from, std::int64_t asked_ms)
      : entries(std::move(offered)), prefix(entries.size(), counted_from), sent_ms(asked_ms) {}

  std::vector<Offered> entries;
  SettledPrefix prefix;
  std::int64_t sent_ms;  // monotonic, when the page was asked for

  /// The position once the first `end` entries are settled, when it is further than what was last written; called only
  /// for a batch that will be committed. Empty: the page moves no position.
  std::function<std::optional<store::SetPosition>(std::size_t end)> position_at{};
  bool overflowed = false;  // an entry found no room in quarantine
};

struct Difference {
  std::vector<std::size_t> fetch;      // indices of entries, in page order
  std::vector<std::size_t> in_flight;  // another session is fetching them
};

/// Settles what needs nothing (held, expired, buried, quarantined, not replicable) among the entries `among`, and gives
/// the rest. `retry`: quarantined pairs are not settled; they are what this is for. Errors: those of the store.
Result<Difference> difference(SyncContext& context, PeerState& peer, OfferPage& page,
                              const std::vector<std::size_t>& among, bool retry = false);

/// 0 to `size` - 1.
std::vector<std::size_t> all_indices(std::size_t size);

}  // namespace dnsmesh::sync
