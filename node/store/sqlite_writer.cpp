// SPDX-License-Identifier: Apache-2.0
#include "store/sqlite_writer.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cassert>
#include <chrono>
#include <iterator>
#include <utility>

#include "base/log.hpp"

namespace dnsmesh::store {
namespace {

/// A row that nobody reads, written and removed in two commits. It differs each time: what stays the same, SQLite does
/// not write.
const std::array k_probe = {
    fmt::format("INSERT OR REPLACE INTO sync_positions VALUES ('', 'probe', hex(randomblob({})))",
                limits::store_probe_bytes / 2),
    std::string("DELETE FROM sync_positions WHERE peer = '' AND kind = 'probe'"),
};

}  // namespace

SqliteWriter::SqliteWriter(std::string path, int busy_timeout_ms, int retry_ms, LockGuarded<FeedClock>& feed,
                           const Clock& clock)
    : path_(std::move(path)), busy_timeout_ms_(busy_timeout_ms), retry_ms_(retry_ms), feed_(feed), clock_(clock) {
  thread_ = std::thread([this] { run(); });
}

void SqliteWriter::commit(Batch batch, CommitCallback done) {
  assert(batch.operations.size() <= limits::batch_operations_max);
  enqueue({.batch = std::move(batch), .done = std::move(done)});
}

void SqliteWriter::sweep(std::size_t rows_max, CommitCallback done) {
  enqueue({.sweep_rows = rows_max, .done = std::move(done)});
}

void SqliteWriter::enqueue(CommitJob job) {
  if (const auto refusal = queue_.put(job)) job.done(fail(*refusal));
}

void SqliteWriter::stop() {
  queue_.stop();
  const std::scoped_lock joining(join_mutex_);
  if (thread_.joinable()) thread_.join();
}

void SqliteWriter::run() {
  using std::chrono::steady_clock;
  while (!queue_.finished()) {
    std::optional<std::chrono::milliseconds> idle_max;
    if (!writable_) idle_max = std::chrono::ceil<std::chrono::milliseconds>(probe_at_ - steady_clock::now());
    std::vector<CommitJob> group = queue_.take(idle_max);
    if (!group.empty()) commit_group(group);
    if (!writable_ && steady_clock::now() >= probe_at_) probe();
  }
  disconnect();
}

void SqliteWriter::commit_group(std::vector<CommitJob>& group) {
  const auto start = std::chrono::steady_clock::now();
  const Result<std::vector<Change>> changes = write_group(group);
  queue_.note_commit_time(std::chrono::steady_clock::now() - start);
  if (!changes) {
    // What was refused was judged beside batches that are gone too, so it shares their failure.
    for (CommitJob& job : group) job.result = std::unexpected(changes.error());
  } else if (!changes->empty() && listener_) {
    listener_(*changes);
  }
  for (CommitJob& job : group) job.done(std::move(job.result));
}

Result<std::vector<Change>> SqliteWriter::write_group(std::vector<CommitJob>& group) {
  if (!connection_) {
    if (auto connected = connect(); !connected) return std::unexpected(std::move(connected.error()));
  }
  CommitStamp stamp = feed_.with([this](FeedClock& feed) { return feed.begin(clock_.wall_ms()); });
  std::vector<Change> changes;
  bool changed = false;
  connection_->execute("BEGIN IMMEDIATE");
  for (CommitJob& job : group) changed |= apply(job, stamp, changes);
  const Result<void> ended = end_transaction(changed, stamp);
  feed_.with([&](FeedClock& feed) { changed&& ended ? feed.finish(stamp.rseq) : feed.abandon(); });
  if (!ended) return std::unexpected(ended.error());
  if (changed) note_success();
  return changes;
}

/// Applies one batch; a refused one leaves nothing and does not disturb its neighbours. True when something was
/// written.
bool SqliteWriter::apply(CommitJob& job, CommitStamp& stamp, std::vector<Change>& changes) {
  if (connection_->failure()) return false;
  const std::int64_t changes_before = connection_->total_changes();
  const auto take = [&](Applied applied) {
    job.result = std::move(applied.receipt);
    std::ranges::move(applied.changes, std::back_inserter(changes));
    return connection_->total_changes() != changes_before;
  };
  if (job.sweep_rows > 0) return take(apply_sweep(job.sweep_rows, *target_, stamp));

  // A single operation is refused before it writes anything.
  const bool guarded = job.batch.operations.size() > 1;
  if (guarded) connection_->execute("SAVEPOINT batch");
  Result<Applied> applied = apply_batch(job.batch, *target_, stamp);
  if (!applied && guarded) connection_->execute("ROLLBACK TO batch");
  if (guarded) connection_->execute("RELEASE batch");
  if (applied) return take(*std::move(applied));
  job.result = std::unexpected(std::move(applied.error()));
  return false;
}

Result<void> SqliteWriter::end_transaction(bool changed, const CommitStamp& stamp) {
  if (!changed && !connection_->failure()) {
    connection_->roll_back();
    return {};
  }
  connection_->execute(
      fmt::format("UPDATE node_state SET last_assigned_ms = {}, rseq_high = {}", stamp.stored_ms, stamp.rseq));
  const bool committing = !connection_->failure();
  connection_->execute("COMMIT");
  if (const auto failure = connection_->take_failure()) return std::unexpected(note_failure(*failure, committing));
  return {};
}

/// Rolls back, gives up the connection, and says what to tell the publishers. After a failed fsync the frames of the
/// commit may be in the log, and the next fsync may say yes although they are not: "unknown".
Error SqliteWriter::note_failure(const sqlite::Failure& failure, bool while_committing) {
  note_unwritable(failure.error);
  connection_->roll_back();
  if (sqlite::is_busy(failure)) return failure.error;
  disconnect();
  if (!sqlite::is_failed_sync(failure)) return failure.error;
  sync_failed_ = true;
  return {while_committing ? ErrorCode::store_unknown : ErrorCode::store_io, failure.error.text};
}

/// Near a full disk strangers' commits may fail and pass by turns, so only some outages make their two lines.
void SqliteWriter::note_unwritable(const Error& error) {
  writable_ = false;
  probe_at_ = std::chrono::steady_clock::now() + std::chrono::milliseconds(retry_ms_);
  const std::int64_t now_ms = clock_.monotonic_ms();
  if (outage_logged_ || (outage_logged_ms_ && now_ms - *outage_logged_ms_ < limits::store_outage_log_ms)) return;
  outage_logged_ = true;
  outage_logged_ms_ = now_ms;
  log::error(log::k_node, fmt::format("record file {} cannot be written: {}", path_, error.text));
}

/// After a commit or a probe. That the file opens says nothing.
void SqliteWriter::note_success() {
  writable_ = true;
  if (!std::exchange(outage_logged_, false)) return;
  log::info(log::k_node, fmt::format("record file {} can be written again", path_));
}

/// Opens the write connection. After a failed fsync everything acknowledged goes into the file with an fsync of its
/// own, and the doubtful end of the log is cut off, before anything else is acknowledged.
Result<void> SqliteWriter::connect() {
  auto opened = sqlite::Connection::open(path_, busy_timeout_ms_);
  std::optional<Error> error;
  if (opened) {
    connection_ = std::move(*opened);
    error = prepare();
  } else {
    error = std::move(opened.error());
  }
  if (!error) {
    sync_failed_ = false;
    return {};
  }
  note_unwritable(*error);
  disconnect();
  return std::unexpected(*std::move(error));
}

std::optional<Error> SqliteWriter::prepare() {
  connection_->execute("PRAGMA synchronous = FULL");
  connection_->execute(
      "PRAGMA secure_delete = 0");  // records are public; Debian's library would overwrite each with zeros
  connection_->execute(fmt::format("PRAGMA wal_autocheckpoint = {}", limits::sqlite_log_pages_max));
  connection_->execute(fmt::format("PRAGMA journal_size_limit = {}", limits::sqlite_log_bytes_kept));
  const bool certain = !sync_failed_ || connection_->checkpoint(sqlite::Connection::CheckpointMode::truncate);
  target_ = std::make_unique<SqliteTarget>(*connection_);
  if (auto failure = connection_->take_failure()) return std::move(failure->error);
  if (!certain) return Error{ErrorCode::store_io, "readers hold the log whose last fsync failed"};
  return std::nullopt;
}

void SqliteWriter::disconnect() {
  target_.reset();
  connection_.reset();
}

/// A write while the file cannot be written, so that service returns without a publisher.
void SqliteWriter::probe() {
  if (!connection_ && !connect()) return;
  for (const std::string& sql : k_probe) connection_->execute(sql);
  if (const auto failure = connection_->take_failure()) {
    static_cast<void>(note_failure(*failure, false));
  } else {
    note_success();
  }
}

}  // namespace dnsmesh::store
