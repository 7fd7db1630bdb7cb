// SPDX-License-Identifier: Apache-2.0
// The housekeeping thread: removes expired rows and brings the write-ahead log back into the file.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <mutex>
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
  void run();
  void sweep();

  store::RecordStore& store_;
  const std::int64_t sweep_interval_ms_;
  std::mutex mutex_;
  std::condition_variable wake_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace dnsmesh::app
