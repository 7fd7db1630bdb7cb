// SPDX-License-Identifier: Apache-2.0
// A store whose commits are made when the test says so, by a thread of its own as the real one's are.
#pragma once

#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <thread>
#include <utility>

#include "store/memory_store.hpp"

namespace dnsmesh::test {

class HeldStore : public store::RecordStore {
 public:
  explicit HeldStore(std::unique_ptr<store::RecordStore> inner)
      : inner_(std::move(inner)), thread_([this] { run(); }) {}
  ~HeldStore() override {
    {
      const std::scoped_lock lock(mutex_);
      is_over_ = true;
    }
    wake_.notify_all();
    thread_.join();
  }

  /// Commits wait from now on, or go through.
  void hold(bool held) {
    {
      const std::scoped_lock lock(mutex_);
      is_held_ = held;
    }
    wake_.notify_all();
  }
  /// Waits until so many commits wait.
  void wait_for(std::size_t count) {
    std::unique_lock lock(mutex_);
    wake_.wait(lock, [&] { return jobs_.size() >= count; });
  }
  std::size_t waiting() const {
    const std::scoped_lock lock(mutex_);
    return jobs_.size();
  }

  void commit(store::Batch batch, store::CommitCallback done) override {
    {
      const std::scoped_lock lock(mutex_);
      jobs_.emplace_back(std::move(batch), std::move(done));
    }
    wake_.notify_all();
  }

  void set_listener(store::CommitListener listener) override { inner_->set_listener(std::move(listener)); }
  Result<std::vector<store::Record>> values_at(std::string_view name) const override { return inner_->values_at(name); }
  Result<std::vector<store::Record>> values_at_exactly(std::string_view name) const override {
    return inner_->values_at_exactly(name);
  }
  Result<std::vector<store::Record>> values_at_names(std::span<const std::string> names) const override {
    return inner_->values_at_names(names);
  }
  Result<store::DigestPage> digest(const store::DigestCursor& after, std::size_t limit) override {
    return inner_->digest(after, limit);
  }
  Result<store::ChangePage> changes(std::int64_t after, std::size_t limit) const override {
    return inner_->changes(after, limit);
  }
  Result<std::vector<store::PairState>> states_of(std::span<const store::PairKey> keys) const override {
    return inner_->states_of(keys);
  }
  Result<std::vector<store::Record>> rows_of(std::span<const store::PairKey> keys) const override {
    return inner_->rows_of(keys);
  }
  Result<std::vector<store::Record>> rows_at(std::span<const std::int64_t> rseqs) const override {
    return inner_->rows_at(rseqs);
  }
  Result<std::vector<store::Record>> rows_under(std::string_view prefix, std::size_t rows_max) const override {
    return inner_->rows_under(prefix, rows_max);
  }
  Result<void> for_each(const std::function<void(const store::Record&)>& visit) const override {
    return inner_->for_each(visit);
  }
  Result<std::int64_t> live_count() const override { return inner_->live_count(); }
  Result<std::optional<std::string>> position(std::string_view peer, std::string_view kind) const override {
    return inner_->position(peer, kind);
  }
  Result<std::vector<store::Quarantine>> quarantined(std::string_view peer) const override {
    return inner_->quarantined(peer);
  }
  Result<std::optional<store::Tombstone>> tombstone(std::string_view name, const crypto::Hash256& hash) const override {
    return inner_->tombstone(name, hash);
  }
  store::Epoch epoch() const override { return inner_->epoch(); }
  Result<store::Swept> sweep_expired(std::size_t rows_max) override { return inner_->sweep_expired(rows_max); }
  Result<void> checkpoint() override { return inner_->checkpoint(); }
  store::Health health() const override { return inner_->health(); }
  void close() override { inner_->close(); }

 private:
  void run() {
    std::unique_lock lock(mutex_);
    while (true) {
      wake_.wait(lock, [&] { return is_over_ || (!is_held_ && !jobs_.empty()); });
      if (jobs_.empty()) return;
      auto [batch, done] = std::move(jobs_.front());
      jobs_.pop_front();
      lock.unlock();
      inner_->commit(std::move(batch), std::move(done));
      lock.lock();
    }
  }

  std::unique_ptr<store::RecordStore> inner_;
  mutable std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<std::pair<store::Batch, store::CommitCallback>> jobs_;
  bool is_held_ = false;
  bool is_over_ = false;
  std::thread thread_;
};

}  // namespace dnsmesh::test
