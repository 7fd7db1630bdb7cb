// SPDX-License-Identifier: Apache-2.0
// The housekeeping thread: removes expired rows, brings the write-ahead log back into the file, and tells the operator
// of troubles that last, once when they begin and once when they are over.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <string_view>
#include <thread>

#include "base/clock.hpp"
#include "store/record_store.hpp"

namespace dnsmesh::app {

/// Runs from construction until stop() or destruction. `store` must outlive it.
class Housekeeping {
 public:
  Housekeeping(store::RecordStore& store, std::int64_t sweep_interval_ms);
  ~Housekeeping();
  Housekeeping(const Housekeeping&) = delete;
  Housekeeping& operator=(const Housekeeping&) = delete;

  /// Ends the thread after the transaction that it is in. Idempotent.
  void stop();

 private:
  /// A trouble as the log knows it.
  struct Trouble {
    bool is_told = false;
    void note(bool holds, std::string_view begun, std::string_view over);
  };

  void run();
  void sweep();
  void checkpoint();
  void watch_feed();

  store::RecordStore& store_;
  const std::int64_t sweep_interval_ms_;
  std::mutex mutex_;
  std::condition_variable wake_;
  bool stopping_ = false;
  // Only the thread.
  Trouble sweep_failed_;
  Trouble checkpoint_failed_;
  Trouble feed_ahead_;
  std::thread thread_;
};

}  // namespace dnsmesh::app
