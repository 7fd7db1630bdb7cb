// SPDX-License-Identifier: Apache-2.0
#include "store/apply.hpp"

#include <algorithm>
#include <limits>
#include <set>
#include <tuple>
#include <utility>

#include "base/utf8.hpp"
#include "store/rrset.hpp"

namespace dnsmesh::store {
namespace {

/// Folded names of cluster manifests begin so; no peer may delete one (spec/anti-entropy.md 15.6).
constexpr std::string_view k_cluster_names = "cluster.";

/// `a + b`, held at the ends of the range: a peer may name a TTL of 10^18 seconds.
std::int64_t saturating_add(std::int64_t a, std::int64_t b) {
  std::int64_t sum = 0;
  if (!__builtin_add_overflow(a, b, &sum)) return sum;
  return b > 0 ? std::numeric_limits<std::int64_t>::max() : std::numeric_limits<std::int64_t>::min();
}

/// The caps on a name's live values. A value that is live at any spelling is always taken.
Result<void> check_caps(const Put& put, const std::vector<PresentRow>& rows, std::int64_t now_s) {
  std::set<std::string_view> live;
  std::size_t octets = txt_rr_octets(put.value);
  for (const PresentRow& row : rows) {
    if (row.expires_s <= now_s || !live.insert(row.value).second) continue;
    if (row.value == put.value) return {};
    octets += txt_rr_octets(row.value);
  }
  if (put.values_per_name_max > 0 && std::cmp_greater_equal(live.size(), put.values_per_name_max)) {
    return fail(ErrorCode::store_values_full);
  }
  if (put.rrset_bounded && octets > limits::rrset_octets_max) return fail(ErrorCode::store_rrset_full);
  return {};
}

Change removal_of(const PresentRow& row, std::int64_t rseq) {
  return {.kind = Change::Kind::remove,
          .name = row.name,
          .value = row.value,
          .expires_s = row.expires_s,
          .rseq = rseq,
          .value_hash = crypto::sha256(row.value)};
}

/// A change that readers of the feeds never hear of: for them the pair ended with its life.
Change expiry_of_row(const PresentRow& row) { return removal_of(row, 0); }

/// What the entry says together with an earlier one of the pair that holds.
Tombstone joined(Tombstone entry, const Tombstone& earlier) {
  entry.until_s = std::max(entry.until_s, earlier.until_s);
  entry.life_until_s = std::min(entry.life_until_s, earlier.life_until_s);
  return entry;
}

/// Applies one batch; holds what the operations share.
class Application {
 public:
  Application(CommitTarget& target, CommitStamp& stamp) : target_(target), stamp_(stamp) {}

  Result<Outcome> operator()(const Put& put) {
    const std::vector<PresentRow> rows =
        target_.rows_at(fold_ascii(put.name), stamp_.now_s, limits::put_expired_rows_max);
    if (const auto within = check_caps(put, rows, stamp_.now_s); !within) return std::unexpected(within.error());
    const std::optional<std::int64_t> present = target_.expiry_of(put.name, put.value);  // live or not

    Record row = row_of(put);
    const std::optional<Tombstone> tombstone = target_.tombstone(row.name, row.value_hash);
    if (put.from_peer && tombstone && tombstone->until_s > stamp_.now_s) {
      if (tombstone->life_until_s <= stamp_.now_s) return Outcome::buried;
      row.expires_s = std::min(row.expires_s, tombstone->life_until_s);
    }
    const bool live = present && *present > stamp_.now_s;
    if (live && put.ttl_rule == TtlRule::never_shorten && row.expires_s <= *present) return Outcome::unchanged;
    if (!put.from_peer) settle_tombstone(row, live ? *present : 0, tombstone);

    remove_expired(rows, put);
    row.rseq = ++stamp_.rseq;
    target_.put(row);
    changes.push_back({Change::Kind::put, std::move(row.name), std::move(row.value), row.expires_s, row.rseq,
                       row.value_hash, row.offer, put.announced});
    return present ? Outcome::refreshed : Outcome::inserted;
  }

  Result<Outcome> operator()(const Delete& deletion) {
    auto rows = target_.rows_at(fold_ascii(deletion.name), stamp_.now_s, std::numeric_limits<std::size_t>::max());
    // The order gives the tombstones their numbers, and must not depend on the target.
    std::ranges::sort(rows, {}, [](const PresentRow& row) { return std::tie(row.name, row.value); });
    bool found = false;
    for (const PresentRow& row : rows) {
      if (deletion.value && row.value != *deletion.value) continue;
      found = true;
      Change& change = changes.emplace_back(removal_of(row, ++stamp_.rseq));
      change.announced = deletion.leaves_tombstones;
      if (deletion.leaves_tombstones && row.expires_s > stamp_.now_s) {
        bury_deleted(row.name, row.value, saturating_add(row.expires_s, limits::tombstone_slack_s));
      }
      target_.remove(row);
    }
    if (!found && deletion.value && deletion.absent_tombstone_s > 0) {
      ++stamp_.rseq;
      bury_deleted(deletion.name, *deletion.value, saturating_add(stamp_.now_s, deletion.absent_tombstone_s));
    }
    return found ? Outcome::removed : Outcome::absent;
  }

