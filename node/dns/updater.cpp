// SPDX-License-Identifier: Apache-2.0
#include "dns/updater.hpp"

#include <algorithm>
#include <utility>

#include "base/limits.hpp"

namespace dnsmesh::dns {
namespace {

using Kind = UpdateOperation::Kind;

bool is_over(std::int64_t amount, std::int64_t max) { return max > 0 && amount > max; }

/// Checks 10 and 11 of spec/dns-update.md 2; 12 and the size of the RRset are the store's, in the same commit.
bool is_within(const UpdateOperation& operation, const UpdateLimits& limits) {
  return !is_over(static_cast<std::int64_t>(operation.value.size()), limits.value_bytes_max) &&
         !is_over(operation.ttl_s, limits.ttl_s_max);
}

bool is_ascii(std::string_view text) {
  return std::ranges::none_of(text, [](char c) { return static_cast<unsigned char>(c) > 0x7F; });
}

ValuesAt values_of(const store::RecordStore& store) {
  return [&store](std::string_view name) -> Result<std::vector<std::string>> {
    auto rows = store.values_at(name);
    if (!rows) return std::unexpected(rows.error());
    std::vector<std::string> out;
    for (store::Record& row : *rows) out.push_back(std::move(row.value));
    return out;
  };
}

/// A claim needs no prerequisite, and a stranger's would have us read the store for nothing.
bool is_too_long(const Update& update) {
  const std::size_t prerequisites_max =
      update.signature.is_verified() ? limits::dns_update_prerequisites_max : std::size_t{0};
  return update.parsed->prerequisites.size() > prerequisites_max ||
         update.parsed->updates.size() > limits::dns_update_operations_max;
}

void describe(const Update& update, const Zone& zone, UpdateResult& result) {
  for (const UpdateOperation& operation : update.operations) {
    ++(operation.kind == Kind::add ? result.adds : result.deletes);
    if (operation.kind == Kind::add && !is_ascii(operation.value)) result.has_foreign_text = true;
    if (update.signature.is_verified() || !result.recipient.empty()) continue;
    result.recipient = claim_recipient(operation.owner_wire, zone.apex->wire());
  }
}

store::Operation store_operation(const UpdateOperation& operation, const UpdateLimits& limits) {
  if (operation.kind == Kind::delete_rrset) return store::Delete{.name = operation.owner, .value = std::nullopt};
  if (operation.kind == Kind::delete_value) {
    return store::Delete{
        .name = operation.owner, .value = operation.value, .absent_tombstone_s = limits.absent_tombstone_s};
  }
  return store::Put{.name = operation.owner,
                    .value = operation.value,
                    .ttl_s = operation.life_s,
                    .ttl_rule = operation.may_shorten ? store::TtlRule::last_write_wins : store::TtlRule::never_shorten,
                    .values_per_name_max = limits.values_per_name_max,
                    .offer = operation.offer};
}

}  // namespace

Updater::Updater(const Zone& zone, store::RecordStore& store, store::OfferJudge judge, const Clock& clock,
                 const access::KeyRing& keys, access::Access& access, UpdateRules rules, const UpdateLimits& limits)
    : zone_(zone),
      store_(store),
      judge_(std::move(judge)),
      clock_(clock),
      keys_(keys),
      access_(access),
      known_types_(std::move(rules.known_types)),
      limits_(limits) {
  if (zone.apex) claims_.emplace(rules.claims, zone, clock, std::move(rules.is_registered));
}

Updater::Step Updater::step(Update& update, bool is_quiet) {
  if (update.stage == Update::Stage::arrived) {
    update.stage = Update::Stage::read;
    if (const Rcode rcode = read(update); rcode != Rcode::noerror) return end(update, rcode);
  }
  if (update.stage == Update::Stage::read) {
    if (update.signature.is_verified()) {
      const ReplayLook look = replays_.begin(update.signature.context, clock_.wall_s());
      if (look.seen == ReplaySeen::pending && !is_quiet) return Step::wait;
      if (look.seen != ReplaySeen::fresh) return repeat(update, look);
      update.is_remembered = true;
    }
    update.stage = Update::Stage::judged;
    if (const Rcode rcode = judge(update); rcode != Rcode::noerror) return end(update, rcode);
  }
  const bool reads_the_store = !update.signature.is_verified() || !update.parsed->prerequisites.empty();
  if (reads_the_store && !is_quiet) return Step::wait;
  if (const Rcode rcode = prepare(update); rcode != Rcode::noerror) return end(update, rcode);
  if (update.batch.operations.empty()) return end(update, Rcode::noerror);
  update.result.was_committed = true;
  return Step::commit;
}

void Updater::finish(Update& update, const Result<store::Receipt>& receipt) {
  if (receipt) {
    if (!update.signature.is_verified()) claims_->stored(update.operations, update.evicted);
    end(update, Rcode::noerror);
  } else {
    const bool is_refused = store::classify(receipt.error().code) == store::CommitFailure::refused;
    end(update, is_refused ? Rcode::refused : Rcode::servfail);
  }
}

/// SERVFAIL means "try again", so the same octets must then be as good as new.
Updater::Step Updater::end(Update& update, Rcode rcode) {
  update.result.rcode = rcode;
  if (!std::exchange(update.is_remembered, false)) return Step::answer;
  if (rcode == Rcode::servfail) {
    replays_.forget(update.signature.context);
  } else {
    replays_.finish(update.signature.context, rcode);
  }
  return Step::answer;
}

/// The answer to a request that came before, or may have.
Updater::Step Updater::repeat(Update& update, const ReplayLook& look) {
  if (look.seen == ReplaySeen::unknown) {
    update.signature.state = Signature::State::rejected;
    update.signature.context.error = TsigError::badtime;
    return end(update, Rcode::notauth);
  }
  update.result.is_replay = true;
  return end(update, look.seen == ReplaySeen::answered ? look.rcode : Rcode::servfail);
}

/// What is wrong with the sections is said before what is wrong with the signature, which stands behind them.
Rcode Updater::read(Update& update) const {
  update.parsed = parse_update(update.message);
  update.signature = check_signature(update.message, keys_, clock_.wall_s());
  if (!update.parsed || update.signature.state == Signature::State::malformed) {
    if (!update.signature.is_verified()) update.signature = {};
    return Rcode::formerr;
  }
  return update.signature.is_rejected() ? Rcode::notauth : Rcode::noerror;
}

/// All that needs no look at the store: the zone, the right to do every operation, and only then what strangers need
/// not learn.
Rcode Updater::judge(Update& update) {
  if (const Rcode rcode = check_zone(*update.parsed, zone_); rcode != Rcode::noerror) return rcode;
  auto operations = read_operations(*update.parsed, zone_);
  if (!operations) return operations.error();
  if (is_too_long(update)) return Rcode::refused;
  update.operations = std::move(*operations);
  describe(update, zone_, update.result);
  const Rcode admitted =
      update.signature.is_verified() ? admit_signer(update) : claims_->admit(update.operations, update.client);
  return admitted == Rcode::noerror ? judge_adds(update) : admitted;
}

/// SERVFAIL when the key sent too much lately; REFUSED when it may not do every operation.
Rcode Updater::admit_signer(Update& update) {
  const std::string& key = update.signature.context.key->name;
  if (!access_.allows_key(key, update.operations.size())) return Rcode::servfail;
  for (UpdateOperation& operation : update.operations) {
    const auto kind = operation.kind == Kind::add ? access::Operation::publish : access::Operation::remove;
    const access::Decision decision = access_.decide({.tsig_key = key}, kind, operation.owner);
    if (decision.verdict != access::Verdict::allowed) return Rcode::refused;
    operation.may_shorten = decision.may_shorten_life;
  }
  return Rcode::noerror;
}

Rcode Updater::judge_adds(Update& update) const {
  const UpdateLimits limits = this->limits();
  const std::int64_t now_s = clock_.wall_s();
  for (UpdateOperation& add : update.operations) {
    if (add.kind == Kind::add && !is_within(add, limits)) return Rcode::refused;
  }
  for (UpdateOperation& add : update.operations) {
    if (add.kind != Kind::add) continue;
    add.offer = judge_(add.owner, add.value);
    if (!update.signature.is_verified()) continue;  // a claim, verified already
    if (!is_acceptable(add.owner, add.value, add.offer, now_s, known_types_)) return Rcode::refused;
  }
  return Rcode::noerror;
}

/// What the store must be asked for, and the batch.
Rcode Updater::prepare(Update& update) {
  const Rcode held = check_prerequisites(*update.parsed, zone_, values_of(store_));
  if (held != Rcode::noerror) return held;
  if (!update.signature.is_verified()) {
    auto evicted = claims_->evictions(update.operations, store_);
    if (!evicted) return Rcode::servfail;
    update.evicted = std::move(*evicted);
  }
  const UpdateLimits limits = this->limits();
  for (const store::Delete& gone : update.evicted) update.batch.operations.emplace_back(gone);
  for (const UpdateOperation& operation : update.operations) {
    update.batch.operations.push_back(store_operation(operation, limits));
  }
  // Hundreds wait for the disk at a time, and only claims are counted once they are there.
  if (update.signature.is_verified()) update.operations = {};
  update.parsed.reset();
  return Rcode::noerror;
}

}  // namespace dnsmesh::dns
