// SPDX-License-Identifier: Apache-2.0
#include "sync/pair_set.hpp"

#include <algorithm>
#include <iterator>
#include <string>
#include <tuple>
#include <utility>

#include "base/limits.hpp"
#include "base/lock_guarded.hpp"
#include "sync/pair_buckets.hpp"

namespace dnsmesh::sync {
namespace {

/// The first second in which a pair is no longer in the set.
std::int64_t end_of(std::int64_t expires_s, const record::Offer& offer) {
  const std::int64_t valid_end_s =
      offer.valid_until_s == record::Offer::k_always_valid ? record::Offer::k_always_valid : offer.valid_until_s + 1;
  return std::min(std::max<std::int64_t>(expires_s, 0) - limits::reconcile_life_s_min, valid_end_s);
}

IdTally tally_of(const PairBuckets& buckets, const IdRange& range) {
  if (range.upper && *range.upper <= range.lower) return {};
  IdTally tally = buckets.below(range.upper);
  tally -= buckets.below(range.lower);
  return tally;
}

/// The shortest bound above `before` and not above `next`, which follows it: zeros after the first octet that differs.
crypto::Hash256 shortest_bound(const crypto::Hash256& before, const crypto::Hash256& next) {
  const auto differs = std::ranges::mismatch(before, next).in2;
  crypto::Hash256 bound{};
  std::copy(next.begin(), differs + 1, bound.begin());
  return bound;
}

/// A member that one side has, ours or the store's.
using Difference = std::pair<Member, bool>;

/// The members that are in the set and in the group of ids that begin with one octet.
std::vector<Member> members_of_group(const PairBuckets& buckets, std::size_t first_octet) {
  crypto::Hash256 lower{};
  lower[0] = static_cast<unsigned char>(first_octet);
  std::vector<Member> members;
  buckets.walk(lower, [&](const Member& member) {
    if (member.id[0] != first_octet) return false;
    if (buckets.holds(member)) members.push_back(member);
    return true;
  });
  return members;
}

}  // namespace

crypto::Hash256 pair_id(const store::PairKey& pair) {
  std::string text;
  text.reserve(pair.name.size() + 1 + pair.hash.size());
  text.append(pair.name).push_back('\0');
  text.append(view(pair.hash));
  return crypto::sha256(text);
}

struct PairSet::Parts {
  explicit Parts(const Clock& its_clock) : clock(its_clock) {}

  /// Asks the buckets as of now.
  template <class Question>
  auto ask(Question&& question) {
    return buckets.with([&](PairBuckets& held) {
      held.set_now(clock.wall_s());
      return question(std::as_const(held));
    });
  }

  /// What our set and the store's rows do not share now.
  Result<std::vector<Difference>> differences(const store::RecordStore& store) {
    Parts anew(clock);
    const auto read = store.for_each([&anew](const store::Record& record) { anew.load(record); });
    if (!read) return std::unexpected(read.error());
    std::vector<Difference> found;
    for (std::size_t octet = 0; octet < 256; ++octet) {
      const auto members = [octet](const PairBuckets& held) { return members_of_group(held, octet); };
      const std::vector<Member> ours = ask(members);
      const std::vector<Member> theirs = anew.ask(members);
      std::vector<Member> only;
      std::ranges::set_difference(ours, theirs, std::back_inserter(only));
      for (const Member& member : only) found.emplace_back(member, true);
      only.clear();
      std::ranges::set_difference(theirs, ours, std::back_inserter(only));
      for (const Member& member : only) found.emplace_back(member, false);
    }
    std::ranges::sort(found);
    return found;
  }

  void load(const store::Record& record) {
    if (record.offer.reason) return;
    const crypto::Hash256 id = pair_id({record.name, record.value_hash});
    buckets.with([&](PairBuckets& held) { held.put(id, end_of(record.expires_s, record.offer), record.rseq); });
  }

