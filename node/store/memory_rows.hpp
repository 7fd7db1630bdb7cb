// SPDX-License-Identifier: Apache-2.0
// The tables of the twin, with undo in place of transactions.
#pragma once

#include <functional>
#include <map>
#include <set>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "store/apply.hpp"
#include "store/record_store.hpp"

namespace dnsmesh::store {

/// Not thread-safe: MemoryStore guards it.
class MemoryRows final : public CommitTarget {
 public:
  using Pair = std::pair<std::string, std::string>;                             // name, value
  using FeedKey = std::tuple<std::int64_t, std::string, std::string>;           // stored_ms, name, hash as hex
  using QuarantineKey = std::tuple<std::string, std::string, crypto::Hash256>;  // peer, name, hash

  std::optional<PresentRow> row_of(std::string_view name, const crypto::Hash256& hash) override;
  std::optional<std::int64_t> expiry_of(std::string_view name, std::string_view value) override;
  std::vector<PresentRow> rows_at(std::string_view folded_name, std::int64_t now_s, std::size_t expired_max) override;
  std::vector<PresentRow> expired_rows(std::int64_t now_s, std::size_t rows_max) override;
  void put(const Record& row) override;
  void remove(const PresentRow& row) override;
  void set_position(const SetPosition& entry) override;
  void quarantine(const Quarantine& entry) override;
  void release(const ReleaseQuarantine& entry) override;
  void forget(const ForgetPeer& peer) override;
  std::optional<Tombstone> tombstone(std::string_view name, const crypto::Hash256& hash) override;
  void bury(const Tombstone& entry) override;
  void unbury(std::string_view name, const crypto::Hash256& hash) override;
  std::size_t drop_tombstones(std::int64_t now_s, std::size_t rows_max) override;

  /// Makes the changes since the last keep() or undo() last; false when there are none.
  bool keep() { return !std::exchange(undo_, {}).empty(); }
  /// Takes them back.
  void undo();

  /// Takes the tables of another one in place of its own.
  void copy_from(const MemoryRows& other);

  const std::map<Pair, Record>& rows() const { return rows_; }
  const std::map<FeedKey, Pair>& by_feed() const { return by_feed_; }
  const std::map<std::int64_t, Pair>& by_rseq() const { return by_rseq_; }
  const std::map<std::pair<std::string, std::string>, std::string>& positions() const { return positions_; }
  const std::map<QuarantineKey, Quarantine>& quarantined() const { return quarantined_; }
  const std::map<PairKey, Tombstone>& tombstones() const { return tombstones_; }
  /// Those in the change feed.
  const std::map<std::int64_t, PairKey>& tombstones_by_rseq() const { return tombstones_by_rseq_; }
  /// Every row at exactly this spelling.
  std::vector<Record> rows_named(const std::string& name) const;
  /// The stored spellings that fold to the name.
  std::vector<std::string> spellings(std::string_view folded_name) const;

 private:
  template <class Map>
  void assign(Map& map, const typename Map::key_type& key, std::optional<typename Map::mapped_type> value);
  void place(const Pair& pair, std::optional<Record> row);
  void place(const PairKey& pair, std::optional<Tombstone> entry);
  void replace(const PairKey& pair, std::optional<Tombstone> entry);

  std::map<Pair, Record> rows_;
  std::set<std::pair<std::string, std::string>> spellings_;  // folded name, name
  std::set<std::pair<std::int64_t, Pair>> by_expiry_;
  std::map<FeedKey, Pair> by_feed_;
  std::map<std::int64_t, Pair> by_rseq_;
  std::map<std::pair<std::string, std::string>, std::string> positions_;
  std::map<QuarantineKey, Quarantine> quarantined_;
  std::map<PairKey, Tombstone> tombstones_;
  std::map<std::int64_t, PairKey> tombstones_by_rseq_;
  std::vector<std::move_only_function<void()>> undo_;
};

}  // namespace dnsmesh::store
