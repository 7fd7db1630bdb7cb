// SPDX-License-Identifier: Apache-2.0
// A coroutine of the sync engine, so that a pass over a peer reads like the loop of spec/anti-entropy.md 6.3. One
// thread: the loop's. Whoever destroys a Task ends it where it waits, and what it waits for finds nobody (await.hpp).
// g++ 12 mishandles some uses: a coroutine takes plain values or long-lived references, is no lambda, and awaits in a
// statement `auto x = co_await f(...);` of its own, or a local variable.
#pragma once

#include <coroutine>
#include <exception>
#include <optional>
#include <utility>

namespace dnsmesh::sync {

template <class T>
class Task;

namespace task_detail {

/// Goes on with whoever awaits the finished coroutine.
struct FinalAwaiter {
  bool await_ready() const noexcept { return false; }
  template <class Promise>
  std::coroutine_handle<> await_suspend(std::coroutine_handle<Promise> finished) const noexcept {
    const std::coroutine_handle<> waiter = finished.promise().waiter;
    return waiter ? waiter : std::noop_coroutine();
  }
  void await_resume() const noexcept {}
};

struct PromiseBase {
  std::coroutine_handle<> waiter;

  std::suspend_always initial_suspend() const noexcept { return {}; }
  FinalAwaiter final_suspend() const noexcept { return {}; }
  /// The engine's own functions give errors as values; an exception is a fault of ours or the end of memory.
  [[noreturn]] void unhandled_exception() const noexcept { std::terminate(); }
};

template <class T>
struct Promise : PromiseBase {
  std::optional<T> value;

  Task<T> get_return_object();
  void return_value(T returned) { value.emplace(std::move(returned)); }
  T take() { return std::move(*value); }
};

template <>
struct Promise<void> : PromiseBase {
  Task<void> get_return_object();
  void return_void() const noexcept {}
  void take() const noexcept {}
};

}  // namespace task_detail

/// Begins when it is started or awaited, whichever comes first. Awaited at most once.
template <class T = void>
class [[nodiscard]] Task {
 public:
  using promise_type = task_detail::Promise<T>;

  Task() = default;
  explicit Task(std::coroutine_handle<promise_type> handle) : handle_(handle) {}
  Task(Task&& other) noexcept
      : handle_(std::exchange(other.handle_, nullptr)), started_(std::exchange(other.started_, false)) {}
  Task& operator=(Task&& other) noexcept {
    if (this == &other) return *this;
    reset();
    handle_ = std::exchange(other.handle_, nullptr);
    started_ = std::exchange(other.started_, false);
    return *this;
  }
  ~Task() { reset(); }

  /// Runs it until it waits for the first time; it then goes on by itself.
  void start() {
    started_ = true;
    handle_.resume();
  }
  /// There is no coroutine: made so, moved away or reset.
  bool empty() const { return !handle_; }
  bool done() const { return !handle_ || handle_.done(); }
  /// Ends it where it waits. Never from inside the coroutine itself.
  void reset() {
    if (handle_) std::exchange(handle_, nullptr).destroy();
    started_ = false;
  }

  bool await_ready() const noexcept { return handle_.done(); }
  std::coroutine_handle<> await_suspend(std::coroutine_handle<> waiter) noexcept {
    handle_.promise().waiter = waiter;
    if (started_) return std::noop_coroutine();
    started_ = true;
    return handle_;
  }
  T await_resume() { return handle_.promise().take(); }

 private:
  std::coroutine_handle<promise_type> handle_;
  bool started_ = false;
};

template <class T>
Task<T> task_detail::Promise<T>::get_return_object() {
  return Task<T>(std::coroutine_handle<Promise>::from_promise(*this));
}
inline Task<void> task_detail::Promise<void>::get_return_object() {
  return Task<void>(std::coroutine_handle<Promise>::from_promise(*this));
}

}  // namespace dnsmesh::sync
