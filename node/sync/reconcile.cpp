// SPDX-License-Identifier: Apache-2.0
#include "sync/reconcile.hpp"

#include <utility>

#include "sync/reconcile_message.hpp"

namespace dnsmesh::sync {
namespace {

constexpr std::size_t k_split_parts = 16;
/// A range with fewer ids is not split but listed.
constexpr std::size_t k_listed_below = 32;

/// Builds a message that goes through the claims of another: what is agreed is left out, the rest is narrowed down.
class Reply {
 public:
  explicit Reply(const PairSet& pairs) : pairs_(pairs) {}

  /// The ranges do not agree: fingerprints of its parts, or the ids when they are few. False when the frame is full.
  bool narrow(const IdRange& range) {
    if (pairs_.count(range) < k_listed_below) return list(range);
    for (const PairSet::Part& part : pairs_.split(range, k_split_parts)) {
      if (!writer_.fingerprint(part.range, part.fingerprint)) return end_at(part.range.lower);
    }
    return true;
  }

  /// All our ids of the range, however many. False when the frame is full.
  bool list(const IdRange& range) {
    const std::size_t room = writer_.ids_room();
    std::vector<crypto::Hash256> ids = pairs_.ids(range, room + 1);
    if (ids.size() <= room && room > 0) {
      writer_.ids(range, ids);
      return true;
    }
    if (room == 0) return end_at(range.lower);
    const crypto::Hash256 next = ids.back();
    ids.pop_back();
    writer_.ids({.lower = range.lower, .upper = next}, ids);
    return end_at(next);
  }

  bool empty() const { return writer_.empty(); }
  std::string take() { return writer_.take(); }

 private:
  bool end_at(const crypto::Hash256& lower) {
    writer_.rest(lower, pairs_.fingerprint({.lower = lower, .upper = {}}));
    return false;
  }

  const PairSet& pairs_;
  ReconcileWriter writer_{k_reconcile_frame_bytes_max};
};

/// Other versions of the protocol: the peer learns ours and may choose it.
bool is_foreign_version(std::string_view message) {
  if (message.empty()) return false;
  const auto version = static_cast<unsigned char>(message[0]);
  return version != k_reconcile_version && version >= 0x60 && version <= 0x6F;
}

}  // namespace

Result<std::string> reconcile_answer(const PairSet& pairs, std::string_view message) {
  Reply reply(pairs);
  if (is_foreign_version(message)) return reply.take();
  const auto claims = parse_reconcile_message(message);
  if (!claims) return std::unexpected(claims.error());
  bool room = true;
  for (const RangeClaim& claim : *claims) {
    if (!room) break;
    if (claim.mode == RangeMode::ids) room = reply.list(claim.range);
    if (claim.mode == RangeMode::fingerprint && pairs.fingerprint(claim.range) != claim.fingerprint) {
      room = reply.narrow(claim.range);
    }
  }
  return reply.take();
}

std::string Reconciliation::open() const {
  Reply reply(pairs_);
  reply.narrow({});
  return reply.take();
}

Result<Reconciliation::Step> Reconciliation::take(std::string_view answer) {
  if (rounds_ == k_reconcile_rounds_max) return fail(ErrorCode::sync_malformed, "reconciliation: no rounds are left");
  ++rounds_;
  const auto claims = parse_reconcile_message(answer);
  if (!claims) return std::unexpected(claims.error());
  Step step;
  Reply reply(pairs_);
  bool room = true;
  for (const RangeClaim& claim : *claims) {
    for (std::size_t place = 0; place < count_of(claim); ++place) {
      const crypto::Hash256 id = id_of(claim, place);
      if (!pairs_.contains(id) && needed_.insert(id).second) step.need.push_back(id);
    }
    if (room && claim.mode == RangeMode::fingerprint && pairs_.fingerprint(claim.range) != claim.fingerprint) {
      room = reply.narrow(claim.range);
    }
  }
  if (reply.empty()) return step;
  step.gave_up = rounds_ == k_reconcile_rounds_max;
  if (!step.gave_up) step.next = reply.take();
  return step;
}

}  // namespace dnsmesh::sync
