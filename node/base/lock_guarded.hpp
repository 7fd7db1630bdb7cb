// SPDX-License-Identifier: Apache-2.0
// Data that several threads share is reachable only through its lock.
#pragma once

#include <mutex>
#include <utility>

namespace dnsmesh {

/// Owns a T and its mutex. `with` runs a function on the T while the lock is held and gives back what it returns;
/// do not keep a reference to the T beyond the call.
template <class T>
class LockGuarded {
 public:
  LockGuarded() = default;
  explicit LockGuarded(T value) : value_(std::move(value)) {}

  template <class Function>
  decltype(auto) with(Function&& function) {
    const std::scoped_lock lock(mutex_);
    return std::forward<Function>(function)(value_);
  }
  template <class Function>
  decltype(auto) with(Function&& function) const {
    const std::scoped_lock lock(mutex_);
    return std::forward<Function>(function)(value_);
  }

 private:
  mutable std::mutex mutex_;
  T value_{};
};

}  // namespace dnsmesh
