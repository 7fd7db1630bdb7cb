// SPDX-License-Identifier: Apache-2.0
#include "position_checks.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/hex.hpp"
#include "crypto/hash.hpp"
#include "record/name_rule.hpp"
#include "record/signed_exp.hpp"

namespace dnsmesh::simulation {
namespace {

using Json = nlohmann::json;

/// What rounding, the slop and the time on the way may take off a listed life.
constexpr std::int64_t k_slop_ms = 40000;

RefStore::Position classic_place(const Json& position) {
  return {position.at("ts").get<std::int64_t>(), position.at("name"), position.at("hash")};
}

}  // namespace

void PositionChecks::before(const store::Batch& batch) {
  for (const store::Operation& operation : batch.operations) {
    const auto* to = std::get_if<store::SetPosition>(&operation);
    const NodeIndex peer = to == nullptr ? k_nobody : env_.network.node_at(to->peer);
    // What a liar hides of its own rows is its own loss.
    if (peer == k_nobody || !(*env_.nodes)[static_cast<std::size_t>(peer)]->honest()) continue;
    const auto from = rows_.position(to->peer, to->kind);
    moves_.push_back({peer, *to, from && *from ? **from : std::string()});
  }
}

std::vector<ListedPair> PositionChecks::passed(const Move& move) const {
  const Json to = Json::parse(move.to.position);
  const Json from = move.from.empty() ? Json() : Json::parse(move.from);
  if (move.to.kind == "classic") {
    const auto begin = from.is_null() ? RefStore::Position{} : classic_place(from);
    return ledger_.listings().between(node_.index(), move.peer, begin, classic_place(to));
  }
  // A feed that is begun anew is begun behind a comparison, which is held to L2.
  if (from.is_null() || from.at("epoch") != to.at("epoch")) return {};
  return ledger_.listings().between(node_.index(), move.peer, to.at("epoch").get<std::string>(),
                                    from.at("rseq").get<std::int64_t>(), to.at("rseq").get<std::int64_t>());
}

/// False when what was listed once was deleted, given a short life or came to its end there before it was fetched.
bool PositionChecks::still_listed(NodeIndex index, const store::PairKey& pair) const {
  const Node& peer = *(*env_.nodes)[static_cast<std::size_t>(index)];
  const auto rows = peer.live();
  const auto row = std::ranges::find_if(
      rows, [&](const LivePair& live) { return live.name == pair.name && crypto::sha256(live.value) == pair.hash; });
  if (row == rows.end() || row->remaining_s < k_slop_ms / 1000) return false;
  // Claims and rotations are not offered past their signed end (3.4, duty 2) by the clock of the node that offers them,
  // which may be ahead of the reader's. Existing nodes list them on.
  if (!peer.ours()) return true;
  return env_.verdicts.judge(row->name, row->value, peer.clock().wall_s()).offer.reason != ErrorCode::record_expired;
}

bool PositionChecks::settled(const Move& move, const ListedPair& pair, const Shadow& shadow) const {
  if (pair.end_ms < env_.events.now_ms() + k_slop_ms) return true;
  if (!record::is_digest_name(pair.name) || pair.name.ends_with('.')) return true;
  // How long a manifest is good is not known from its hash.
  if (pair.name.starts_with("cluster.")) return true;
  store::PairKey key{pair.name, {}};
  std::ranges::copy(*from_hex(pair.hash_hex), key.hash.begin());
  const std::int64_t now_s = node_.clock().wall_s();
  // A position is stored later than it moves: what bound the pair then may be over.
  if (shadow.rows.contains(key) || shadow.lately_bound(key, now_s)) return true;
  const auto quarantined = rows_.quarantined(move.to.peer);
  if (!quarantined || std::ranges::any_of(*quarantined, [&](const store::Quarantine& entry) {
        return entry.name == key.name && entry.value_hash == key.hash;
      })) {
    return true;
  }
  if (!still_listed(move.peer, key)) return true;
  const std::string* value = env_.pool.value_of(pair.hash_hex);
  const auto exp = value == nullptr ? std::nullopt : record::read_signed_exp(*value);
  return exp && std::cmp_less(*exp, now_s + k_slop_ms / 1000);
}

void PositionChecks::after(const Shadow& shadow) const {
  // What was held may have ended at once when the clock was set.
  if (node_.clock().was_set()) return;
  for (const Move& move : moves_) {
    for (const ListedPair& pair : passed(move)) {
      if (settled(move, pair, shadow)) continue;
      env_.violated("S4", fmt::format("{} passes {} ({}...) of {} at {} and does not hold it", node_.id(), pair.name,
                                      pair.hash_hex.substr(0, 8), move.to.peer, move.to.position));
    }
  }
}

}  // namespace dnsmesh::simulation
