// SPDX-License-Identifier: Apache-2.0
// The writer thread: takes all batches that wait, applies them in one transaction, and answers each after one fsync.
#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "base/clock.hpp"
#include "base/lock_guarded.hpp"
#include "store/apply.hpp"
#include "store/commit_queue.hpp"
#include "store/feed_clock.hpp"
#include "store/record_store.hpp"
#include "store/sqlite.hpp"
#include "store/sqlite_target.hpp"

namespace dnsmesh::store {

/// Owns the write connection. Public functions: any thread.
class SqliteWriter {
 public:
  /// Starts the thread. `feed` and `clock` must outlive it.
  SqliteWriter(std::string path, int busy_timeout_ms, int retry_ms, LockGuarded<FeedClock>& feed, const Clock& clock);
  ~SqliteWriter() { stop(); }
  SqliteWriter(const SqliteWriter&) = delete;
  SqliteWriter& operator=(const SqliteWriter&) = delete;

  /// Before the first commit.
  void set_listener(CommitListener listener) { listener_ = std::move(listener); }
  void commit(Batch batch, CommitCallback done);
  /// Its receipt is for swept_of().
  void sweep(std::size_t rows_max, CommitCallback done);
  bool writable() const { return writable_; }

  /// Ends after what waits is committed.
  void stop();

 private:
  void enqueue(CommitJob job);
  void run();
  void commit_group(std::vector<CommitJob>& group);
  Result<std::vector<Change>> write_group(std::vector<CommitJob>& group);
  bool apply(CommitJob& job, CommitStamp& stamp, std::vector<Change>& changes);
  Result<void> end_transaction(bool changed, const CommitStamp& stamp);
  Result<void> connect();
  std::optional<Error> prepare();
  void disconnect();
  void probe();
  Error note_failure(const sqlite::Failure& failure, bool while_committing);
  void note_unwritable(const Error& error);
  void note_success();

  const std::string path_;
  const int busy_timeout_ms_;
  const int retry_ms_;
  LockGuarded<FeedClock>& feed_;
  const Clock& clock_;
  CommitListener listener_;
  std::atomic<bool> writable_{true};

  // Only the thread: none after a failure, until connect() gets through.
  std::unique_ptr<sqlite::Connection> connection_;
  std::unique_ptr<SqliteTarget> target_;
  bool sync_failed_ = false;
  std::chrono::steady_clock::time_point probe_at_{};  // while not writable
  bool outage_logged_ = false;
  std::optional<std::int64_t> outage_logged_ms_;  // the last one, monotonic

  CommitQueue queue_;
  std::mutex join_mutex_;
  std::thread thread_;
};

}  // namespace dnsmesh::store
