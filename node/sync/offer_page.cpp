// SPDX-License-Identifier: Apache-2.0
#include "sync/offer_page.hpp"

#include <algorithm>
#include <map>
#include <numeric>
#include <string_view>
#include <utility>

#include "base/utf8.hpp"
#include "sync/acceptance.hpp"

namespace dnsmesh::sync {
namespace {

bool is_cluster_name(std::string_view name) { return fold_ascii(name).starts_with("cluster."); }

/// Decides one page; holds what the steps share.
class Comparison {
 public:
  Comparison(SyncContext& context, PeerState& peer, OfferPage& page, bool retry)
      : context_(context), peer_(peer), page_(page), retry_(retry), now_s_(context.now_s()) {}

  Result<Difference> among(const std::vector<std::size_t>& indices) {
    std::vector<PairKey> keys;
    std::vector<std::size_t> asked;
    for (const std::size_t index : indices) {
      if (page_.prefix.settled(index)) continue;
      if (!page_.entries[index].replicable) {
        settle(index, RecordResult::rejected);
        continue;
      }
      keys.push_back(page_.entries[index].pair);
      asked.push_back(index);
    }
    if (keys.empty()) return std::move(found_);
    const auto states = context_.store.states_of(keys);
    if (!states) return std::unexpected(states.error());
    for (std::size_t i = 0; i < asked.size(); ++i) compare(asked[i], (*states)[i]);
    if (const auto looked = look_at_refreshes(); !looked) return std::unexpected(looked.error());
    std::ranges::sort(found_.fetch);
    return std::move(found_);
  }

 private:
  void settle(std::size_t index, RecordResult result) {
    page_.prefix.settle(index);
    ++peer_.status.counters.records[result];
  }

  /// The life that the peer gives an entry, as far as we would take it over.
  std::int64_t ttl_s_of(const Offered& entry, const store::PairState& state) const {
    const std::int64_t now_ms = context_.bugs.no_elapsed ? page_.sent_ms : context_.monotonic_ms();
    std::int64_t ttl_s = ttl_s_left(entry.ttl_ms, page_.sent_ms, now_ms);
    if (state.tombstone) ttl_s = std::min(ttl_s, state.tombstone->life_until_s - now_s_);
    if (!context_.bugs.no_ttl_clamp && !is_cluster_name(entry.pair.name)) {
      ttl_s = std::min(ttl_s, context_.options.ttl_s_max);
    }
    return ttl_s;
  }

  void compare(std::size_t index, const store::PairState& state) {
    const Offered& entry = page_.entries[index];
    const std::int64_t ttl_s = ttl_s_of(entry, state);
    if (ttl_s <= 0) return settle(index, state.tombstone ? RecordResult::held : RecordResult::expired);
    if (state.expires_s && close_enough(*state.expires_s, ttl_s, now_s_)) return settle(index, RecordResult::held);
    if (!retry_ && peer_.quarantine.contains(entry.pair)) {
      peer_.quarantine.listed(entry.pair, now_s_ + ttl_s);
      return page_.prefix.settle(index);
    }
    if (state.expires_s) {
      refreshes_.emplace(entry.pair, std::pair(index, ttl_s));
    } else {
      fetch(index);
    }
  }

  void fetch(std::size_t index) {
    const bool elsewhere = context_.in_flight.claimed(page_.entries[index].pair);
    (elsewhere ? found_.in_flight : found_.fetch).push_back(index);
  }

  /// A longer life of a pair that we hold is worth a pull only below the ceiling of its value's type, or clamped rows
  /// would be pulled for ever (spec/anti-entropy.md 7.1).
  Result<void> look_at_refreshes() {
    if (refreshes_.empty()) return {};
    std::vector<PairKey> keys;
    for (const auto& [pair, refresh] : refreshes_) keys.push_back(pair);
    const auto rows = context_.store.rows_of(keys);
    if (!rows) return std::unexpected(rows.error());
    for (const store::Record& row : *rows) {
      const auto refresh = refreshes_.find(PairKey{row.name, row.value_hash});
      if (refresh == refreshes_.end()) continue;
      const auto [index, ttl_s] = refresh->second;
      const std::int64_t ceiling_s =
          context_.bugs.no_ttl_clamp ? ttl_s : ttl_s_ceiling(row.value, now_s_, context_.options.ttl_s_max);
      if (!close_enough(row.expires_s, std::min(ttl_s, ceiling_s), now_s_)) continue;
      settle(index, RecordResult::held);
      refreshes_.erase(refresh);
    }
    for (const auto& [pair, refresh] : refreshes_) fetch(refresh.first);
    return {};
  }

  SyncContext& context_;
  PeerState& peer_;
  OfferPage& page_;
  bool retry_;
  std::int64_t now_s_;
  std::map<PairKey, std::pair<std::size_t, std::int64_t>> refreshes_;  // index, life
  Difference found_;
};

}  // namespace

Result<Difference> difference(SyncContext& context, PeerState& peer, OfferPage& page,
                              const std::vector<std::size_t>& among, bool retry) {
  return Comparison(context, peer, page, retry).among(among);
}

std::vector<std::size_t> all_indices(std::size_t size) {
  std::vector<std::size_t> indices(size);
  std::iota(indices.begin(), indices.end(), std::size_t{0});
  return indices;
}

}  // namespace dnsmesh::sync
