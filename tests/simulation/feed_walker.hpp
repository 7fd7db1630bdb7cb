// SPDX-License-Identifier: Apache-2.0
// A reader of a node's classic feed that only ever goes forward, as existing nodes do: what it has seen must in the end
// be every row that is listed, with its stamp (S11 of spec/anti-entropy.md 17).
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "store/record_store.hpp"

namespace dnsmesh::simulation {

class FeedWalker {
 public:
  /// Reads on, at most a few pages.
  void walk(store::RecordStore& store);
  /// After walk() found nothing new: a listed row that was never seen with its stamp, unless it ends soon.
  std::optional<std::string> missed(store::RecordStore& store, std::int64_t now_s) const;
  /// The feed is another one now.
  void start_over() { *this = FeedWalker(); }

 private:
  store::DigestCursor position_;
  std::map<store::PairKey, std::int64_t> seen_;  // stored_ms
};

}  // namespace dnsmesh::simulation
