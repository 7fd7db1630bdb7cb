// SPDX-License-Identifier: Apache-2.0
// Reading the record file: one connection with its statements, and the pool that lends them. With a write-ahead log
// readers never wait for the writer.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <functional>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "store/record_store.hpp"
#include "store/sqlite.hpp"

namespace dnsmesh::store {

/// The queries of RecordStore on one connection. One thread at a time. Failures stay with the connection.
class SqliteReader {
 public:
  static Result<std::unique_ptr<SqliteReader>> open(const std::string& path, int busy_timeout_ms);

  std::vector<Record> values_at(std::string_view folded_name, std::int64_t now_s);
  std::vector<Record> values_at_exactly(std::string_view name, std::int64_t now_s);
  std::vector<Record> values_at_names(std::span<const std::string> names, std::int64_t now_s);
  /// Rows after the cursor and below `below_ms`.
  DigestPage digest(const DigestCursor& after, std::int64_t below_ms, std::size_t limit, std::int64_t now_s);
  /// `high` is the largest committed rseq.
  ChangePage changes(std::int64_t after_rseq, std::int64_t high, std::size_t limit, std::int64_t now_s);
  std::vector<PairState> states_of(std::span<const PairKey> keys, std::int64_t now_s);
  std::vector<Record> rows_of(std::span<const PairKey> keys, std::int64_t now_s);
  std::vector<Record> rows_at(std::span<const std::int64_t> rseqs, std::int64_t now_s);
  std::vector<Record> rows_under(std::string_view name_prefix, std::size_t rows_max, std::int64_t now_s);
  /// How many it visited.
  std::size_t for_each(const std::function<void(const Record&)>& visit);
  std::int64_t live_count(std::int64_t now_s);
  std::optional<std::string> position(std::string_view peer, std::string_view kind);
  std::vector<Quarantine> quarantined(std::string_view peer);
  std::optional<Tombstone> tombstone(std::string_view name, const crypto::Hash256& hash, std::int64_t now_s);

  std::optional<sqlite::Failure> take_failure() { return connection_->take_failure(); }

 private:
  explicit SqliteReader(std::unique_ptr<sqlite::Connection> connection);
  using FoundRow = std::function<void(std::size_t place, std::int64_t expires_s, std::int64_t rseq)>;
  void find_live(std::span<const PairKey> keys, std::int64_t now_s, const FoundRow& found);
  std::vector<Record> offered_at(std::span<const std::int64_t> rseqs, std::int64_t now_s);
  std::vector<BuriedPair> tombstones_after(std::int64_t after_rseq, std::int64_t high, std::size_t limit);

  std::unique_ptr<sqlite::Connection> connection_;
  sqlite::Statement values_at_;
  sqlite::Statement values_at_exactly_;
  sqlite::Statement digest_;
  sqlite::Statement changes_;
  sqlite::Statement tombstones_after_;
  sqlite::Statement hashes_at_;
  sqlite::Statement rows_at_;
  sqlite::Statement rows_under_;
  sqlite::Statement all_;
  sqlite::Statement live_count_;
  sqlite::Statement position_;
  sqlite::Statement quarantined_;
  sqlite::Statement tombstone_;
};

/// Lends readers to threads. Any thread.
class ReaderPool {
 public:
  ReaderPool(std::string path, int busy_timeout_ms) : path_(std::move(path)), busy_timeout_ms_(busy_timeout_ms) {}

  /// Runs `read` on a reader and gives its result, or why reading failed (store_closed after close()).
  template <class Read>
  auto with(Read&& read) -> Result<decltype(read(std::declval<SqliteReader&>()))> {
    auto reader = borrow();
    if (!reader) return std::unexpected(reader.error());
    auto result = read(**reader);
    auto failure = (*reader)->take_failure();
    give_back(failure ? nullptr : std::move(*reader), !failure);
    if (failure) return std::unexpected(std::move(failure->error));
    return result;
  }

  /// False after a failed read until one succeeds.
  bool readable() const;

  /// Waits for the lent readers; later reads get store_closed.
  void close();

 private:
  Result<std::unique_ptr<SqliteReader>> borrow();
  void give_back(std::unique_ptr<SqliteReader> reader, bool succeeded);

  const std::string path_;
  const int busy_timeout_ms_;
  mutable std::mutex mutex_;
  std::condition_variable returned_;
  std::vector<std::unique_ptr<SqliteReader>> idle_;
  std::size_t lent_ = 0;
  bool closed_ = false;
  bool readable_ = true;
};

}  // namespace dnsmesh::store
