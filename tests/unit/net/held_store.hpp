// SPDX-License-Identifier: Apache-2.0
// A store whose commits are made when the test says so, by a thread of its own as the real one's are.
#pragma once

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <thread>
#include <utility>

#include "../store/forwarding_store.hpp"
#include "store/memory_store.hpp"

namespace dnsmesh::test {

class HeldStore final : public ForwardingStore {
 public:
  explicit HeldStore(std::unique_ptr<store::RecordStore> inner)
      : ForwardingStore(std::move(inner)), thread_([this] { run(); }) {}
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

  /// The most commits that waited at a time so far.
  std::size_t most_waiting() const {
    const std::scoped_lock lock(mutex_);
    return most_;
  }

  void commit(store::Batch batch, store::CommitCallback done) override {
    {
      const std::scoped_lock lock(mutex_);
      jobs_.emplace_back(std::move(batch), std::move(done));
      most_ = std::max(most_, jobs_.size());
    }
    wake_.notify_all();
  }

 private:
  void run() {
    std::unique_lock lock(mutex_);
    while (true) {
      wake_.wait(lock, [&] { return is_over_ || (!is_held_ && !jobs_.empty()); });
      if (jobs_.empty()) return;
      auto [batch, done] = std::move(jobs_.front());
      jobs_.pop_front();
      lock.unlock();
      inner().commit(std::move(batch), std::move(done));
      lock.lock();
    }
  }

  mutable std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<std::pair<store::Batch, store::CommitCallback>> jobs_;
  std::size_t most_ = 0;
  bool is_held_ = false;
  bool is_over_ = false;
  std::thread thread_;
};

}  // namespace dnsmesh::test
