// SPDX-License-Identifier: Apache-2.0
// The ids of a pair set in order, 65 536 buckets by their first two octets in 256 groups by the first, each with the
// tally of the ids that are in the set at one second. Inside sync/; PairSet guards it.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <optional>
#include <vector>

#include "crypto/hash.hpp"
#include "sync/id_tally.hpp"

namespace dnsmesh::sync {

/// A pair that was or may be in the set: 44 octets.
struct Member {
  crypto::Hash256 id{};
  std::uint32_t end_s = 0;  // the first second in which it is no longer in the set
  std::uint32_t rseq_high = 0;
  std::uint32_t rseq_low = 0;

  std::int64_t rseq() const { return static_cast<std::int64_t>(std::uint64_t{rseq_high} << 32 | rseq_low); }
  auto operator<=>(const Member&) const = default;
};
static_assert(sizeof(Member) == 44);

/// Pairs do not leave when they end but when the store removes them: a clock that is set back brings them to life again
/// there and so must here. Each tally knows for which seconds it is right; only those that are not right for the second
/// asked for are made anew.
class PairBuckets {
 public:
  /// `end_s` is held within what 32 bits have; the largest never ends.
  void put(const crypto::Hash256& id, std::int64_t end_s, std::int64_t rseq);
  void remove(const crypto::Hash256& id);

  /// The second that the answers below are for.
  void set_now(std::int64_t now_s);

  /// What is below the bound, of everything when there is none.
  IdTally below(const std::optional<crypto::Hash256>& bound) const;
  /// The id with `rank` ids before it. Precondition: rank < below(nullopt).count().
  const crypto::Hash256& at(std::uint64_t rank) const;
  /// Visits the members from `lower` on, ascending, until `visit` says false.
  void walk(const crypto::Hash256& lower, const std::function<bool(const Member&)>& visit) const;
  /// Also one that has ended.
  const Member* find(const crypto::Hash256& id) const;
  bool holds(const Member& member) const { return member.end_s > now_s_; }

  /// Octets of memory.
  std::size_t bytes() const { return bytes_; }

 private:
  /// Seconds from `from_s` (inclusive) to `until_s` in which a tally does not change.
  struct Window {
    std::uint32_t from_s = 0;
    std::uint32_t until_s = std::numeric_limits<std::uint32_t>::max();

    bool contains(std::uint32_t second) const { return from_s <= second && second < until_s; }
    void narrow(const Window& other);
  };
  struct Bucket {
    std::vector<Member> members;  // ascending by id
    IdTally tally;
    Window window;
  };
  struct Group {
    std::vector<Bucket> buckets;  // 256, or none while nothing was put
    IdTally tally;
    Window window;
  };

  Bucket& bucket_of(const crypto::Hash256& id);
  void recount(Group& group, Bucket& bucket);
  void set_capacity(Bucket& bucket, std::size_t capacity);

  std::array<Group, 256> groups_;
  IdTally tally_;
  Window window_;
  std::uint32_t now_s_ = 0;
  std::size_t bytes_ = sizeof(PairBuckets);
};

}  // namespace dnsmesh::sync
