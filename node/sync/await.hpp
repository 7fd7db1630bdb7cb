// SPDX-License-Identifier: Apache-2.0
// What a coroutine of the engine can wait for: one callback of the transport, the store, the verifier or the loop. The
// callback holds the waiting coroutine weakly, so a session may be destroyed at any await.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "store/record_store.hpp"
#include "sync/loop.hpp"
#include "sync/task.hpp"
#include "sync/transport.hpp"
#include "sync/verifier.hpp"

namespace dnsmesh::sync {

/// One value that comes later. Lives in the frame of the coroutine that awaits it, by name: `co_await completion`.
template <class T>
class Completion {
 public:
  /// A function that gives the value; on the loop's thread. Only the first call counts, and none once *this is gone.
  auto resolver() const {
    return [weak = std::weak_ptr<State>(state_)](T value) {
      const std::shared_ptr<State> state = weak.lock();
      if (!state || state->value) return;
      state->value.emplace(std::move(value));
      if (state->waiter) std::exchange(state->waiter, nullptr).resume();
    };
  }

  bool await_ready() const noexcept { return state_->value.has_value(); }
  void await_suspend(std::coroutine_handle<> waiter) noexcept { state_->waiter = waiter; }
  T await_resume() { return std::move(*state_->value); }

 private:
  struct State {
    std::optional<T> value;
    std::coroutine_handle<> waiter;
  };
  std::shared_ptr<State> state_ = std::make_shared<State>();
};

/// A sleep that can be ended early.
class Waker {
 public:
  explicit Waker(Loop& loop) : loop_(loop) {}

  /// Ends the sleep in progress, or the next one before it begins. The sleeper goes on in a task of its own.
  void wake();
  /// Waits `ms`, or until wake().
  Task<> sleep(std::int64_t ms);

 private:
  Loop& loop_;
  bool woken_ = false;
  std::move_only_function<void()> resolve_;
};

Task<> sleep_for(Loop& loop, std::int64_t ms);
Task<Result<PeerAnswer>> call_peer(Transport& transport, PeerRequest request);
/// The callback comes on the store's thread and is posted to the loop, which must outlive the store's last commit.
Task<Result<store::Receipt>> commit_batch(store::RecordStore& store, Loop& loop, store::Batch batch);
Task<std::vector<Verdict>> check_records(Verifier& verifier, std::vector<Candidate> candidates, std::int64_t now_s);

}  // namespace dnsmesh::sync
