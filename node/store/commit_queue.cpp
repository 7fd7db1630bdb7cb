// SPDX-License-Identifier: Apache-2.0
#include "store/commit_queue.hpp"

#include <algorithm>
#include <utility>

#include "base/limits.hpp"

namespace dnsmesh::store {

std::optional<ErrorCode> CommitQueue::put(CommitJob& job) {
  const std::scoped_lock lock(mutex_);
  if (stopped_) return ErrorCode::store_closed;
  if (jobs_.size() >= limits::commit_queue_batches_max) return ErrorCode::store_busy;
  jobs_.push_back(std::move(job));
  if (jobs_.size() >= wanted_) wake_.notify_one();
  return std::nullopt;
}

std::vector<CommitJob> CommitQueue::take(std::optional<std::chrono::milliseconds> idle_max) {
  std::unique_lock lock(mutex_);
  gather(lock);
  const auto ready = [this] { return stopped_ || !jobs_.empty(); };
  if (idle_max) {
    wake_.wait_for(lock, *idle_max, ready);
  } else {
    wake_.wait(lock, ready);
  }
  std::vector<CommitJob> group;
  std::size_t operations = 0;
  while (!jobs_.empty()) {
    operations += jobs_.front().batch.operations.size() + jobs_.front().sweep_rows;
    if (!group.empty() && operations > limits::commit_group_operations_max) break;
    group.push_back(std::move(jobs_.front()));
    jobs_.pop_front();
  }
  last_group_ = group.size();
  return group;
}

/// Publishers who were just answered come back at once or not at all. Without a moment's patience they split into two
/// halves that wait for each other's fsync: measured, half the rows a second. Who comes alone never waits.
void CommitQueue::gather(std::unique_lock<std::mutex>& lock) {
  wanted_ = jobs_.size() + last_group_;
  wake_.wait_for(lock, patience_, [this] { return stopped_ || jobs_.size() >= wanted_; });
  wanted_ = 1;
}

void CommitQueue::note_commit_time(std::chrono::steady_clock::duration duration) {
  const std::scoped_lock lock(mutex_);
  patience_ = std::min<std::chrono::steady_clock::duration>(duration / 4,
                                                            std::chrono::milliseconds(limits::commit_gather_ms_max));
}

void CommitQueue::stop() {
  const std::scoped_lock lock(mutex_);
  stopped_ = true;
  wake_.notify_one();
}

bool CommitQueue::finished() const {
  const std::scoped_lock lock(mutex_);
  return stopped_ && jobs_.empty();
}

}  // namespace dnsmesh::store
