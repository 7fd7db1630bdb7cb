// SPDX-License-Identifier: Apache-2.0
#include "store/sqlite_schema.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/hex.hpp"
#include "store/sqlite_adopt.hpp"

namespace dnsmesh::store {
namespace {

using sqlite::Connection;
using sqlite::Rows;
using sqlite::Statement;

/// `user_version` is never raised, so that an operator can go back; ours is node_state.layout.
constexpr std::int64_t k_user_version = 0;
constexpr std::int64_t k_layout = 1;

constexpr std::string_view k_make_records = R"(
CREATE TABLE IF NOT EXISTS records (
  name TEXT NOT NULL,
  value TEXT NOT NULL,
  ttl INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL,
  stored_ts INTEGER NOT NULL DEFAULT 0,
  value_hash TEXT NOT NULL DEFAULT '',
  rseq INTEGER,
  offer_reason TEXT,
  offer_until INTEGER,
  PRIMARY KEY (name, value)
))";

/// A column that files of older or other nodes may lack, and what fills it.
struct AddedColumn {
  std::string_view table;
  std::string_view name;
  std::string_view type;
  std::string_view fill;
};
constexpr std::array k_added_columns = {
    AddedColumn{"records", "stored_ts", "INTEGER NOT NULL DEFAULT 0", "UPDATE records SET stored_ts = created_at"},
    // Rows without an rseq are adopted, which computes the hash.
    AddedColumn{"records", "value_hash", "TEXT NOT NULL DEFAULT ''", ""},
    AddedColumn{"records", "rseq", "INTEGER", ""},
    AddedColumn{"records", "offer_reason", "TEXT", ""},
    AddedColumn{"records", "offer_until", "INTEGER", ""},
    AddedColumn{"sync_quarantine", "first_seen", "INTEGER NOT NULL DEFAULT 0", ""},
    AddedColumn{"sync_quarantine", "until", "INTEGER NOT NULL DEFAULT 0", ""},
    AddedColumn{"tombstones", "rseq", "INTEGER", ""},
};

/// Interim versions of the existing node wrote seconds.
constexpr std::string_view k_seconds_to_ms =
    "UPDATE records SET stored_ts = stored_ts * 1000 WHERE stored_ts > 0 AND stored_ts < 1000000000000";

constexpr std::array k_make_tables = {
    "CREATE TABLE IF NOT EXISTS sync_positions (peer TEXT NOT NULL, kind TEXT NOT NULL, position TEXT NOT NULL, "
    "PRIMARY KEY (peer, kind)) WITHOUT ROWID",
    "CREATE TABLE IF NOT EXISTS sync_quarantine (peer TEXT NOT NULL, name TEXT NOT NULL, value_hash TEXT NOT NULL, "
    "reason TEXT NOT NULL, retry_at INTEGER NOT NULL, attempts INTEGER NOT NULL, first_seen INTEGER NOT NULL DEFAULT "
    "0, until INTEGER NOT NULL DEFAULT 0, PRIMARY KEY (peer, name, value_hash)) WITHOUT ROWID",
    "CREATE TABLE IF NOT EXISTS tombstones (name TEXT NOT NULL, value_hash TEXT NOT NULL, deleted_ms INTEGER NOT NULL, "
    "until INTEGER NOT NULL, life_until INTEGER NOT NULL, rseq INTEGER, PRIMARY KEY (name, value_hash)) WITHOUT ROWID",
    "CREATE TABLE IF NOT EXISTS node_state (id INTEGER PRIMARY KEY CHECK (id = 1), layout INTEGER NOT NULL, "
    "epoch_id TEXT NOT NULL, boot INTEGER NOT NULL, last_assigned_ms INTEGER NOT NULL, rseq_high INTEGER NOT NULL, "
    "judge_id TEXT NOT NULL)",
};

/// After the columns. idx_records_folded holds only the rows whose name is not lower case, and keeps itself right while
/// another node writes; idx_tombstones_rseq holds only those of the change feed.
constexpr std::array k_make_indices = {
    "CREATE INDEX IF NOT EXISTS idx_records_expires ON records (expires_at)",
    "CREATE INDEX IF NOT EXISTS idx_records_page ON records (stored_ts, name, value_hash)",
    "CREATE INDEX IF NOT EXISTS idx_records_rseq ON records (rseq)",
    "CREATE INDEX IF NOT EXISTS idx_records_folded ON records (lower(name)) WHERE name <> lower(name)",
    "CREATE INDEX IF NOT EXISTS idx_tombstones_until ON tombstones (until)",
    "CREATE INDEX IF NOT EXISTS idx_tombstones_rseq ON tombstones (rseq) WHERE rseq IS NOT NULL",
};

std::int64_t integer_of(Connection& connection, std::string_view sql) {
  Statement statement(connection, sql);
  Rows rows = statement.run();
  return rows.next() ? rows.integer(0) : 0;
}

bool has_table(Connection& connection, std::string_view name) {
  Statement statement(connection, "SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = ?1");
  return statement.run(name).next();
}

bool has_column(Connection& connection, std::string_view table, std::string_view column) {
  Statement statement(connection, "SELECT 1 FROM pragma_table_info(?1) WHERE name = ?2");
  return statement.run(table, column).next();
}

void make_layout(Connection& connection) {
  connection.execute(std::string(k_make_records));
  for (const char* sql : k_make_tables) connection.execute(sql);
  for (const AddedColumn& column : k_added_columns) {
    if (has_column(connection, column.table, column.name)) continue;
    connection.execute(fmt::format("ALTER TABLE {} ADD COLUMN {} {}", column.table, column.name, column.type));
    if (!column.fill.empty()) connection.execute(std::string(column.fill));
  }
  connection.execute(std::string(k_seconds_to_ms));
  for (const char* sql : k_make_indices) connection.execute(sql);
}

/// The state of the last start, or that of a new database.
struct State {
  Epoch epoch;
  std::int64_t last_assigned_ms = 0;
  std::string judge_id;
};

State read_or_make_state(Connection& connection, const std::string& judge_id, Random& random) {
  {
    Statement select(connection,
                     "SELECT epoch_id, boot, rseq_high, last_assigned_ms, judge_id FROM node_state WHERE id = 1");
    Rows rows = select.run();
    if (rows.next()) {
      return {
          {std::string(rows.text(0)), rows.integer(1), rows.integer(2)}, rows.integer(3), std::string(rows.text(4))};
    }
  }
  ByteArray<16> id{};
  random.fill(id);
  Statement insert(connection, "INSERT INTO node_state VALUES (1, ?1, ?2, 0, 0, 0, ?3)");
  const std::string epoch_id = to_hex(view(id));
  insert.execute(k_layout, epoch_id, judge_id);
  return {{epoch_id, 0, 0}, 0, judge_id};
}

}  // namespace

