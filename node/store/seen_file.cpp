// SPDX-License-Identifier: Apache-2.0
#include "store/seen_file.hpp"

#include <fmt/format.h>

#include <mutex>
#include <utility>

#include "base/discovery_limits.hpp"
#include "store/sqlite.hpp"
#include "store/sqlite_file.hpp"

namespace dnsmesh::store {
namespace {

constexpr std::int64_t k_user_version = 1;

// Existing nodes name their columns; the index on the source is ours and does them no harm.
constexpr const char* k_schema =
    "CREATE TABLE IF NOT EXISTS heartbeats_seen ("
    " operator_spk_hex TEXT NOT NULL, endpoint TEXT NOT NULL, wire TEXT NOT NULL, ts INTEGER NOT NULL,"
    " exp INTEGER NOT NULL, version TEXT NOT NULL DEFAULT '', received_at INTEGER NOT NULL, remote_addr TEXT,"
    " PRIMARY KEY (operator_spk_hex, endpoint));"
    "CREATE INDEX IF NOT EXISTS idx_hb_ts ON heartbeats_seen(ts DESC);"
    "CREATE INDEX IF NOT EXISTS idx_hb_exp ON heartbeats_seen(exp);"
    "CREATE INDEX IF NOT EXISTS idx_hb_received_at ON heartbeats_seen(received_at);"
    "CREATE INDEX IF NOT EXISTS idx_hb_source ON heartbeats_seen(remote_addr, received_at);"
    "PRAGMA user_version=1;";

constexpr std::string_view k_upsert =
    "INSERT INTO heartbeats_seen (operator_spk_hex, endpoint, wire, ts, exp, version, received_at, remote_addr)"
    " VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
    " ON CONFLICT (operator_spk_hex, endpoint) DO UPDATE SET wire = excluded.wire, ts = excluded.ts,"
    " exp = excluded.exp, version = excluded.version, received_at = excluded.received_at,"
    " remote_addr = excluded.remote_addr WHERE excluded.ts >= heartbeats_seen.ts";

// The rows of a source without a name, which another program stored, are a source too.
constexpr std::string_view k_trim_key =
    "DELETE FROM heartbeats_seen WHERE rowid IN (SELECT rowid FROM heartbeats_seen WHERE operator_spk_hex = ?1"
    " AND remote_addr IS ?2 ORDER BY received_at DESC, rowid DESC LIMIT -1 OFFSET ?3)";
constexpr std::string_view k_trim_source =
    "DELETE FROM heartbeats_seen WHERE rowid IN (SELECT rowid FROM heartbeats_seen WHERE remote_addr IS ?1"
    " ORDER BY received_at DESC, rowid DESC LIMIT -1 OFFSET ?2)";
// A row's depth is its place among those of its source, the newest first: to remove the deepest takes from the source
// with the most rows until another has as many.
constexpr std::string_view k_evict =
    "DELETE FROM heartbeats_seen WHERE rowid IN (SELECT row FROM (SELECT rowid AS row, received_at, row_number() OVER"
    " (PARTITION BY remote_addr ORDER BY received_at DESC, rowid DESC) AS depth FROM heartbeats_seen)"
    " ORDER BY depth DESC, received_at, row LIMIT ?)";

constexpr std::string_view k_columns =
    "SELECT operator_spk_hex, endpoint, wire, ts, exp, version, received_at, remote_addr FROM heartbeats_seen ";

std::optional<std::string> source_of(const SeenRow& row) {
  return row.source_zone.empty() ? std::nullopt : std::optional(row.source_zone);
}

SeenRow row_of(const sqlite::Rows& rows) {
  SeenRow out;
  out.operator_spk_hex = rows.text(0);
  out.endpoint = rows.text(1);
  out.wire = rows.text(2);
  out.ts_s = rows.integer(3);
  out.exp_s = rows.integer(4);
  out.version = rows.text(5);
  out.received_s = rows.integer(6);
  if (!rows.is_null(7)) out.source_zone = rows.text(7);
  return out;
}

std::int64_t number_of(sqlite::Connection& connection, std::string_view sql) {
  sqlite::Statement statement(connection, sql);
  sqlite::Rows rows = statement.run();
  return rows.next() ? rows.integer(0) : 0;
}

/// One connection behind a lock: the discovery thread writes, pages and metrics read.
class SeenFile final : public SeenStore {
 public:
  SeenFile(std::unique_ptr<sqlite::Connection> connection, const SeenBounds& bounds)
      : bounds_(bounds),
        connection_(std::move(connection)),
        remove_over_(*connection_, "DELETE FROM heartbeats_seen WHERE exp <= ?"),
        upsert_(*connection_, k_upsert),
        trim_key_(*connection_, k_trim_key),
        trim_source_(*connection_, k_trim_source),
        evict_(*connection_, k_evict),
        count_(*connection_, "SELECT count(*) FROM heartbeats_seen"),
        find_(*connection_, fmt::format("{} WHERE operator_spk_hex = ? AND endpoint = ?", k_columns)),
        recent_(*connection_, fmt::format("{} WHERE exp > ? ORDER BY ts DESC, rowid LIMIT ?", k_columns)),
        live_(*connection_, "SELECT count(*) FROM heartbeats_seen WHERE exp > ?") {}