  const Clock& clock;
  LockGuarded<PairBuckets> buckets;
};

PairSet::PairSet(const Clock& clock) : parts_(std::make_unique<Parts>(clock)) {}
PairSet::~PairSet() = default;

void PairSet::load(const store::Record& record) { parts_->load(record); }

void PairSet::apply(std::span<const store::Change> changes) {
  std::vector<crypto::Hash256> ids;  // hashed before the lock is taken
  ids.reserve(changes.size());
  for (const store::Change& change : changes) ids.push_back(pair_id({change.name, change.value_hash}));
  parts_->buckets.with([&](PairBuckets& held) {
    for (std::size_t i = 0; i < changes.size(); ++i) {
      const store::Change& change = changes[i];
      if (change.kind == store::Change::Kind::put && !change.offer.reason) {
        held.put(ids[i], end_of(change.expires_s, change.offer), change.rseq);
      } else {
        held.remove(ids[i]);
      }
    }
  });
}

std::size_t PairSet::count() const { return count({}); }

std::size_t PairSet::count(const IdRange& range) const {
  return parts_->ask([&](const PairBuckets& held) { return tally_of(held, range).count(); });
}

Fingerprint PairSet::fingerprint(const IdRange& range) const {
  return parts_->ask([&](const PairBuckets& held) { return tally_of(held, range); }).fingerprint();
}

std::vector<crypto::Hash256> PairSet::ids(const IdRange& range, std::size_t ids_max) const {
  return parts_->ask([&](const PairBuckets& held) {
    std::vector<crypto::Hash256> ids;
    if (ids_max == 0) return ids;
    held.walk(range.lower, [&](const Member& member) {
      if (range.upper && member.id >= *range.upper) return false;
      if (held.holds(member)) ids.push_back(member.id);
      return ids.size() < ids_max;
    });
    return ids;
  });
}

std::optional<crypto::Hash256> PairSet::id_at(const IdRange& range, std::size_t skip) const {
  return parts_->ask([&](const PairBuckets& held) -> std::optional<crypto::Hash256> {
    if (skip >= tally_of(held, range).count()) return std::nullopt;
    return held.at(held.below(range.lower).count() + skip);
  });
}

std::vector<PairSet::Part> PairSet::split(const IdRange& range, std::size_t parts) const {
  std::vector<IdTally> tallies;
  std::vector<Part> out;
  parts_->ask([&](const PairBuckets& held) {
    const std::uint64_t count = tally_of(held, range).count();
    const std::uint64_t before = held.below(range.lower).count();
    const std::uint64_t pieces = std::min<std::uint64_t>(parts, count);
    IdRange piece{.lower = range.lower, .upper = range.upper};
    std::uint64_t taken = 0;
    for (std::uint64_t i = 0; i < pieces; ++i) {
      taken += count / pieces + (i < count % pieces ? 1 : 0);
      piece.upper = taken == count ? range.upper : shortest_bound(held.at(before + taken - 1), held.at(before + taken));
      tallies.push_back(tally_of(held, piece));
      out.push_back({piece, {}});
      if (piece.upper) piece.lower = *piece.upper;
    }
  });
  for (std::size_t i = 0; i < out.size(); ++i) out[i].fingerprint = tallies[i].fingerprint();
  return out;
}

bool PairSet::contains(const crypto::Hash256& id) const {
  return parts_->ask([&](const PairBuckets& held) {
    const Member* member = held.find(id);
    return member != nullptr && held.holds(*member);
  });
}

std::optional<std::int64_t> PairSet::rseq_of(const crypto::Hash256& id) const {
  return parts_->ask([&](const PairBuckets& held) -> std::optional<std::int64_t> {
    const Member* member = held.find(id);
    if (member == nullptr) return std::nullopt;
    return member->rseq();
  });
}

std::size_t PairSet::bytes() const {
  return parts_->buckets.with([](const PairBuckets& held) { return held.bytes(); });
}

Result<bool> PairSet::agrees_with(const store::RecordStore& store) const {
  const auto first = parts_->differences(store);
  if (!first) return std::unexpected(first.error());
  if (first->empty()) return true;
  const auto second = parts_->differences(store);
  if (!second) return std::unexpected(second.error());
  std::vector<Difference> both;
  std::ranges::set_intersection(*first, *second, std::back_inserter(both));
  return both.empty();
}

}  // namespace dnsmesh::sync