Result<void> inspect(Connection& connection, const std::string& path) {
  const auto corrupt = [&path](std::string_view why) {
    return fail(ErrorCode::store_corrupt,
                fmt::format("record file {} is damaged and was left as it is ({}): restore a backup, or move it away",
                            path, why));
  };
  const std::int64_t user_version = integer_of(connection, "PRAGMA user_version");
  std::int64_t layout = 0;
  if (has_table(connection, "node_state")) layout = integer_of(connection, "SELECT layout FROM node_state");
  if (const auto& failure = connection.failure()) {
    if (failure->error.code == ErrorCode::store_corrupt) return corrupt(failure->error.text);
    return fail(failure->error.code, fmt::format("cannot read record file {}: {}", path, failure->error.text));
  }
  if (user_version > k_user_version || layout > k_layout) {
    const bool ours = layout > k_layout;
    return fail(
        ErrorCode::store_newer_schema,
        fmt::format("record file {} has {} version {}, this node knows up to {}: start the newer node, or name "
                    "another record file",
                    path, ours ? "layout" : "schema", ours ? layout : user_version, ours ? k_layout : k_user_version));
  }
  Statement check(connection, "PRAGMA quick_check(1)");
  Rows rows = check.run();
  const bool found = rows.next();
  if (!found && connection.failure()) return corrupt(connection.failure()->error.text);
  if (found && rows.text(0) != "ok") return corrupt(rows.text(0));
  return {};
}

Result<Opened> open_layout(Connection& connection, const OfferJudge& judge, const std::string& judge_id,
                           const Clock& clock, Random& random) {
  connection.execute("BEGIN IMMEDIATE");
  make_layout(connection);
  State state = read_or_make_state(connection, judge_id, random);
  const std::int64_t last_ms =
      std::max(state.last_assigned_ms, integer_of(connection, "SELECT max(stored_ts) FROM records"));
  // Its last millisecond may have been served before the stop.
  const std::int64_t first_ms = last_ms < std::numeric_limits<std::int64_t>::max() ? last_ms + 1 : last_ms;
  CommitStamp stamp{
      .now_s = clock.wall_s(), .stored_ms = std::max(first_ms, clock.wall_ms()), .rseq = state.epoch.high};
  adopt_rows(connection, judge, stamp);
  if (state.judge_id != judge_id && judge_again(connection, judge, stamp)) {
    state.last_assigned_ms = stamp.stored_ms;
  }
  // The time makes it rise above every start of a file that an older copy has replaced (spec/anti-entropy.md 15.2).
  state.epoch.boot = std::max(state.epoch.boot + 1, clock.wall_ms());
  state.epoch.high = stamp.rseq;
  {
    Statement update(connection,
                     "UPDATE node_state SET boot = ?1, last_assigned_ms = ?2, rseq_high = ?3, judge_id = ?4");
    update.execute(state.epoch.boot, std::max(last_ms, state.last_assigned_ms), stamp.rseq, judge_id);
  }
  connection.execute("COMMIT");
  if (auto failure = connection.take_failure()) {
    connection.roll_back();
    return std::unexpected(failure->error);
  }
  const std::int64_t next_ms = state.last_assigned_ms >= first_ms ? state.last_assigned_ms + 1 : first_ms;
  return Opened{state.epoch, FeedClock(next_ms, stamp.rseq)};
}

}  // namespace dnsmesh::store
