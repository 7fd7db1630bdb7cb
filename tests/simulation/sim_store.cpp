// SPDX-License-Identifier: Apache-2.0
#include "sim_store.hpp"

#include <algorithm>
#include <tuple>
#include <utility>

#include "base/hex.hpp"
#include "base/utf8.hpp"
#include "import_checks.hpp"
#include "store/memory_store.hpp"

namespace dnsmesh::simulation {
namespace {

using store::Record;

constexpr std::int64_t k_write_ms_max = 12;
constexpr std::int64_t k_slow_write_ms_max = 400;
constexpr std::int64_t k_tombstone_slack_s = 60;  // spec/anti-entropy.md 15.6

}  // namespace

SimStore::SimStore(Env& env, const Node& node, const Ledger& ledger, Disk disk, StoreOptions options)
    : env_(env),
      node_(node),
      ledger_(ledger),
      options_(options),
      rows_(std::move(disk.rows)),
      shadow_(std::move(disk.shadow)) {
  rows_->set_listener([this](std::span<const store::Change> changes) { follow(changes); });
}

SimStore::~SimStore() = default;

void SimStore::crash() {
  *alive_ = false;
  listener_ = nullptr;
  const std::size_t reached = waiting_.empty() || disk_full_ ? 0 : env_.dice.index(waiting_.size() + 1);
  for (std::size_t i = 0; i < reached; ++i) {
    apply({std::move(waiting_[i].batch), [](const Result<store::Receipt>&) {}, waiting_[i].of_user});
  }
  waiting_.clear();
}

Disk SimStore::copy() const { return {store::reopened(*rows_, node_.clock(), env_.dice.random()), shadow_}; }

void SimStore::commit(store::Batch batch, store::CommitCallback done) {
  enqueue({std::move(batch), std::move(done), false});
}

void SimStore::commit_of_user(store::Batch batch) {
  enqueue({std::move(batch), [](const Result<store::Receipt>&) {}, true});
}

void SimStore::enqueue(Job job) {
  if (!*alive_) return;
  waiting_.push_back(std::move(job));
  const std::int64_t ms = env_.dice.between(1, env_.dice.chance(0.02) ? k_slow_write_ms_max : k_write_ms_max);
  busy_until_ms_ = std::max(busy_until_ms_, env_.events.now_ms()) + (env_.dice.chance(0.5) ? 0 : ms);
  env_.events.after(std::max<std::int64_t>(1, busy_until_ms_ - env_.events.now_ms()), [this, alive = alive_] {
    if (*alive) write_next();
  });
}

void SimStore::write_next() {
  Job job = std::move(waiting_.front());
  waiting_.pop_front();
  if (disk_full_) return job.done(fail(ErrorCode::store_disk_full));
  apply(std::move(job));
}

void SimStore::apply(Job job) {
  if (job.of_user) return apply_of_user(std::move(job));
  ImportChecks checks(env_, node_, ledger_, options_.peer_tombstones, options_.ttl_s_max);
  checks.before(job.batch, shadow_);
  const store::Batch batch = job.batch;
  Result<store::Receipt> receipt;
  rows_->commit(std::move(job.batch), [&receipt](Result<store::Receipt> given) { receipt = std::move(given); });
  if (receipt) {
    checks.after(batch, shadow_);
    for (const store::Operation& operation : batch.operations) {
      const auto* said = std::get_if<store::Tombstone>(&operation);
      if (said != nullptr) shadow_.peer_buries(*said, node_.clock().wall_s());
    }
  }
  job.done(std::move(receipt));
}

void SimStore::apply_of_user(Job job) {
  const auto floors = shadow_.floors;
  const std::int64_t now_s = node_.clock().wall_s();
  const std::vector<Ended> ended = ends_of(job.batch, now_s);
  for (const store::Operation& operation : job.batch.operations) {
    if (const auto* put = std::get_if<store::Put>(&operation)) shadow_.user_publishes(*put, now_s);
    if (const auto* deletion = std::get_if<store::Delete>(&operation)) shadow_.user_deletes(*deletion, now_s);
  }
  rows_->commit(std::move(job.batch), [&](const Result<store::Receipt>& receipt) {
    if (!receipt) shadow_.floors = floors;  // refused: a cap
    for (const Ended& end : ended) {
      if (!receipt) break;
      const std::int64_t end_ms = env_.events.now_ms() + end.at_s * 1000 - node_.clock().wall_ms();
      end.deleted ? env_.users.deleted(end.pair, end_ms) : env_.users.published(end.pair, end_ms);
    }
  });
}

/// What a batch of users says of pairs: when the life or the tombstone that it gives them ends.
std::vector<SimStore::Ended> SimStore::ends_of(const store::Batch& batch, std::int64_t now_s) const {
  std::vector<Ended> out;
  for (const store::Operation& operation : batch.operations) {
    if (const auto* put = std::get_if<store::Put>(&operation)) {
      out.push_back({{put->name, put->value}, now_s + put->ttl_s, false});
    }
    const auto* deletion = std::get_if<store::Delete>(&operation);
    for (const auto& [pair, row] : shadow_.rows) {
      if (deletion == nullptr || fold_ascii(pair.name) != fold_ascii(deletion->name)) continue;
      if (row.expires_s <= now_s || (deletion->value && *deletion->value != row.value)) continue;
      out.push_back({{pair.name, row.value}, row.expires_s + k_tombstone_slack_s, true});
    }
  }
  return out;
}

void SimStore::follow(std::span<const store::Change> changes) {
  if (!shadow_.follow(changes, node_.clock().wall_ms())) {
    env_.violated("S12", node_.id() + ": the numbers of changes do not rise");
  }
  if (listener_) listener_(changes);
}

Result<store::DigestPage> SimStore::digest(const store::DigestCursor& after, std::size_t limit) {
  return options_.open_millisecond ? digest_of_open_millisecond(after, limit) : rows_->digest(after, limit);
}

Result<store::DigestPage> SimStore::digest_of_open_millisecond(const store::DigestCursor& after,
                                                               std::size_t limit) const {
  std::vector<Record> found;
  const std::int64_t now_s = node_.clock().wall_s();
  const auto place = [](const Record& row) {
    return std::tuple(row.stored_ms, row.name, to_hex(view(row.value_hash)));
  };
  const auto read = rows_->for_each([&](const Record& row) {
    if (row.expires_s <= now_s || !row.offer.allowed_at(now_s)) return;
    Record listed = row;
    listed.value.clear();
    listed.stored_ms = shadow_.rows.at({row.name, row.value_hash}).stamp_ms;
    if (place(listed) > std::tuple(after.stored_ms, after.name, after.hash)) found.push_back(std::move(listed));
  });
  if (!read) return std::unexpected(read.error());
  std::ranges::sort(found, {}, place);
  const bool has_more = found.size() > limit;
  if (has_more) found.resize(limit);
  return store::DigestPage{.records = std::move(found), .has_more = has_more};
}

Result<std::vector<Record>> SimStore::values_at(std::string_view folded_name) const {
  return rows_->values_at(folded_name);
}
Result<std::vector<Record>> SimStore::values_at_exactly(std::string_view name) const {
  return rows_->values_at_exactly(name);
}
Result<std::vector<Record>> SimStore::values_at_names(std::span<const std::string> names) const {
  return rows_->values_at_names(names);
}
Result<store::ChangePage> SimStore::changes(std::int64_t after_rseq, std::size_t limit) const {
  return rows_->changes(after_rseq, limit);
}
Result<std::vector<store::PairState>> SimStore::states_of(std::span<const store::PairKey> keys) const {
  return rows_->states_of(keys);
}
Result<std::vector<Record>> SimStore::rows_of(std::span<const store::PairKey> keys) const {
  return rows_->rows_of(keys);
}
Result<std::vector<Record>> SimStore::rows_at(std::span<const std::int64_t> rseqs) const {
  return rows_->rows_at(rseqs);
}
Result<std::vector<Record>> SimStore::rows_under(std::string_view name_prefix, std::size_t rows_max) const {
  return rows_->rows_under(name_prefix, rows_max);
}
Result<void> SimStore::for_each(const std::function<void(const Record&)>& visit) const {
  return rows_->for_each(visit);
}
Result<std::int64_t> SimStore::live_count() const { return rows_->live_count(); }
Result<std::optional<std::string>> SimStore::position(std::string_view peer, std::string_view kind) const {
  return rows_->position(peer, kind);
}
Result<std::vector<store::Quarantine>> SimStore::quarantined(std::string_view peer) const {
  return rows_->quarantined(peer);
}
Result<std::optional<store::Tombstone>> SimStore::tombstone(std::string_view name, const crypto::Hash256& hash) const {
  return rows_->tombstone(name, hash);
}
store::Epoch SimStore::epoch() const { return rows_->epoch(); }
Result<store::Swept> SimStore::sweep_expired(std::size_t rows_max) {
  shadow_.sweep(node_.clock().wall_s());
  return rows_->sweep_expired(rows_max);
}
store::Health SimStore::health() const { return rows_->health(); }

}  // namespace dnsmesh::simulation
