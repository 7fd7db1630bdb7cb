// SPDX-License-Identifier: Apache-2.0
// What peers have told a node: every pair that they listed and for how long, how far their feeds went, which ids their
// reconciliation named. The checks hold what the node does against it. Read from the bytes that crossed the network, by
// a reader that shares nothing with the one under test.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "env.hpp"
#include "listings.hpp"

namespace dnsmesh::simulation {

class Ledger {
 public:
  /// Whose listings are followed: those of others may be anything.
  void trust(NodeIndex peer) { honest_.insert(peer); }
  /// An answer has arrived at `reader`.
  void answered(NodeIndex reader, NodeIndex peer, const NetRequest& request, const NetAnswer& answer,
                std::int64_t now_ms);

  /// The longest life, in seconds, with which any peer listed the pair to this reader; nothing when none did.
  std::optional<std::int64_t> listed_ttl_s(NodeIndex reader, std::string_view name, std::string_view hash_hex) const;

  /// True when this very peer has listed the pair; without a hash, any pair of the name.
  bool listed_by(NodeIndex reader, NodeIndex peer, std::string_view name, std::string_view hash_hex) const;

  const Listings& listings() const { return listings_; }

  /// How far the positions may be that this reader asks this peer for.
  struct Reach {
    std::int64_t entry_ts_ms = 0;  // the latest entry of its classic feed
    std::int64_t rseq = 0;         // the highest number that its change feed named
    std::string reconciliation;    // all that was answered, for looking ids up
  };
  const Reach& reach(NodeIndex reader, NodeIndex peer) { return reach_[{reader, peer}]; }

 private:
  void note(NodeIndex reader, NodeIndex peer, std::string_view name, std::string_view hash_hex, std::int64_t ttl_s);
  void take_ids(NodeIndex reader, NodeIndex peer, const NetRequest& request, const NetAnswer& answer);

  std::map<std::pair<NodeIndex, NodeIndex>, Reach> reach_;
  Listings listings_;
  std::set<NodeIndex> honest_;
  std::unordered_map<std::string, std::int64_t> listed_;  // reader, name, hash: seconds
  std::unordered_set<std::string> listed_by_;             // reader, peer, name, and hash or nothing
};

}  // namespace dnsmesh::simulation
