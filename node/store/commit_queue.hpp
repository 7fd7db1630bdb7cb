// SPDX-License-Identifier: Apache-2.0
// The batches that wait for the writer, and how many of them go into one transaction.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <mutex>
#include <optional>
#include <vector>

#include "store/batch.hpp"

namespace dnsmesh::store {

/// A batch or, with `sweep_rows`, a sweep that waits; `result` is what `done` will be told.
struct CommitJob {
  Batch batch{};
  std::size_t sweep_rows = 0;
  CommitCallback done{};
  Result<Receipt> result{};
};

/// Bounded, first in, first out. put() and stop(): any thread; the others: the writer.
class CommitQueue {
 public:
  /// Takes the job, or leaves it and says why not: store_busy, store_closed.
  std::optional<ErrorCode> put(CommitJob& job);

  /// Waits for jobs and gives as many as one transaction may hold. None when the queue was stopped and is empty, and
  /// none after `idle_max` without a job.
  std::vector<CommitJob> take(std::optional<std::chrono::milliseconds> idle_max);

  /// How long the last group took, most of it the fsync.
  void note_commit_time(std::chrono::steady_clock::duration duration);

  /// Later jobs are not taken.
  void stop();
  /// Stopped and empty.
  bool finished() const;

 private:
  void gather(std::unique_lock<std::mutex>& lock);

  mutable std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<CommitJob> jobs_;
  bool stopped_ = false;
  std::size_t wanted_ = 1;  // the writer sleeps until there are so many
  std::size_t last_group_ = 0;
  std::chrono::steady_clock::duration patience_{};
};

}  // namespace dnsmesh::store
