// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "record/record_type.hpp"
#include "sync/import_work.hpp"
#include "sync/name_caps.hpp"
#include "sync/owner_fit.hpp"
#include "sync/pair_set.hpp"

namespace dnsmesh::sync {
namespace {

/// Other values at a name that was asked for are normal when we hold them or the page lists them; one that nobody knows
/// of is not the pair that it was sent for (F3).
void count_strays(SyncContext& context, PeerState& peer, ImportWork& work, std::vector<Stray> strays) {
  std::vector<PairKey> unknown;
  for (Stray& stray : strays) {
    if (stray.name_asked) {
      unknown.push_back(std::move(stray.pair));
      continue;
    }
    ++peer.status.counters.records[RecordResult::unsolicited];
    peer.log.warning(peer.peer.node_id, "unsolicited", "it sends records that were not asked for",
                     context.monotonic_ms());
  }
  if (unknown.empty()) return;
  std::set<PairKey> listed;
  for (const Offered& entry : work.from.page->entries) listed.insert(entry.pair);
  std::erase_if(unknown, [&](const PairKey& pair) { return listed.contains(pair); });
  const auto states = context.store.states_of(unknown);
  for (std::size_t i = 0; states && i < unknown.size(); ++i) {
    if ((*states)[i].expires_s) continue;
    ++peer.status.counters.records[RecordResult::hash_mismatch];
    work.lied_at.insert(unknown[i].name);
  }
}

void check_owner(SyncContext& context, ImportWork& work, std::size_t i) {
  if (work.arrivals[i].fate != Fate::arrived || owner_fits(work.pair(i).name, work.arrivals[i].value)) return;
  const std::string_view type = record::record_type_title(record::record_type_of(work.arrivals[i].value));
  context.published->with([&](Published& published) { ++published.misplaced[std::string(type)]; });
  if (context.options.bind_owners) work.refuse(i, "misplaced");
}

/// Those that have arrived so far, as the caps ask for them, and which arrival each is.
std::pair<std::vector<Addition>, std::vector<std::size_t>> additions_of(const ImportWork& work) {
  std::pair<std::vector<Addition>, std::vector<std::size_t>> result;
  for (std::size_t i = 0; i < work.arrivals.size(); ++i) {
    if (work.arrivals[i].fate != Fate::arrived) continue;
    result.first.push_back({work.pair(i).name, work.arrivals[i].value});
    result.second.push_back(i);
  }
  return result;
}

/// And keeps room for those that are left until this import is over: other peers may bring more meanwhile.
void refuse_surplus_aliases(SyncContext& context, ImportWork& work) {
  AliasesUnderway& underway = context.aliases_underway;
  std::erase_if(underway, [](const auto& alias) { return alias.expired(); });
  const auto [additions, arrival_of] = additions_of(work);
  for (const std::size_t surplus : surplus_aliases(context.store, underway, additions)) {
    work.refuse(arrival_of[surplus], "alias");
  }
  for (std::size_t i = 0; i < work.arrivals.size(); ++i) {
    const Arrival& arrival = work.arrivals[i];
    if (arrival.fate != Fate::arrived || !is_alias(arrival.value)) continue;
    work.aliases.push_back(std::make_shared<const AliasUnderway>(work.pair(i).name, arrival.value));
    underway.push_back(work.aliases.back());
  }
}

}  // namespace

void apply_gates(SyncContext& context, PeerState& peer, ImportWork& work) {
  peer.status.counters.records[RecordResult::rejected] += work.from.malformed;
  for (const std::size_t index : work.from.indices) {
    const Offered& entry = work.from.page->entries[index];
    work.wanted.push_back({entry.pair, std::min(entry.ttl_ms, Wanted::k_ttl_ms_max) + limits::sync_ttl_slop_s * 1000});
  }
  Matched matched = match(work.wanted, std::move(work.from.records), context.bugs.no_hash_gate);
  work.arrivals = std::move(matched.arrivals);
  count_strays(context, peer, work, std::move(matched.strays));
  for (std::size_t i = 0; i < work.arrivals.size(); ++i) {
    Arrival& arrival = work.arrivals[i];
    judge_arrival(arrival, work.wanted[i], context.now_s(), context.options, context.bugs);
    if (arrival.fate == Fate::settled) ++peer.status.counters.records[RecordResult::expired];
    check_owner(context, work, i);
    if (arrival.fate == Fate::missing && work.from.too_big) work.refuse(i, "too-big");
    if (arrival.fate == Fate::missing && work.lied_at.contains(work.pair(i).name)) work.refuse(i, "hash-mismatch");
  }
  refuse_surplus_aliases(context, work);
}

void settle_held(SyncContext& context, PeerState& peer, ImportWork& work) {
  std::vector<PairKey> keys;
  std::vector<std::size_t> arrival_of;
  for (std::size_t i = 0; i < work.arrivals.size(); ++i) {
    if (work.arrivals[i].fate != Fate::arrived || !context.pairs.contains(pair_id(work.pair(i)))) continue;
    keys.push_back(work.pair(i));
    arrival_of.push_back(i);
  }
  if (keys.empty()) return;
  const auto states = context.store.states_of(keys);
  for (std::size_t k = 0; states && k < keys.size(); ++k) {
    const std::size_t i = arrival_of[k];
    const std::int64_t ttl_s = ttl_s_left(work.arrivals[i].ttl_ms, work.from.sent_ms, context.monotonic_ms());
    if (!(*states)[k].expires_s || !close_enough(*(*states)[k].expires_s, ttl_s, context.now_s())) continue;
    work.settle(i);
    ++peer.status.counters.records[RecordResult::held];
  }
}

void refuse_overfull(SyncContext& context, ImportWork& work) {
  const auto [additions, arrival_of] = additions_of(work);
  for (const std::size_t i : overfull(context.store, additions)) work.refuse(arrival_of[i], "rrset-full");
}

}  // namespace dnsmesh::sync
