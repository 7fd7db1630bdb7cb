// SPDX-License-Identifier: Apache-2.0
// The housekeeping thread: removes expired rows, brings the write-ahead log back into the file, and tells the operator
// of troubles that last, once when they begin and once when they are over.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <string_view>
#include <thread>

#include "base/clock.hpp"
#include "base/error.hpp"
#include "store/record_store.hpp"

namespace dnsmesh::app {

/// What housekeeping asks of the cluster; called on its thread until stop() has returned.
struct HousekeepingQuestions {
  /// Our clock is hours off what the peers say: what looks expired may not be, and nothing is removed
  /// (spec/anti-entropy.md 16, F36).
  std::function<bool()> clock_is_wrong = [] { return false; };
  /// Whether the set that peers compare with still agrees with the store; asked once a week (15.4).
  std::function<Result<bool>()> pairs_agree = [] { return true; };
};

/// Runs from construction until stop() or destruction. `store` must outlive it.
class Housekeeping {
 public:
  Housekeeping(store::RecordStore& store, std::int64_t sweep_interval_ms, HousekeepingQuestions questions = {});
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
  void compare_pairs();

  store::RecordStore& store_;
  const std::int64_t sweep_interval_ms_;
  const HousekeepingQuestions questions_;
  std::mutex mutex_;
  std::condition_variable wake_;
  bool stopping_ = false;
  // Only the thread.
  Trouble sweep_failed_;
  Trouble checkpoint_failed_;
  Trouble feed_ahead_;
  Trouble clock_wrong_;
  Trouble pairs_differ_;
  std::thread thread_;
};

}  // namespace dnsmesh::app
