// SPDX-License-Identifier: Apache-2.0
#include "net/sync_loop.hpp"

#include <algorithm>
#include <future>
#include <utility>

namespace dnsmesh::net {

SyncLoop::SyncLoop(PeerClient& client, const Clock& clock)
    : client_(client), clock_(clock), thread_([this] { run(); }) {}

SyncLoop::~SyncLoop() { stop(); }

bool SyncLoop::is_later(const Timer& a, const Timer& b) {
  return std::pair(a.due_ms, a.order) > std::pair(b.due_ms, b.order);
}

void SyncLoop::post(Task task) {
  {
    const std::scoped_lock lock(mutex_);
    if (has_ended_) return;
    tasks_.push_back(std::move(task));
    if (tasks_.size() > 1) return;  // whoever posted the first has woken the thread
  }
  client_.wake();
}

void SyncLoop::after(std::int64_t ms, Task task) {
  const std::int64_t due_ms = clock_.monotonic_ms() + std::max<std::int64_t>(ms, 0);
  {
    const std::scoped_lock lock(mutex_);
    if (has_ended_) return;
    timers_.push_back({due_ms, timers_set_++, std::move(task)});
    std::ranges::push_heap(timers_, is_later);
  }
  if (std::this_thread::get_id() != thread_.get_id()) client_.wake();
}

void SyncLoop::run_and_wait(Task task) {
  // Destroying the task unrun breaks the promise, and that ends the wait too.
  std::promise<void> done;
  std::future<void> ran = done.get_future();
  post([task = std::move(task), done = std::move(done)]() mutable {
    task();
    done.set_value();
  });
  ran.wait();
}

void SyncLoop::stop(Task last) {
  if (!thread_.joinable()) return;
  post([this, last = std::move(last)]() mutable {
    last();
    is_stopping_ = true;
  });
  thread_.join();
}

std::deque<sync::Loop::Task> SyncLoop::take_due() {
  const std::int64_t now_ms = clock_.monotonic_ms();
  const std::scoped_lock lock(mutex_);
  std::deque<Task> due = std::exchange(tasks_, {});
  while (!timers_.empty() && timers_.front().due_ms <= now_ms) {
    std::ranges::pop_heap(timers_, is_later);
    due.push_back(std::move(timers_.back().task));
    timers_.pop_back();
  }
  return due;
}

std::int64_t SyncLoop::idle_ms() {
  const std::int64_t now_ms = clock_.monotonic_ms();
  const std::scoped_lock lock(mutex_);
  if (!tasks_.empty()) return 0;
  return timers_.empty() ? -1 : std::max<std::int64_t>(timers_.front().due_ms - now_ms, 0);
}

void SyncLoop::run() {
  while (!is_stopping_) {
    client_.turn(idle_ms());
    for (Task& task : take_due()) {
      if (!is_stopping_) task();
    }
  }
  client_.cancel_all();
  // Destroyed here, on the thread that owns what they hold, and outside of the lock: they may post.
  std::deque<Task> tasks;
  std::vector<Timer> timers;
  const std::unique_lock lock(mutex_);
  has_ended_ = true;
  tasks = std::exchange(tasks_, {});
  timers = std::exchange(timers_, {});
}

}  // namespace dnsmesh::net
