// SPDX-License-Identifier: Apache-2.0
#include "sync/quarantine.hpp"

#include <algorithm>

#include "base/limits.hpp"
#include "sync/back_off.hpp"

namespace dnsmesh::sync {

std::size_t QuarantineTable::bytes_of(const PairKey& pair, std::string_view reason) {
  constexpr std::size_t k_fixed_bytes = 128;
  return k_fixed_bytes + pair.name.size() + reason.size();
}

bool QuarantineTable::has_room(const PairKey& pair, std::string_view reason) const {
  if (unlimited_) return true;
  const auto of_name = per_name_.find(pair.name);
  return entries_.size() < limits::sync_quarantine_pairs_max &&
         (of_name == per_name_.end() || of_name->second < limits::sync_quarantine_pairs_per_name_max) &&
         bytes_ + bytes_of(pair, reason) <= limits::sync_quarantine_bytes_max;
}

void QuarantineTable::erase(std::map<PairKey, Entry>::iterator at) {
  bytes_ -= bytes_of(at->first, at->second.reason);
  if (const auto of_name = per_name_.find(at->first.name); --of_name->second == 0) per_name_.erase(of_name);
  entries_.erase(at);
}

void QuarantineTable::load(const std::vector<store::Quarantine>& entries, std::int64_t now_s) {
  for (const store::Quarantine& stored : entries) {
    PairKey pair{stored.name, stored.value_hash};
    if (stored.until_s <= now_s || contains(pair) || !has_room(pair, stored.reason)) continue;
    bytes_ += bytes_of(pair, stored.reason);
    ++per_name_[stored.name];
    entries_.emplace(std::move(pair), Entry{.reason = stored.reason,
                                            .first_seen_s = stored.first_seen_s,
                                            .retry_at_s = stored.retry_at_s,
                                            .attempts = stored.attempts,
                                            .until_s = stored.until_s});
  }
}

std::optional<store::Operation> QuarantineTable::put(const PairKey& pair, std::string_view reason, std::int64_t until_s,
                                                     std::int64_t now_s, Random& random) {
  constexpr std::int64_t k_doublings_max = 6;
  auto at = entries_.find(pair);
  if (at == entries_.end()) {
    if (!has_room(pair, reason)) return std::nullopt;
    at = entries_.emplace(pair, Entry{}).first;
    at->second.first_seen_s = now_s;
    ++per_name_[pair.name];
  } else {
    bytes_ -= bytes_of(pair, at->second.reason);
  }
  Entry& entry = at->second;
  entry.reason = reason;
  bytes_ += bytes_of(pair, reason);
  entry.until_s = std::max(entry.until_s, until_s);
  entry.not_returned = 0;
  const std::int64_t pause_s =
      std::min(limits::sync_quarantine_retry_s_min << std::min(entry.attempts, k_doublings_max),
               limits::sync_quarantine_retry_s_max);
  entry.retry_at_s = now_s + jittered(pause_s, random);
  ++entry.attempts;
  return store::Quarantine{.peer = peer_,
                           .name = pair.name,
                           .value_hash = pair.hash,
                           .reason = entry.reason,
                           .retry_at_s = entry.retry_at_s,
                           .attempts = entry.attempts,
                           .first_seen_s = entry.first_seen_s,
                           .until_s = entry.until_s};
}

void QuarantineTable::listed(const PairKey& pair, std::int64_t until_s) {
  if (const auto at = entries_.find(pair); at != entries_.end()) {
    at->second.until_s = std::max(at->second.until_s, until_s);
  }
}

bool QuarantineTable::not_returned(const PairKey& pair) {
  const auto at = entries_.find(pair);
  return at != entries_.end() && ++at->second.not_returned >= 2;
}

std::optional<store::Operation> QuarantineTable::release(const PairKey& pair) {
  const auto at = entries_.find(pair);
  if (at == entries_.end()) return std::nullopt;
  erase(at);
  return store::ReleaseQuarantine{.peer = peer_, .name = pair.name, .value_hash = pair.hash};
}

std::vector<store::Operation> QuarantineTable::release_ended(std::int64_t now_s) {
  std::vector<store::Operation> operations;
  for (auto at = entries_.begin(); at != entries_.end();) {
    const auto here = at++;
    if (here->second.until_s > now_s) continue;
    operations.emplace_back(
        store::ReleaseQuarantine{.peer = peer_, .name = here->first.name, .value_hash = here->first.hash});
    erase(here);
  }
  return operations;
}

std::vector<PairKey> QuarantineTable::due(std::int64_t now_s, std::size_t pairs_max) const {
  std::vector<std::pair<std::int64_t, const PairKey*>> waiting;
  for (const auto& [pair, entry] : entries_) {
    if (entry.retry_at_s <= now_s) waiting.emplace_back(entry.retry_at_s, &pair);
  }
  std::ranges::stable_sort(waiting, {}, [](const auto& entry) { return entry.first; });
  if (waiting.size() > pairs_max) waiting.resize(pairs_max);
  std::vector<PairKey> pairs;
  for (const auto& [retry_at_s, pair] : waiting) pairs.push_back(*pair);
  return pairs;
}

std::vector<PairKey> QuarantineTable::pairs() const {
  std::vector<PairKey> pairs;
  for (const auto& [pair, entry] : entries_) pairs.push_back(pair);
  return pairs;
}

std::int64_t QuarantineTable::advertised_until_s(const PairKey& pair) const {
  const auto at = entries_.find(pair);
  return at == entries_.end() ? 0 : at->second.until_s;
}

std::vector<std::pair<std::string, std::uint64_t>> QuarantineTable::reasons() const {
  std::map<std::string, std::uint64_t> counted;
  for (const auto& [pair, entry] : entries_) ++counted[entry.reason];
  return {counted.begin(), counted.end()};
}

}  // namespace dnsmesh::sync
