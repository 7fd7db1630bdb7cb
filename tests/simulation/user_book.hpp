// SPDX-License-Identifier: Apache-2.0
// What the users of all nodes have asked for, once it was durable: how long a pair may live by anybody's word, and what
// was said of it last.
#pragma once

#include <algorithm>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>

namespace dnsmesh::simulation {

class UserBook {
 public:
  using Pair = std::pair<std::string, std::string>;  // name, value

  /// `end_ms`: when that life ends, in true time.
  void published(const Pair& pair, std::int64_t end_ms) {
    std::int64_t& latest = end_ms_.try_emplace(pair, end_ms).first->second;
    latest = std::max(latest, end_ms);
    deleted_.erase(pair);
  }
  /// `holds_until_ms`: when the tombstone ends, in true time.
  void deleted(const Pair& pair, std::int64_t holds_until_ms) { deleted_[pair] = holds_until_ms; }
  /// A clock was moved. All that its node holds lives longer by a step back.
  void clock_stepped(std::int64_t ms) { longer_ms_ += std::max<std::int64_t>(0, -ms); }

  /// The latest moment of true time at which a copy of the pair may live; nothing when nobody has published it.
  std::optional<std::int64_t> latest_end_ms(const Pair& pair) const {
    const auto found = end_ms_.find(pair);
    return found == end_ms_.end() ? std::nullopt : std::optional(found->second + longer_ms_);
  }
  /// The pairs whose last word was a delete, each with the end of its tombstone.
  const std::map<Pair, std::int64_t>& deleted() const { return deleted_; }

 private:
  std::map<Pair, std::int64_t> end_ms_;
  std::map<Pair, std::int64_t> deleted_;
  std::int64_t longer_ms_ = 0;
};

}  // namespace dnsmesh::simulation
