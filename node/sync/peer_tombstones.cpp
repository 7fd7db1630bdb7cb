// SPDX-License-Identifier: Apache-2.0
#include "sync/peer_tombstones.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "base/hex.hpp"
#include "base/log.hpp"
#include "base/utf8.hpp"

namespace dnsmesh::sync {

bool PeerTombstones::take_room() {
  constexpr std::int64_t k_minute_ms = 60000;
  const std::int64_t now_ms = context_.monotonic_ms();
  if (in_minute_ == 0 || now_ms - minute_began_ms_ >= k_minute_ms) {
    minute_began_ms_ = now_ms;
    in_minute_ = 0;
  }
  if (in_minute_ >= limits::sync_tombstones_per_minute) return false;
  ++in_minute_;
  return true;
}

bool PeerTombstones::needs_nothing(const FeedEntry& entry) const {
  if (!context_.options.peer_tombstones || !entry.replicable || entry.ttl_ms < 1000) return true;
  if (fold_ascii(entry.pair.name).starts_with("cluster.")) return true;
  const std::array keys = {entry.pair};
  const auto states = context_.store.states_of(keys);
  return states && states->front().tombstone && states->front().tombstone->life_until_s == 0;
}

Task<bool> PeerTombstones::honour(std::shared_ptr<OfferPage> page,
                                  std::shared_ptr<const std::vector<FeedEntry>> entries) {
  std::vector<store::Operation> operations;
  std::vector<std::size_t> buried;
  for (std::size_t i = 0; i < entries->size(); ++i) {
    const FeedEntry& entry = (*entries)[i];
    if (entry.kind != FeedKind::tombstone) continue;
    if (needs_nothing(entry)) {
      page->prefix.settle(i);
      continue;
    }
    if (!take_room()) {
      peer_.log.warning(peer_.peer.node_id, "tombstones", "it deletes more records a minute than is honoured",
                        context_.monotonic_ms());
      break;
    }
    store::Tombstone tombstone;
    tombstone.name = entry.pair.name;
    tombstone.value_hash = entry.pair.hash;
    tombstone.deleted_ms = context_.clock.wall_ms();
    const std::int64_t life_s = std::min(entry.ttl_ms / 1000, context_.options.ttl_s_max + limits::tombstone_slack_s);
    tombstone.until_s = context_.now_s() + life_s;
    operations.emplace_back(std::move(tombstone));
    buried.push_back(i);
    log::info(log::k_sync, fmt::format("peer {}: deletes {} {}", peer_.peer.node_id, entry.pair.name,
                                       to_hex(view(entry.pair.hash))));
  }
  auto written = co_await importer_.write_position(nullptr, std::move(operations));
  if (!written) co_return false;
  for (const std::size_t index : buried) page->prefix.settle(index);
  co_return true;
}

}  // namespace dnsmesh::sync
