// SPDX-License-Identifier: Apache-2.0
// Pairs that one peer offers and we could not take (spec/anti-entropy.md 8.3): they do not hold the watermark up, and
// are tried again by a direct pull. The table is bounded; what it cannot hold stops the watermark. The store keeps a
// copy, written in the batch of the position that passed them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/random.hpp"
#include "store/batch.hpp"
#include "sync/wire.hpp"

namespace dnsmesh::sync {

class QuarantineTable {
 public:
  /// `unlimited` is for the simulation's own test alone.
  explicit QuarantineTable(std::string peer, bool unlimited = false) : peer_(std::move(peer)), unlimited_(unlimited) {}

  /// What was there before a restart; what is over by now is left out.
  void load(const std::vector<store::Quarantine>& entries, std::int64_t now_s);

  bool contains(const PairKey& pair) const { return entries_.contains(pair); }
  std::size_t size() const { return entries_.size(); }

  /// Takes a pair with its reason, or counts another attempt of one that is in the table, and gives the operation that
  /// keeps it; nothing when the table is full. `until_s` is when the life that the peer advertises ends.
  std::optional<store::Operation> put(const PairKey& pair, std::string_view reason, std::int64_t until_s,
                                      std::int64_t now_s, Random& random);
  /// The pair is listed again, with a life until then.
  void listed(const PairKey& pair, std::int64_t until_s);
  /// A pull did not return the pair; true at the second in a row: it is then to be released.
  bool not_returned(const PairKey& pair);
  std::optional<store::Operation> release(const PairKey& pair);
  /// Operations that release those whose advertised life has run out.
  std::vector<store::Operation> release_ended(std::int64_t now_s);

  /// Pairs that are due, at most `pairs_max`, those that wait longest first.
  std::vector<PairKey> due(std::int64_t now_s, std::size_t pairs_max) const;
  std::vector<PairKey> pairs() const;
  /// When the life that the peer last advertised for it ends.
  std::int64_t advertised_until_s(const PairKey& pair) const;
  /// Reason and number of pairs.
  std::vector<std::pair<std::string, std::uint64_t>> reasons() const;

 private:
  struct Entry {
    std::string reason;
    std::int64_t first_seen_s = 0;
    std::int64_t retry_at_s = 0;
    std::int64_t attempts = 0;
    std::int64_t until_s = 0;
    int not_returned = 0;
  };
  static std::size_t bytes_of(const PairKey& pair, std::string_view reason);
  bool has_room(const PairKey& pair, std::string_view reason) const;
  void erase(std::map<PairKey, Entry>::iterator at);

  std::string peer_;
  bool unlimited_;
  std::map<PairKey, Entry> entries_;
  std::map<std::string, std::size_t, std::less<>> per_name_;
  std::size_t bytes_ = 0;
};

}  // namespace dnsmesh::sync