  Result<Outcome> operator()(const SetPosition& entry) {
    target_.set_position(entry);
    return Outcome::applied;
  }
  Result<Outcome> operator()(const Quarantine& entry) {
    target_.quarantine(entry);
    return Outcome::applied;
  }
  Result<Outcome> operator()(const ReleaseQuarantine& entry) {
    target_.release(entry);
    return Outcome::applied;
  }
  Result<Outcome> operator()(const ForgetPeer& peer) {
    target_.forget(peer);
    return Outcome::applied;
  }
  Result<Outcome> operator()(const Tombstone& said) {
    if (said.until_s <= stamp_.now_s || fold_ascii(said.name).starts_with(k_cluster_names)) return Outcome::unchanged;
    Tombstone entry = said;
    entry.rseq = 0;
    std::optional<Tombstone> earlier = target_.tombstone(entry.name, entry.value_hash);
    if (earlier && earlier->until_s <= stamp_.now_s) earlier.reset();
    if (earlier) entry = joined(std::move(entry), *earlier);
    const auto row = said.life_until_s == 0 ? target_.row_of(entry.name, entry.value_hash) : std::nullopt;
    // Peers that repeat each other's tombstones come to rest here.
    const bool same = earlier && earlier->until_s == entry.until_s && earlier->life_until_s == entry.life_until_s;
    if (same && !row) return Outcome::unchanged;
    if (entry.life_until_s == 0) entry.rseq = ++stamp_.rseq;
    target_.bury(entry);
    if (!row) return Outcome::applied;
    target_.remove(*row);
    changes.push_back(removal_of(*row, stamp_.rseq));
    return Outcome::removed;
  }

  std::vector<Change> changes;

 private:
  Record row_of(const Put& put) const {
    return {.name = put.name,
            .value = put.value,
            .ttl_s = put.ttl_s,
            .created_s = stamp_.now_s,
            .expires_s = saturating_add(stamp_.now_s, put.ttl_s),
            .stored_ms = stamp_.stored_ms,
            .value_hash = crypto::sha256(put.value),
            .offer = put.offer};
  }

  /// The name's expired rows but the pair itself, whose row is replaced.
  void remove_expired(const std::vector<PresentRow>& rows, const Put& put) {
    for (const PresentRow& row : rows) {
      if (row.expires_s > stamp_.now_s || (row.value == put.value && row.name == put.name)) continue;
      target_.remove(row);
      changes.push_back(expiry_of_row(row));
    }
  }

  /// In the feed under the current number. Holds as long as an earlier tombstone or floor of the pair: the copies that
  /// it is against still exist.
  void bury_deleted(const std::string& name, std::string_view value, std::int64_t until_s) {
    const crypto::Hash256 hash = crypto::sha256(value);
    if (const auto earlier = target_.tombstone(name, hash)) until_s = std::max(until_s, earlier->until_s);
    target_.bury({name, hash, stamp_.stored_ms, until_s, 0, stamp_.rseq});
  }

  /// A publish ends the pair's tombstone. Where it shortens a life, peers may hold copies that live longer: a floor
  /// keeps them from bringing the longer life back, and a later publish moves the floor as long as such copies can
  /// exist.
  void settle_tombstone(const Record& row, std::int64_t live_until_s, const std::optional<Tombstone>& tombstone) {
    std::int64_t until_s = 0;
    if (live_until_s > row.expires_s) until_s = saturating_add(live_until_s, limits::tombstone_slack_s);
    if (tombstone && tombstone->life_until_s > 0) until_s = std::max(until_s, tombstone->until_s);
    if (until_s > saturating_add(row.expires_s, limits::tombstone_slack_s)) {
      target_.bury({row.name, row.value_hash, stamp_.stored_ms, until_s, row.expires_s});
    } else if (tombstone) {
      target_.unbury(row.name, row.value_hash);
    }
  }

  CommitTarget& target_;
  CommitStamp& stamp_;
};

}  // namespace

Result<Applied> apply_batch(const Batch& batch, CommitTarget& target, CommitStamp& stamp) {
  const std::int64_t rseq_before = stamp.rseq;
  Application application(target, stamp);
  Applied applied;
  applied.receipt.outcomes.reserve(batch.operations.size());
  for (const Operation& operation : batch.operations) {
    const Result<Outcome> outcome = std::visit(application, operation);
    if (!outcome) {
      stamp.rseq = rseq_before;
      return std::unexpected(outcome.error());
    }
    applied.receipt.outcomes.push_back(*outcome);
  }
  applied.receipt.stored_ms = stamp.stored_ms;
  applied.receipt.rseq = stamp.rseq > rseq_before ? stamp.rseq : 0;
  applied.changes = std::move(application.changes);
  return applied;
}

Applied apply_sweep(std::size_t rows_max, CommitTarget& target, const CommitStamp& stamp) {
  Applied applied;
  for (const PresentRow& row : target.expired_rows(stamp.now_s, rows_max)) {
    target.remove(row);
    applied.receipt.outcomes.push_back(Outcome::removed);
    applied.changes.push_back(expiry_of_row(row));
  }
  std::vector<Outcome>& outcomes = applied.receipt.outcomes;
  const std::size_t dropped = target.drop_tombstones(stamp.now_s, rows_max - outcomes.size());
  outcomes.insert(outcomes.end(), dropped, Outcome::applied);
  applied.receipt.stored_ms = stamp.stored_ms;
  return applied;
}

Swept swept_of(const Receipt& receipt) {
  const auto records = static_cast<std::size_t>(std::ranges::count(receipt.outcomes, Outcome::removed));
  return {.records = records, .tombstones = receipt.outcomes.size() - records};
}

}  // namespace dnsmesh::store
