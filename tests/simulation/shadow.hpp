// SPDX-License-Identifier: Apache-2.0
// What the checks know of one database, gathered from outside: it follows the database through restarts and copies, so
// that what the node does can be held against it.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>

#include "store/batch.hpp"
#include "store/record.hpp"

namespace dnsmesh::simulation {

struct Shadow {
  struct Row {
    std::string value;
    std::int64_t expires_s = 0;
    std::int64_t stamp_ms = 0;  // what a store that closes no millisecond would have given it
    bool offered = false;
  };
  /// No life beyond `life_until_s` may come from peers before `until_s` is over.
  struct Floor {
    std::int64_t until_s = 0;
    std::int64_t life_until_s = 0;
  };

  std::map<store::PairKey, Row> rows;
  std::map<store::PairKey, Floor> floors;
  /// When the last floor of a pair ended or will end. Peers listed the pair meanwhile, and list it again for the next
  /// full scan or reconciliation only.
  std::map<store::PairKey, std::int64_t> bound_until_s;
  std::int64_t rseq = 0;
  std::int64_t last_stamp_ms = 0;
  std::optional<std::uint64_t> applied_seq;  // of the manifest whose application is durable

  /// Follows what a commit changed. False when the numbers of the changes do not rise (S12).
  bool follow(std::span<const store::Change> changes, std::int64_t now_ms);

  /// What a user's batch means for later imports: call before it is applied.
  void user_publishes(const store::Put& put, std::int64_t now_s);
  void user_deletes(const store::Delete& deletion, std::int64_t now_s);

  /// What a peer's tombstone means, once it was taken.
  void peer_buries(const store::Tombstone& said, std::int64_t now_s);
  /// A sweep: what is over does not come back when the clock is set back.
  void sweep(std::int64_t now_s) {
    std::erase_if(floors, [now_s](const auto& entry) { return entry.second.until_s <= now_s; });
  }

  std::optional<std::int64_t> live_until_s(const store::PairKey& pair, std::int64_t now_s) const;
  /// True while a floor holds and until a full scan has certainly been.
  bool lately_bound(const store::PairKey& pair, std::int64_t now_s) const;
  /// The floor while it holds.
  std::optional<Floor> floor(const store::PairKey& pair, std::int64_t now_s) const;

 private:
  void bind(const store::PairKey& pair, const Floor& floor);
};

}  // namespace dnsmesh::simulation
