// SPDX-License-Identifier: Apache-2.0
#include "sync/pair_buckets.hpp"

#include <algorithm>

namespace dnsmesh::sync {
namespace {

constexpr std::uint32_t k_never = std::numeric_limits<std::uint32_t>::max();
constexpr std::size_t k_buckets_a_group = 256;

std::uint32_t clamped(std::int64_t second, std::uint32_t second_max) {
  return static_cast<std::uint32_t>(std::clamp<std::int64_t>(second, 0, second_max));
}

}  // namespace

void PairBuckets::Window::narrow(const Window& other) {
  from_s = std::max(from_s, other.from_s);
  until_s = std::min(until_s, other.until_s);
}

/// The bucket's tally at this second. Sums of what encloses it are kept right by the difference.
void PairBuckets::recount(Group& group, Bucket& bucket) {
  group.tally -= bucket.tally;
  tally_ -= bucket.tally;
  bucket.tally = {};
  bucket.window = {};
  for (const Member& member : bucket.members) {
    if (holds(member)) {
      bucket.tally.add(member.id);
      bucket.window.until_s = std::min(bucket.window.until_s, member.end_s);
    } else {
      bucket.window.from_s = std::max(bucket.window.from_s, member.end_s);
    }
  }
  group.tally += bucket.tally;
  tally_ += bucket.tally;
  group.window.narrow(bucket.window);
  window_.narrow(bucket.window);
}

void PairBuckets::set_now(std::int64_t now_s) {
  now_s_ = clamped(now_s, k_never - 1);
  if (window_.contains(now_s_)) return;
  window_ = {};
  for (Group& group : groups_) {
    if (!group.window.contains(now_s_)) {
      group.window = {};
      for (Bucket& bucket : group.buckets) {
        bucket.window.contains(now_s_) ? group.window.narrow(bucket.window) : recount(group, bucket);
      }
    }
    window_.narrow(group.window);
  }
}

/// A bucket grows by an eighth, not by half: of a million pairs, doubling would leave a quarter of the memory empty.
void PairBuckets::set_capacity(Bucket& bucket, std::size_t capacity) {
  bytes_ -= bucket.members.capacity() * sizeof(Member);
  std::vector<Member> members;
  members.reserve(capacity);
  members.assign(bucket.members.begin(), bucket.members.end());
  bucket.members = std::move(members);
  bytes_ += bucket.members.capacity() * sizeof(Member);
}

PairBuckets::Bucket& PairBuckets::bucket_of(const crypto::Hash256& id) {
  Group& group = groups_[id[0]];
  if (group.buckets.empty()) {
    group.buckets.resize(k_buckets_a_group);
    bytes_ += k_buckets_a_group * sizeof(Bucket);
  }
  return group.buckets[id[1]];
}

void PairBuckets::put(const crypto::Hash256& id, std::int64_t end_s, std::int64_t rseq) {
  Bucket& bucket = bucket_of(id);
  auto& members = bucket.members;
  auto at = std::ranges::lower_bound(members, id, {}, &Member::id);
  if (at == members.end() || at->id != id) {
    const auto place = at - members.begin();
    if (members.size() == members.capacity()) set_capacity(bucket, members.size() + members.size() / 8 + 1);
    at = members.insert(members.begin() + place, Member{.id = id});
  }
  at->end_s = clamped(end_s, k_never);
  at->rseq_high = static_cast<std::uint32_t>(static_cast<std::uint64_t>(rseq) >> 32);
  at->rseq_low = static_cast<std::uint32_t>(rseq);
  recount(groups_[id[0]], bucket);
}

void PairBuckets::remove(const crypto::Hash256& id) {
  Group& group = groups_[id[0]];
  if (group.buckets.empty()) return;
  Bucket& bucket = group.buckets[id[1]];
  const auto at = std::ranges::lower_bound(bucket.members, id, {}, &Member::id);
  if (at == bucket.members.end() || at->id != id) return;
  bucket.members.erase(at);
  if (bucket.members.capacity() > bucket.members.size() * 2 + 4) set_capacity(bucket, bucket.members.size());
  recount(group, bucket);
}

IdTally PairBuckets::below(const std::optional<crypto::Hash256>& bound) const {
  if (!bound) return tally_;
  IdTally tally;
  const Group& last = groups_[(*bound)[0]];
  for (const Group* group = groups_.data(); group != &last; ++group) tally += group->tally;
  if (last.buckets.empty()) return tally;
  const Bucket& edge = last.buckets[(*bound)[1]];
  for (const Bucket* bucket = last.buckets.data(); bucket != &edge; ++bucket) tally += bucket->tally;
  for (const Member& member : edge.members) {
    if (member.id >= *bound) break;
    if (holds(member)) tally.add(member.id);
  }
  return tally;
}

const crypto::Hash256& PairBuckets::at(std::uint64_t rank) const {
  const Group* group = groups_.data();
  for (; rank >= group->tally.count(); ++group) rank -= group->tally.count();
  const Bucket* bucket = group->buckets.data();
  for (; rank >= bucket->tally.count(); ++bucket) rank -= bucket->tally.count();
  const Member* member = bucket->members.data();
  for (;; ++member) {
    if (!holds(*member)) continue;
    if (rank-- == 0) return member->id;
  }
}

void PairBuckets::walk(const crypto::Hash256& lower, const std::function<bool(const Member&)>& visit) const {
  std::size_t first_bucket = lower[1];
  for (std::size_t group = lower[0]; group < groups_.size(); ++group, first_bucket = 0) {
    const auto& buckets = groups_[group].buckets;
    for (std::size_t bucket = first_bucket; bucket < buckets.size(); ++bucket) {
      const auto& members = buckets[bucket].members;
      for (auto at = std::ranges::lower_bound(members, lower, {}, &Member::id); at != members.end(); ++at) {
        if (!visit(*at)) return;
      }
    }
  }
}

const Member* PairBuckets::find(const crypto::Hash256& id) const {
  const auto& buckets = groups_[id[0]].buckets;
  if (buckets.empty()) return nullptr;
  const auto& members = buckets[id[1]].members;
  const auto at = std::ranges::lower_bound(members, id, {}, &Member::id);
  return at != members.end() && at->id == id ? &*at : nullptr;
}

}  // namespace dnsmesh::sync