  Result<std::size_t> accept(std::span<const SeenRow> rows, std::int64_t now_s) override {
    const std::scoped_lock lock(mutex_);
    connection_->execute("BEGIN IMMEDIATE");
    remove_over_.execute(now_s);
    std::size_t written = 0;
    for (const SeenRow& row : rows) written += take(row);
    if (const std::int64_t surplus = count() - bounds_.rows_max; surplus > 0) evict_.execute(surplus);
    connection_->execute("COMMIT");
    return outcome(written);
  }

  Result<std::optional<SeenRow>> find(std::string_view operator_spk_hex, std::string_view endpoint) const override {
    const std::scoped_lock lock(mutex_);
    std::optional<SeenRow> found;
    {
      sqlite::Rows rows = find_.run(operator_spk_hex, endpoint);
      if (rows.next()) found = row_of(rows);
    }
    return outcome(std::move(found));
  }

  Result<std::vector<SeenRow>> recent(std::int64_t now_s, std::size_t rows_max) const override {
    const std::scoped_lock lock(mutex_);
    std::vector<SeenRow> out;
    {
      sqlite::Rows rows = recent_.run(now_s, rows_max);
      while (rows.next()) out.push_back(row_of(rows));
    }
    return outcome(std::move(out));
  }

  Result<std::int64_t> live_count(std::int64_t now_s) const override {
    const std::scoped_lock lock(mutex_);
    std::int64_t count = 0;
    {
      sqlite::Rows rows = live_.run(now_s);
      if (rows.next()) count = rows.integer(0);
    }
    return outcome(count);
  }

 private:
  std::size_t take(const SeenRow& row) {
    const std::int64_t before = connection_->total_changes();
    upsert_.execute(row.operator_spk_hex, row.endpoint, row.wire, row.ts_s, row.exp_s, row.version, row.received_s,
                    source_of(row));
    if (connection_->total_changes() == before) return 0;
    trim_key_.execute(row.operator_spk_hex, source_of(row), bounds_.rows_per_key_max);
    trim_source_.execute(source_of(row), bounds_.rows_per_source_max);
    return 1;
  }

  std::int64_t count() {
    sqlite::Rows rows = count_.run();
    return rows.next() ? rows.integer(0) : 0;
  }

  /// `value`, or the failure of what was just done, after which the connection is as before.
  template <class Value>
  Result<Value> outcome(Value value) const {
    auto failure = connection_->take_failure();
    if (!failure) return value;
    connection_->roll_back();
    connection_->take_failure();
    return std::unexpected(std::move(failure->error));
  }

  mutable std::mutex mutex_;
  const SeenBounds bounds_;
  const std::unique_ptr<sqlite::Connection> connection_;
  sqlite::Statement remove_over_;
  sqlite::Statement upsert_;
  sqlite::Statement trim_key_;
  sqlite::Statement trim_source_;
  sqlite::Statement evict_;
  sqlite::Statement count_;
  mutable sqlite::Statement find_;
  mutable sqlite::Statement recent_;
  mutable sqlite::Statement live_;
};

}  // namespace

Result<std::unique_ptr<SeenStore>> open_seen_file(const std::string& path, const SeenBounds& bounds) {
  if (const auto usable = make_or_check_file(path, "heartbeat file"); !usable) return std::unexpected(usable.error());
  auto connection = sqlite::Connection::open(path, limits::seen_busy_ms);
  if (!connection) return std::unexpected(connection.error());
  const std::int64_t version = number_of(**connection, "PRAGMA user_version");
  if (!(*connection)->failure() && version > k_user_version) {
    return fail(ErrorCode::store_newer_schema,
                fmt::format("{} was made by a newer version (user_version {}, this one knows {})", path, version,
                            k_user_version));
  }
  // What a power cut takes from this file the next harvest brings back.
  (*connection)->execute("PRAGMA journal_mode=WAL");
  (*connection)->execute("PRAGMA synchronous=NORMAL");
  (*connection)->execute(k_schema);
  if (auto failure = (*connection)->take_failure()) return std::unexpected(std::move(failure->error));
  auto file = std::make_unique<SeenFile>(std::move(*connection), bounds);
  // A file whose table has other columns fails where its statements are prepared.
  if (const auto readable = file->live_count(0); !readable) return std::unexpected(readable.error());
  return file;
}

}  // namespace dnsmesh::store
