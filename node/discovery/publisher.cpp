// SPDX-License-Identifier: Apache-2.0
#include "discovery/publisher.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/discovery_limits.hpp"
#include "base/hex.hpp"
#include "base/log.hpp"
#include "discovery/heartbeat_text.hpp"
#include "record/heartbeat_record.hpp"
#include "record/offer.hpp"
#include "record/owner_name.hpp"
#include "record/time_rules.hpp"

namespace dnsmesh::discovery {
namespace {

record::HeartbeatRecord heartbeat_of(const Identity& identity, std::int64_t ts_s) {
  record::HeartbeatRecord out;
  out.endpoint = identity.endpoint;
  out.operator_spk = identity.key.public_key();
  out.version = identity.version;
  out.capabilities = identity.provides_claims ? record::k_capability_claim_provider : 0;
  out.claim_provider_zone = identity.zone;
  out.ts = static_cast<std::uint64_t>(ts_s);
  out.exp = static_cast<std::uint64_t>(ts_s + identity.ttl_s);
  return out;
}

store::Delete deletion_of(const std::string& owner, const std::string& value) {
  store::Delete out{owner, value};
  out.leaves_tombstones = false;  // peers refuse the kind
  return out;
}

}  // namespace

NodeName Identity::name() const { return {to_hex(view(key.public_key())), endpoint}; }

Result<void> check_identity(const Identity& identity, std::int64_t now_s) {
  const auto text = record::issue_heartbeat_record(heartbeat_of(identity, now_s), identity.key);
  if (!text) return std::unexpected(text.error());
  return {};
}

Publisher::Publisher(Identity identity, store::RecordStore& store)
    : identity_(std::move(identity)), name_(identity_.name()), store_(store) {
  if (identity_.zone.empty()) return;
  own_.name = record::heartbeat_owner(identity_.zone).value();
  seen_.name = record::seen_owner(identity_.zone).value();
}

Result<void> Publisher::publish_own(std::int64_t now_s) {
  if (identity_.zone.empty()) return {};
  store::Batch batch;
  if (const auto swept = sweep(own_, {}, batch, now_s); !swept) return swept;
  // A clock that was far ahead once must not keep us there.
  const bool counts = last_ts_s_ <= now_s + static_cast<std::int64_t>(record::k_ts_skew_s);
  const std::int64_t ts_s = counts ? std::max(now_s, last_ts_s_ + 1) : now_s;
  auto text = record::issue_heartbeat_record(heartbeat_of(identity_, ts_s), identity_.key);
  if (!text) return std::unexpected(text.error());
  last_ts_s_ = ts_s;
  batch.operations.emplace_back(put(own_, *text, identity_.ttl_s, now_s));
  return replace(own_, {std::move(*text)}, std::move(batch));
}

Result<void> Publisher::publish_seen(std::span<const store::SeenRow> rows, std::int64_t now_s) {
  if (identity_.zone.empty()) return {};
  std::vector<store::SeenRow> fresh;
  for (const store::SeenRow& row : rows) {
    if (fresh.size() == limits::seen_values_published_max) break;
    if (row.exp_s > now_s && NodeName{row.operator_spk_hex, row.endpoint} != name_) fresh.push_back(row);
  }
  store::Batch batch;
  if (const auto swept = sweep(seen_, fresh, batch, now_s); !swept) return swept;
  std::set<std::string> values;
  for (const store::SeenRow& row : fresh) {
    batch.operations.emplace_back(put(seen_, row.wire, std::min(identity_.ttl_s, row.exp_s - now_s), now_s));
    values.insert(row.wire);
  }
  return replace(seen_, std::move(values), std::move(batch));
}

/// The first time, the values at `owner` that an earlier run of this node wrote. They give the last ts signed, too.
Result<void> Publisher::sweep(Owner& owner, const std::vector<store::SeenRow>& fresh, store::Batch& batch,
                              std::int64_t now_s) {
  if (owner.is_swept) return {};
  const auto present = store_.values_at(owner.name);
  if (!present) return std::unexpected(present.error());
  for (const store::Record& record : *present) {
    const auto heartbeat = verify_at_any_age(record.value, now_s);
    if (!heartbeat) continue;
    const NodeName name{to_hex(view(heartbeat->operator_spk)), heartbeat->endpoint};
    const bool is_ours = name == name_;
    if (is_ours && heartbeat->ts < record::k_signed_time_end) {
      last_ts_s_ = std::max(last_ts_s_, static_cast<std::int64_t>(heartbeat->ts));
    }
    const bool is_stale = std::ranges::any_of(fresh, [&](const store::SeenRow& row) {
      return NodeName{row.operator_spk_hex, row.endpoint} == name && row.wire != record.value;
    });
    if (is_ours || is_stale) batch.operations.emplace_back(deletion_of(owner.name, record.value));
  }
  return {};
}

/// Commits what is in `batch` with the removal of what was written last and is not among `values`.
Result<void> Publisher::replace(Owner& owner, std::set<std::string> values, store::Batch batch) {
  const auto swept = static_cast<std::size_t>(std::ranges::count_if(
      batch.operations, [](const auto& operation) { return std::holds_alternative<store::Delete>(operation); }));
  for (const std::string& value : owner.values) {
    if (!values.contains(value)) {
      batch.operations.insert(batch.operations.begin(), deletion_of(owner.name, value));
    }
  }
  if (batch.operations.empty()) {
    owner.is_swept = true;
    return {};
  }
  const auto done = store::commit_and_wait(store_, std::move(batch));
  if (!done) {
    // Whether the new values are there is not known: the next time looks.
    if (store::classify(done.error().code) == store::CommitFailure::unknown) owner.is_swept = false;
    return std::unexpected(done.error());
  }
  if (swept > 0) {
    log::info(log::k_heartbeat, fmt::format("removed {} older values at {}", swept, owner.name));
  }
  owner.values = std::move(values);
  owner.is_swept = true;
  return {};
}

store::Put Publisher::put(const Owner& owner, const std::string& value, std::int64_t ttl_s, std::int64_t now_s) const {
  store::Put out;
  out.name = owner.name;
  out.value = value;
  out.ttl_s = ttl_s;
  out.offer = record::judge_offer(owner.name, value, now_s, std::nullopt);
  return out;
}

}  // namespace dnsmesh::discovery
