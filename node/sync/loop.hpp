// SPDX-License-Identifier: Apache-2.0
// The one thread of the sync engine, as a parameter: production runs a loop of its own (net/sync_loop.hpp), the
// simulation a virtual one. What the engine owns is touched by this thread alone, so it needs no locks.
#pragma once

#include <cstdint>
#include <functional>

namespace dnsmesh::sync {

class Loop {
 public:
  using Task = std::move_only_function<void()>;

  virtual ~Loop() = default;

  /// Runs `task` on the loop's thread, after what was posted before it. Any thread. Tasks that still wait when the loop
  /// ends are destroyed without being run.
  virtual void post(Task task) = 0;

  /// Runs `task` on the loop's thread once `ms` (at least 0) of monotonic time have passed. Any thread. There is no way
  /// to take it back: a task holds weakly what may be gone by then.
  virtual void after(std::int64_t ms, Task task) = 0;
};

}  // namespace dnsmesh::sync
