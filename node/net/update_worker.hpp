// SPDX-License-Identifier: Apache-2.0
// The update thread: it takes the UPDATEs that the dns threads hand over, one after another, and sends their answers
// when they are durable. The threads that read sockets never wait for the store.
#pragma once

#include <array>
#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <unordered_map>
#include <vector>

#include "base/clock.hpp"
#include "dns/counters.hpp"
#include "dns/engine.hpp"
#include "dns/updater.hpp"

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
  ~UpdateWorker() { stop(); }
  UpdateWorker(const UpdateWorker&) = delete;
  UpdateWorker& operator=(const UpdateWorker&) = delete;

  /// False when limits::dns_updates_waiting_max wait already or the worker was stopped. Any thread.
  bool take(UpdateJob job);

  /// Answers those that wait, then ends the thread. Before the sockets of the replies close. Idempotent.
  void stop();

  /// Its answers since the start. Any thread.
  dns::CounterTotals totals(dns::Transport transport) const;

 private:
  void run();
  void answer(UpdateJob& job);
  void log(const dns::UpdateResult& result);

  dns::Updater& updater_;
  const dns::Engine& engine_;
  const Clock& clock_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<UpdateJob> jobs_;
  bool is_stopping_ = false;
  // The thread's own, but for the counters, which any thread reads.
  std::array<dns::Counters, 2> counters_;
  std::vector<char> answer_buffer_;
  std::unordered_map<std::string, std::int64_t> logged_ms_;  // by recipient of claims
  bool has_told_of_foreign_text_ = false;
  std::thread thread_;
};

}  // namespace dnsmesh::net
