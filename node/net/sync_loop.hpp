// SPDX-License-Identifier: Apache-2.0
// The sync thread: runs the tasks of the sync engine and, between them, its calls to peers.
#pragma once

#include <cstdint>
#include <deque>
#include <mutex>
#include <thread>
#include <vector>

#include "base/clock.hpp"
#include "net/peer_client.hpp"
#include "sync/loop.hpp"

namespace dnsmesh::net {

/// The thread runs from construction until stop() or destruction. post() and after() may be called from any thread at
/// any time, also when it has ended: then the task is destroyed at once.
class SyncLoop final : public sync::Loop {
 public:
  /// The loop's thread is the one that drives `client`. Both must outlive it.
  SyncLoop(PeerClient& client, const Clock& clock);
  ~SyncLoop() override;

  void post(Task task) override;
  void after(std::int64_t ms, Task task) override;

  /// Runs `task` on the loop's thread and waits for it. Not on the loop's thread. Does nothing once the loop has ended.
  void run_and_wait(Task task);

  /// Runs what was posted, then `last`, then ends every call in flight and the thread; waits for it. Tasks that are not
  /// due are destroyed. Idempotent; not on the loop's thread.
  void stop(Task last = [] {});

 private:
  struct Timer {
    std::int64_t due_ms;
    std::uint64_t order;  // of two that are due at once, the one that was set first
    Task task;
  };
  static bool is_later(const Timer& a, const Timer& b);

  void run();
  /// What may run now, in order.
  std::deque<Task> take_due();
  /// Until something is due; -1: nothing is.
  std::int64_t idle_ms();

  PeerClient& client_;
  const Clock& clock_;
  std::mutex mutex_;
  std::deque<Task> tasks_;
  std::vector<Timer> timers_;  // a heap, the earliest first
  std::uint64_t timers_set_ = 0;
  bool has_ended_ = false;
  bool is_stopping_ = false;  // only the loop's thread
  std::thread thread_;
};

}  // namespace dnsmesh::net
