// SPDX-License-Identifier: Apache-2.0
// The sync engine's loop without a thread: what is posted runs when the test says so, and time passes when the test
// says so, from one due task to the next.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <utility>

#include "base/clock.hpp"
#include "sync/loop.hpp"

namespace dnsmesh::test {

class ManualLoop final : public sync::Loop {
 public:
  /// `clock` must outlive it and is moved by advance_ms alone.
  explicit ManualLoop(ManualClock& clock) : clock_(clock) {}

  void post(Task task) override {
    const std::scoped_lock lock(mutex_);
    posted_.push_back(std::move(task));
  }
  void after(std::int64_t ms, Task task) override {
    const std::scoped_lock lock(mutex_);
    timers_.emplace(clock_.monotonic_ms() + ms, std::move(task));  // equal times keep their order
  }

  /// Runs what is posted or due, and what that posts, until nothing is left to do now. Throws when that has no end.
  void run_until_idle() {
    constexpr int k_tasks_max = 10000000;
    int tasks = 0;
    while (auto task = next()) {
      if (++tasks > k_tasks_max) throw std::runtime_error("the loop spins");
      (*task)();
    }
  }

  /// Lets `ms` pass: every task runs at its own time.
  void advance_ms(std::int64_t ms) {
    const std::int64_t end_ms = clock_.monotonic_ms() + ms;
    run_until_idle();
    for (auto due_ms = next_due_ms(); due_ms && *due_ms <= end_ms; due_ms = next_due_ms()) {
      clock_.advance_ms(*due_ms - clock_.monotonic_ms());
      run_until_idle();
    }
    clock_.advance_ms(end_ms - clock_.monotonic_ms());
  }

  /// Monotonic time of the next task that waits for its time.
  std::optional<std::int64_t> next_due_ms() const {
    const std::scoped_lock lock(mutex_);
    return timers_.empty() ? std::nullopt : std::optional(timers_.begin()->first);
  }

 private:
  std::optional<Task> next() {
    const std::scoped_lock lock(mutex_);
    std::optional<Task> task;
    if (!posted_.empty()) {
      task = std::move(posted_.front());
      posted_.pop_front();
    } else if (!timers_.empty() && timers_.begin()->first <= clock_.monotonic_ms()) {
      task = std::move(timers_.begin()->second);
      timers_.erase(timers_.begin());
    }
    return task;
  }

  ManualClock& clock_;
  mutable std::mutex mutex_;
  std::deque<Task> posted_;
  std::multimap<std::int64_t, Task> timers_;
};

}  // namespace dnsmesh::test
