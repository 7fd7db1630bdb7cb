// SPDX-License-Identifier: Apache-2.0
#include "store/memory_rows.hpp"

#include <algorithm>
#include <ranges>

#include "base/hex.hpp"
#include "base/utf8.hpp"

namespace dnsmesh::store {

void MemoryRows::undo() {
  for (auto& step : undo_ | std::views::reverse) step();
  undo_.clear();
}

/// Sets or erases an entry and remembers what was there.
template <class Map>
void MemoryRows::assign(Map& map, const typename Map::key_type& key, std::optional<typename Map::mapped_type> value) {
  const auto put_back = [&map, key](const std::optional<typename Map::mapped_type>& content) {
    if (content) {
      map.insert_or_assign(key, *content);
    } else {
      map.erase(key);
    }
  };
  const auto found = map.find(key);
  if (found == map.end() && !value) return;
  undo_.emplace_back(
      [put_back, before = found == map.end() ? std::nullopt : std::optional(found->second)] { put_back(before); });
  put_back(value);
}

/// Sets or erases a row together with its places in the orders.
void MemoryRows::place(const Pair& pair, std::optional<Record> row) {
  const std::string folded = fold_ascii(pair.first);
  if (const auto found = rows_.find(pair); found != rows_.end()) {
    const Record& old = found->second;
    by_feed_.erase({old.stored_ms, old.name, to_hex(view(old.value_hash))});
    by_rseq_.erase(old.rseq);
    by_expiry_.erase({old.expires_s, pair});
    rows_.erase(found);
  }
  if (row) {
    by_feed_.insert_or_assign({row->stored_ms, row->name, to_hex(view(row->value_hash))}, pair);
    by_rseq_.insert_or_assign(row->rseq, pair);
    by_expiry_.emplace(row->expires_s, pair);
    spellings_.emplace(folded, pair.first);
    rows_.emplace(pair, *std::move(row));
  } else if (rows_named(pair.first).empty()) {
    spellings_.erase({folded, pair.first});
  }
}

/// Sets or erases a tombstone together with its place in the feed.
void MemoryRows::place(const PairKey& pair, std::optional<Tombstone> entry) {
  if (const auto found = tombstones_.find(pair); found != tombstones_.end()) {
    tombstones_by_rseq_.erase(found->second.rseq);
    tombstones_.erase(found);
  }
  if (!entry) return;
  if (entry->rseq != 0) tombstones_by_rseq_.insert_or_assign(entry->rseq, pair);
  tombstones_.emplace(pair, *std::move(entry));
}

void MemoryRows::copy_from(const MemoryRows& other) {
  rows_ = other.rows_;
  spellings_ = other.spellings_;
  by_expiry_ = other.by_expiry_;
  by_feed_ = other.by_feed_;
  by_rseq_ = other.by_rseq_;
  positions_ = other.positions_;
  quarantined_ = other.quarantined_;
  tombstones_ = other.tombstones_;
  tombstones_by_rseq_ = other.tombstones_by_rseq_;
}

std::optional<PresentRow> MemoryRows::row_of(std::string_view name, const crypto::Hash256& hash) {
  for (const Record& row : rows_named(std::string(name))) {
    if (row.value_hash == hash) return PresentRow{row.name, row.value, row.expires_s};
  }
  return std::nullopt;
}

std::optional<std::int64_t> MemoryRows::expiry_of(std::string_view name, std::string_view value) {
  const auto found = rows_.find({std::string(name), std::string(value)});
  if (found == rows_.end()) return std::nullopt;
  return found->second.expires_s;
}

std::vector<PresentRow> MemoryRows::rows_at(std::string_view folded_name, std::int64_t now_s, std::size_t expired_max) {
  std::vector<PresentRow> out;
  std::size_t expired = 0;
  for (const std::string& name : spellings(folded_name)) {
    for (const Record& row : rows_named(name)) {
      if (row.expires_s <= now_s && ++expired > expired_max) continue;
      out.push_back({row.name, row.value, row.expires_s});
    }
  }
  return out;
}

std::vector<PresentRow> MemoryRows::expired_rows(std::int64_t now_s, std::size_t rows_max) {
  std::vector<PresentRow> out;
  for (const auto& [expires_s, pair] : by_expiry_) {
    if (expires_s > now_s || out.size() == rows_max) break;
    out.push_back({pair.first, pair.second, expires_s});
  }
  return out;
}

void MemoryRows::put(const Record& row) {
  const Pair pair{row.name, row.value};
  const auto found = rows_.find(pair);
  undo_.emplace_back([this, pair, before = found == rows_.end() ? std::nullopt : std::optional(found->second)] {
    place(pair, before);
  });
  place(pair, row);
}

void MemoryRows::remove(const PresentRow& row) {
  const Pair pair{row.name, row.value};
  undo_.emplace_back([this, pair, before = rows_.at(pair)] { place(pair, before); });
  place(pair, std::nullopt);
}

void MemoryRows::set_position(const SetPosition& entry) {
  assign(positions_, {entry.peer, entry.kind}, entry.position);
}

void MemoryRows::quarantine(const Quarantine& entry) {
  assign(quarantined_, {entry.peer, entry.name, entry.value_hash}, entry);
}

void MemoryRows::release(const ReleaseQuarantine& entry) {
  assign(quarantined_, {entry.peer, entry.name, entry.value_hash}, std::nullopt);
}

void MemoryRows::forget(const ForgetPeer& peer) {
  std::vector<std::pair<std::string, std::string>> positions;
  for (const auto& [key, position] : positions_) {
    if (key.first == peer.peer) positions.push_back(key);
  }
  std::vector<QuarantineKey> quarantined;
  for (const auto& [key, entry] : quarantined_) {
    if (entry.peer == peer.peer) quarantined.push_back(key);
  }
  for (const auto& key : positions) assign(positions_, key, std::nullopt);
  for (const auto& key : quarantined) assign(quarantined_, key, std::nullopt);
}

std::optional<Tombstone> MemoryRows::tombstone(std::string_view name, const crypto::Hash256& hash) {
  const auto found = tombstones_.find({std::string(name), hash});
  if (found == tombstones_.end()) return std::nullopt;
  return found->second;
}

/// Sets or erases a tombstone and remembers what was there.
void MemoryRows::replace(const PairKey& pair, std::optional<Tombstone> entry) {
  const auto found = tombstones_.find(pair);
  if (found == tombstones_.end() && !entry) return;
  undo_.emplace_back([this, pair, before = found == tombstones_.end() ? std::nullopt : std::optional(found->second)] {
    place(pair, before);
  });
  place(pair, std::move(entry));
}

void MemoryRows::bury(const Tombstone& entry) { replace({entry.name, entry.value_hash}, entry); }

void MemoryRows::unbury(std::string_view name, const crypto::Hash256& hash) {
  replace({std::string(name), hash}, std::nullopt);
}

std::size_t MemoryRows::drop_tombstones(std::int64_t now_s, std::size_t rows_max) {
  std::vector<std::pair<std::int64_t, PairKey>> over;
  for (const auto& [key, entry] : tombstones_) {
    if (entry.until_s <= now_s) over.emplace_back(entry.until_s, key);
  }
  std::ranges::sort(over);
  over.resize(std::min(over.size(), rows_max));
  for (const auto& [until_s, key] : over) replace(key, std::nullopt);
  return over.size();
}

std::vector<Record> MemoryRows::rows_named(const std::string& name) const {
  std::vector<Record> out;
  for (auto at = rows_.lower_bound({name, std::string()}); at != rows_.end() && at->first.first == name; ++at) {
    out.push_back(at->second);
  }
  return out;
}

std::vector<std::string> MemoryRows::spellings(std::string_view folded_name) const {
  const std::string folded(folded_name);
  std::vector<std::string> out;
  for (auto at = spellings_.lower_bound({folded, std::string()}); at != spellings_.end() && at->first == folded; ++at) {
    out.push_back(at->second);
  }
  return out;
}

}  // namespace dnsmesh::store
