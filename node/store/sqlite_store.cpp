// SPDX-License-Identifier: Apache-2.0
#include "store/sqlite_store.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <future>
#include <optional>
#include <utility>

#include "base/lock_guarded.hpp"
#include "store/sqlite_file.hpp"
#include "store/sqlite_reader.hpp"
#include "store/sqlite_schema.hpp"
#include "store/sqlite_writer.hpp"

namespace dnsmesh::store {
namespace {

using sqlite::Connection;

class SqliteStore final : public RecordStore {
 public:
  SqliteStore(std::string path, const SqliteStoreOptions& options, Opened opened,
              std::unique_ptr<Connection> connection, FileLock lock, const Clock& clock)
      : path_(std::move(path)),
        clock_(clock),
        lock_(std::move(lock)),
        checkpointer_(std::move(connection)),
        epoch_(std::move(opened.epoch)),
        feed_(opened.feed),
        readers_(path_, options.busy_timeout_ms),
        writer_(path_, options.busy_timeout_ms, options.retry_ms, feed_, clock) {}

  ~SqliteStore() override { SqliteStore::close(); }

  void commit(Batch batch, CommitCallback done) override { writer_.commit(std::move(batch), std::move(done)); }

  void set_listener(CommitListener listener) override { writer_.set_listener(std::move(listener)); }

  Result<std::vector<Record>> values_at(std::string_view folded_name) const override {
    return readers_.with([&](SqliteReader& reader) { return reader.values_at(folded_name, clock_.wall_s()); });
  }

  Result<std::vector<Record>> values_at_exactly(std::string_view name) const override {
    return readers_.with([&](SqliteReader& reader) { return reader.values_at_exactly(name, clock_.wall_s()); });
  }
  Result<std::vector<Record>> values_at_names(std::span<const std::string> names) const override {
    return readers_.with([&](SqliteReader& reader) { return reader.values_at_names(names, clock_.wall_s()); });
  }

  Result<DigestPage> digest(const DigestCursor& after, std::size_t limit) override {
    const std::int64_t below_ms = feed_.with([](FeedClock& feed) { return feed.close(); });
    return readers_.with([&](SqliteReader& reader) {
      return reader.digest(after, below_ms, std::clamp<std::size_t>(limit, 1, limits::digest_page_rows_max),
                           clock_.wall_s());
    });
  }

  Result<ChangePage> changes(std::int64_t after_rseq, std::size_t limit) const override {
    const std::int64_t high = rseq_high();
    if (after_rseq < 0 || after_rseq > high) return ChangePage{.records = {}, .next = high, .reset = true};
    return readers_.with([&](SqliteReader& reader) {
      return reader.changes(after_rseq, high, std::clamp<std::size_t>(limit, 1, limits::digest_page_rows_max),
                            clock_.wall_s());
    });
  }

  Result<std::vector<PairState>> states_of(std::span<const PairKey> keys) const override {
    return readers_.with([&](SqliteReader& reader) { return reader.states_of(keys, clock_.wall_s()); });
  }

  Result<std::vector<Record>> rows_of(std::span<const PairKey> keys) const override {
    return readers_.with([&](SqliteReader& reader) { return reader.rows_of(keys, clock_.wall_s()); });
  }

  Result<std::vector<Record>> rows_at(std::span<const std::int64_t> rseqs) const override {
    return readers_.with([&](SqliteReader& reader) { return reader.rows_at(rseqs, clock_.wall_s()); });
  }

  Result<std::vector<Record>> rows_under(std::string_view name_prefix, std::size_t rows_max) const override {
    return readers_.with(
        [&](SqliteReader& reader) { return reader.rows_under(name_prefix, rows_max, clock_.wall_s()); });
  }

  Result<void> for_each(const std::function<void(const Record&)>& visit) const override {
    const auto visited = readers_.with([&](SqliteReader& reader) { return reader.for_each(visit); });
    if (!visited) return std::unexpected(visited.error());
    return {};
  }

  Result<std::int64_t> live_count() const override {
    // Counted under the lock: those who ask at once wait for one count.
    return counted_.with([this](std::optional<Count>& counted) -> Result<std::int64_t> {
      const std::int64_t now_ms = clock_.monotonic_ms();
      if (counted && now_ms - counted->at_ms < limits::live_count_age_ms) return counted->rows;
      const auto rows = readers_.with([this](SqliteReader& reader) { return reader.live_count(clock_.wall_s()); });
      if (rows) counted = Count{*rows, now_ms};
      return rows;
    });
  }

  Result<std::optional<std::string>> position(std::string_view peer, std::string_view kind) const override {
    return readers_.with([&](SqliteReader& reader) { return reader.position(peer, kind); });
  }

