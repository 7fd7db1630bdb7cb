// SPDX-License-Identifier: Apache-2.0
#include "shadow.hpp"

#include <algorithm>

#include "base/utf8.hpp"
#include "crypto/hash.hpp"

namespace dnsmesh::simulation {
namespace {

constexpr std::int64_t k_slack_s = 60;  // spec/anti-entropy.md 15.6
/// More than the hour between two full scans, and the time of one.
constexpr std::int64_t k_scan_s = 5000;

}  // namespace

void Shadow::bind(const store::PairKey& pair, const Floor& floor) {
  floors[pair] = floor;
  std::int64_t& until_s = bound_until_s[pair];
  until_s = std::max(until_s, floor.until_s);
}

bool Shadow::lately_bound(const store::PairKey& pair, std::int64_t now_s) const {
  const auto found = bound_until_s.find(pair);
  return found != bound_until_s.end() && now_s < found->second + k_scan_s;
}

bool Shadow::follow(std::span<const store::Change> changes, std::int64_t now_ms) {
  bool rising = true;
  last_stamp_ms = std::max(last_stamp_ms, now_ms);
  for (const store::Change& change : changes) {
    const store::PairKey pair{change.name, change.value_hash};
    if (change.rseq != 0) {
      rising = rising && change.rseq > rseq;
      rseq = change.rseq;
    }
    if (change.kind == store::Change::Kind::put) {
      rows[pair] = {change.value, change.expires_s, last_stamp_ms, !change.offer.reason};
    } else {
      rows.erase(pair);
    }
  }
  return rising;
}

void Shadow::user_publishes(const store::Put& put, std::int64_t now_s) {
  const store::PairKey pair{put.name, crypto::sha256(put.value)};
  const std::int64_t expires_s = now_s + put.ttl_s;
  const auto old_s = live_until_s(pair, now_s);
  const auto earlier = floor(pair, now_s);
  floors.erase(pair);
  // A longer copy may still be with others: of this publish, or of one before a shorter life that still binds.
  std::int64_t until_s = old_s && *old_s > expires_s ? *old_s + k_slack_s : 0;
  if (earlier && earlier->life_until_s > 0) until_s = std::max(until_s, earlier->until_s);
  if (until_s > expires_s + k_slack_s) bind(pair, {until_s, expires_s});
}

void Shadow::user_deletes(const store::Delete& deletion, std::int64_t now_s) {
  const std::string folded = fold_ascii(deletion.name);
  for (const auto& [pair, row] : rows) {
    if (row.expires_s <= now_s || fold_ascii(pair.name) != folded) continue;
    if (deletion.value && row.value != *deletion.value) continue;
    const auto earlier = floor(pair, now_s);
    bind(pair, {std::max(row.expires_s + k_slack_s, earlier ? earlier->until_s : 0), 0});
  }
}

void Shadow::peer_buries(const store::Tombstone& said, std::int64_t now_s) {
  const store::PairKey pair{said.name, said.value_hash};
  if (said.until_s <= now_s) return;
  const auto earlier = floor(pair, now_s);
  bind(pair, earlier
                 ? Floor{std::max(said.until_s, earlier->until_s), std::min(said.life_until_s, earlier->life_until_s)}
                 : Floor{said.until_s, said.life_until_s});
}

std::optional<std::int64_t> Shadow::live_until_s(const store::PairKey& pair, std::int64_t now_s) const {
  const auto found = rows.find(pair);
  if (found == rows.end() || found->second.expires_s <= now_s) return std::nullopt;
  return found->second.expires_s;
}

std::optional<Shadow::Floor> Shadow::floor(const store::PairKey& pair, std::int64_t now_s) const {
  const auto found = floors.find(pair);
  if (found == floors.end() || found->second.until_s <= now_s) return std::nullopt;
  return found->second;
}

}  // namespace dnsmesh::simulation
