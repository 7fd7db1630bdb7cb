// SPDX-License-Identifier: Apache-2.0
// A store for tests of what stands before it: it answers at once and in order, can be told to fail, and remembers what
// it was asked. Values never expire here.
#pragma once

#include <algorithm>
#include <mutex>
#include <optional>
#include <vector>

#include "base/utf8.hpp"
#include "store/record_store.hpp"

namespace dnsmesh::test {

class FakeStore final : public store::RecordStore {
 public:
  /// Every commit fails with this while it is set.
  std::optional<ErrorCode> commit_error;
  /// Reads and counts fail while it is set.
  bool unreadable = false;
  store::Health health_now;
  /// Commits are kept unanswered while it is set; answer_held answers them.
  bool hold = false;

  std::vector<store::Put> puts() const {
    const std::scoped_lock lock(mutex_);
    return puts_;
  }
  std::vector<store::Delete> deletes() const {
    const std::scoped_lock lock(mutex_);
    return deletes_;
  }
  std::size_t held() const {
    const std::scoped_lock lock(mutex_);
    return held_.size();
  }
  void answer_held() {
    std::vector<store::CommitCallback> callbacks;
    {
      const std::scoped_lock lock(mutex_);
      callbacks.swap(held_);
    }
    for (auto& done : callbacks) done(store::Receipt{{store::Outcome::inserted}, 0, 0});
  }

  void commit(store::Batch batch, store::CommitCallback done) override {
    std::unique_lock lock(mutex_);
    if (hold) {
      held_.push_back(std::move(done));
      return;
    }
    Result<store::Receipt> result = commit_error ? fail(*commit_error) : Result<store::Receipt>();
    for (const store::Operation& operation : batch.operations) {
      if (!result) break;
      const auto outcome = std::visit([this](const auto& one) { return apply(one); }, operation);
      if (outcome) {
        result->outcomes.push_back(*outcome);
      } else {
        result = std::unexpected(outcome.error());
      }
    }
    lock.unlock();
    done(std::move(result));
  }

  Result<std::vector<store::Record>> values_at(std::string_view folded_name) const override {
    if (unreadable) return fail(ErrorCode::store_io);
    const std::scoped_lock lock(mutex_);
    std::vector<store::Record> out;
    for (const store::Record& record : records_) {
      if (fold_ascii(record.name) == folded_name) out.push_back(record);
    }
    return out;
  }
  Result<std::int64_t> live_count() const override {
    if (unreadable) return fail(ErrorCode::store_io);
    const std::scoped_lock lock(mutex_);
    return static_cast<std::int64_t>(records_.size());
  }
  store::Health health() const override { return health_now; }

  void set_listener(store::CommitListener) override {}
  Result<std::vector<store::Record>> values_at_exactly(std::string_view name) const override { return values_at(name); }
  Result<std::vector<store::Record>> values_at_names(std::span<const std::string>) const override {
    return std::vector<store::Record>{};
  }
  Result<store::DigestPage> digest(const store::DigestCursor&, std::size_t) override { return store::DigestPage{}; }
  Result<store::ChangePage> changes(std::int64_t, std::size_t) const override { return store::ChangePage{}; }
  Result<std::vector<store::PairState>> states_of(std::span<const store::PairKey> keys) const override {
    return std::vector<store::PairState>(keys.size());
  }
  Result<std::vector<store::Record>> rows_of(std::span<const store::PairKey>) const override {
    return std::vector<store::Record>{};
  }
  Result<std::vector<store::Record>> rows_at(std::span<const std::int64_t>) const override {
    return std::vector<store::Record>{};
  }
  Result<std::vector<store::Record>> rows_under(std::string_view, std::size_t) const override {
    return std::vector<store::Record>{};
  }
  Result<void> for_each(const std::function<void(const store::Record&)>&) const override { return {}; }
  Result<std::optional<std::string>> position(std::string_view, std::string_view) const override {
    return std::nullopt;
  }
  Result<std::vector<store::Quarantine>> quarantined(std::string_view) const override {
    return std::vector<store::Quarantine>{};
  }
  Result<std::optional<store::Tombstone>> tombstone(std::string_view, const crypto::Hash256&) const override {
    return std::nullopt;
  }
  store::Epoch epoch() const override { return {}; }
  Result<store::Swept> sweep_expired(std::size_t) override { return store::Swept{}; }
  Result<void> checkpoint() override { return {}; }
  void close() override {}

 private:
  template <class Other>
  Result<store::Outcome> apply(const Other&) {
    return store::Outcome::applied;
  }
  Result<store::Outcome> apply(const store::Put& put) {
    puts_.push_back(put);
    const auto same = std::ranges::find_if(
        records_, [&](const store::Record& record) { return record.name == put.name && record.value == put.value; });
    const bool present = same != records_.end();
    const auto here = std::ranges::count(records_, put.name, &store::Record::name);
    if (!present && put.values_per_name_max > 0 && here >= put.values_per_name_max) {
      return fail(ErrorCode::store_values_full);
    }
    if (present) records_.erase(same);
    store::Record record;
    record.name = put.name;
    record.value = put.value;
    record.ttl_s = put.ttl_s;
    records_.push_back(std::move(record));
    return present ? store::Outcome::refreshed : store::Outcome::inserted;
  }
  Result<store::Outcome> apply(const store::Delete& wanted) {
    deletes_.push_back(wanted);
    const auto gone = std::erase_if(records_, [&](const store::Record& record) {
      return fold_ascii(record.name) == wanted.name && (!wanted.value || record.value == *wanted.value);
    });
    return gone > 0 ? store::Outcome::removed : store::Outcome::absent;
  }

  mutable std::mutex mutex_;
  std::vector<store::Record> records_;
  std::vector<store::Put> puts_;
  std::vector<store::Delete> deletes_;
  std::vector<store::CommitCallback> held_;
};

}  // namespace dnsmesh::test