  Result<std::vector<Quarantine>> quarantined(std::string_view peer) const override {
    return readers_.with([&](SqliteReader& reader) { return reader.quarantined(peer); });
  }

  Result<std::optional<Tombstone>> tombstone(std::string_view name, const crypto::Hash256& hash) const override {
    return readers_.with([&](SqliteReader& reader) { return reader.tombstone(name, hash, clock_.wall_s()); });
  }

  Epoch epoch() const override { return {epoch_.id, epoch_.boot, rseq_high()}; }

  Result<Swept> sweep_expired(std::size_t rows_max) override {
    std::promise<Result<Receipt>> outcome;
    writer_.sweep(rows_max, [&outcome](Result<Receipt> result) { outcome.set_value(std::move(result)); });
    const Result<Receipt> receipt = outcome.get_future().get();
    if (!receipt) return std::unexpected(receipt.error());
    return swept_of(*receipt);
  }

  Result<void> checkpoint() override {
    return checkpointer_.with([](std::unique_ptr<Connection>& connection) -> Result<void> {
      if (!connection) return fail(ErrorCode::store_closed);
      connection->checkpoint(Connection::CheckpointMode::passive);
      if (auto failure = connection->take_failure()) return std::unexpected(std::move(failure->error));
      return {};
    });
  }

  Health health() const override {
    const std::int64_t last_ms = feed_.with([](const FeedClock& feed) { return feed.last_ms(); });
    return {.readable = readers_.readable(),
            .writable = writer_.writable(),
            .feed_ahead_ms = std::max<std::int64_t>(0, last_ms - clock_.wall_ms())};
  }

  void close() override {
    writer_.stop();
    readers_.close();
    // The last connection to close brings the log back into the file and removes it.
    checkpointer_.with([](std::unique_ptr<Connection>& connection) { connection.reset(); });
    lock_.with([](std::optional<FileLock>& lock) { lock.reset(); });
  }

 private:
  struct Count {
    std::int64_t rows = 0;
    std::int64_t at_ms = 0;
  };

  std::int64_t rseq_high() const {
    return feed_.with([](const FeedClock& feed) { return feed.rseq_high(); });
  }

  const std::string path_;
  const Clock& clock_;
  LockGuarded<std::optional<FileLock>> lock_;
  LockGuarded<std::unique_ptr<Connection>> checkpointer_;
  const Epoch epoch_;
  LockGuarded<FeedClock> feed_;
  mutable ReaderPool readers_;
  mutable LockGuarded<std::optional<Count>> counted_;
  SqliteWriter writer_;  // last: its thread uses what is above
};

/// Turns on the write-ahead log, which some file systems cannot do.
Result<void> use_write_ahead_log(Connection& connection, const std::string& path) {
  std::string mode;
  {
    sqlite::Statement pragma(connection, "PRAGMA journal_mode = WAL");
    sqlite::Rows rows = pragma.run();
    if (rows.next()) mode = rows.text(0);
  }
  connection.execute("PRAGMA synchronous = FULL");
  if (auto failure = connection.take_failure()) {
    return fail(failure->error.code, fmt::format("cannot use record file {}: {}", path, failure->error.text));
  }
  if (mode == "wal") return {};
  return fail(ErrorCode::store_unusable,
              fmt::format("record file {} cannot have a write-ahead log: put it on a local file system", path));
}

}  // namespace

Result<std::unique_ptr<RecordStore>> open_sqlite_store(const SqliteStoreOptions& options, const Clock& clock,
                                                       Random& random) {
  const auto path = resolved(options.path);
  if (!path) return std::unexpected(path.error());
  if (const auto made = make_parent_folders(*path); !made) return std::unexpected(made.error());
  auto lock = FileLock::take(*path);
  if (!lock) return std::unexpected(lock.error());
  if (const auto usable = make_or_check_file(*path, "record file"); !usable) return std::unexpected(usable.error());

  auto opened = Connection::open(*path, options.busy_timeout_ms);
  if (!opened)
    return fail(opened.error().code, fmt::format("cannot open record file {}: {}", *path, opened.error().text));
  std::unique_ptr<Connection> connection = std::move(*opened);
  connection->keep_log_on_close(true);
  if (const auto fit = inspect(*connection, *path); !fit) return std::unexpected(fit.error());
  connection->keep_log_on_close(false);
  if (const auto logged = use_write_ahead_log(*connection, *path); !logged) return std::unexpected(logged.error());
  auto layout = open_layout(*connection, options.judge, options.judge_id, clock, random);
  if (!layout) {
    return fail(layout.error().code, fmt::format("cannot prepare record file {}: {}", *path, layout.error().text));
  }
  return std::make_unique<SqliteStore>(*path, options, *std::move(layout), std::move(connection), *std::move(lock),
                                       clock);
}

}  // namespace dnsmesh::store
