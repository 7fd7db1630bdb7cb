// SPDX-License-Identifier: Apache-2.0
// What the feed of a peer lists now, as far as a reader has read it: each page replaces what was known of its range.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "network.hpp"
#include "ref_store.hpp"

namespace dnsmesh::simulation {

struct ListedPair {
  std::string name;
  std::string hash_hex;
  std::int64_t end_ms = 0;  // of the listed life, in true time
};

class Listings {
 public:
  /// A plain answer has arrived at `reader`. What is not whole changes nothing.
  void answered(NodeIndex reader, NodeIndex peer, const NetRequest& request, const std::string& body,
                std::int64_t now_ms);

  /// The pairs after one position up to another; of the classic feed.
  std::vector<ListedPair> between(NodeIndex reader, NodeIndex peer, const RefStore::Position& from,
                                  const RefStore::Position& to) const;
  /// Of the change feed of one start of the peer; nothing when the last page was of another.
  std::vector<ListedPair> between(NodeIndex reader, NodeIndex peer, const std::string& epoch, std::int64_t from,
                                  std::int64_t to) const;

 private:
  struct Feed {
    std::map<RefStore::Position, ListedPair> classic;
    std::string epoch;
    std::map<std::int64_t, ListedPair> changes;
  };
  static void take_digest(Feed& feed, const NetRequest& request, const std::string& body, std::int64_t now_ms);
  static void take_changes(Feed& feed, const NetRequest& request, const std::string& body, std::int64_t now_ms);

  std::map<std::pair<NodeIndex, NodeIndex>, Feed> feeds_;
};

}  // namespace dnsmesh::simulation
