// SPDX-License-Identifier: Apache-2.0
// The update thread: it takes the UPDATEs that the dns threads hand over, in their order, and sends their answers when
// they are durable. Many commits are under way at once, so that one fsync serves them all; only an UPDATE that depends
// on what is stored waits for those before it. The threads that read sockets never wait for the store.
#pragma once

#include <array>
#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "base/clock.hpp"
#include "dns/counters.hpp"
#include "dns/engine.hpp"
#include "dns/updater.hpp"
#include "net/update_log.hpp"

namespace dnsmesh::net {

/// An UPDATE and the way back to its sender.
struct UpdateJob {
  std::string message;
  dns::Arrival arrival;
  /// Called once on the update thread; an empty answer means that none is sent.
  std::move_only_function<void(std::string_view answer)> reply;
};

class UpdateWorker {
 public:
  /// Starts the thread. All references outlive it.
  UpdateWorker(dns::Updater& updater, const dns::Engine& engine, const Clock& clock);
  ~UpdateWorker();
  UpdateWorker(const UpdateWorker&) = delete;
  UpdateWorker& operator=(const UpdateWorker&) = delete;

  /// False when limits::dns_updates_waiting_max wait already, or for one without a signature
  /// limits::dns_updates_unsigned_waiting_max of its kind, or when the worker was stopped. Any thread.
  bool take(UpdateJob job);

  /// Answers those that it took, then ends the thread. Before the store and the sockets of the replies close.
  /// Idempotent.
  void stop();

  /// Its answers since the start. Any thread.
  dns::CounterTotals totals(dns::Transport transport) const;
  /// The same for those with and those without a signature.
  dns::CounterTotals totals(bool is_signed) const;

 private:
  struct Task;
  struct Finished;
  void run();
  bool has_next() const;
  bool is_done() const { return is_stopping_ && tasks_.empty() && in_flight_ == 0; }
  void advance(std::unique_ptr<Task> task);
  void commit(std::unique_ptr<Task> task);
  void answer(Task& task);
  void count(const Task& task, bool was_sent);

  dns::Updater& updater_;
  const dns::Engine& engine_;
  const Clock& clock_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<std::unique_ptr<Task>> tasks_;
  std::size_t unsigned_waiting_ = 0;  // of them
  std::vector<Finished> finished_;    // commits that are to be answered
  bool is_stopping_ = false;
  // The thread's own, but for the counters, which any thread reads.
  std::size_t in_flight_ = 0;
  std::size_t operations_in_flight_ = 0;
  bool first_waits_ = false;                              // the first task goes on when nothing is in flight
  std::array<std::array<dns::Counters, 2>, 2> counters_;  // by transport, by signature
  std::vector<char> answer_buffer_;
  UpdateLog log_;
  std::thread thread_;
};

}  // namespace dnsmesh::net
