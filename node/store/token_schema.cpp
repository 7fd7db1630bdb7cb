// SPDX-License-Identifier: Apache-2.0
#include "store/token_schema.hpp"

#include <fmt/format.h>

#include <array>

namespace dnsmesh::store {
namespace {

using sqlite::Connection;
using sqlite::Statement;

/// Shared with existing nodes: never raised, so that an operator can go back (spec/storage.md 1).
constexpr std::int64_t k_user_version = 2;

constexpr std::array k_tables = {
    R"(CREATE TABLE IF NOT EXISTS tokens (
  token_hash TEXT PRIMARY KEY,
  subject TEXT NOT NULL,
  subject_type INTEGER NOT NULL,
  subject_hash12 TEXT,
  rate_per_sec REAL NOT NULL DEFAULT 10.0,
  rate_burst INTEGER NOT NULL DEFAULT 50,
  issued_at INTEGER NOT NULL,
  expires_at INTEGER,
  revoked_at INTEGER,
  issuer TEXT NOT NULL DEFAULT '',
  note TEXT NOT NULL DEFAULT '',
  registered_spk TEXT
))",
    R"(CREATE TABLE IF NOT EXISTS token_audit (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  ts INTEGER NOT NULL,
  event TEXT NOT NULL,
  token_hash TEXT,
  subject TEXT,
  remote_addr TEXT,
  detail TEXT
))",
    // Only ours; existing nodes leave it alone.
    R"(CREATE TABLE IF NOT EXISTS registration_denied (
  entry TEXT PRIMARY KEY,
  denied_at INTEGER NOT NULL
))",
    "CREATE INDEX IF NOT EXISTS idx_tokens_subject ON tokens (subject) WHERE revoked_at IS NULL",
    "CREATE INDEX IF NOT EXISTS idx_audit_ts ON token_audit (ts)",
};

std::int64_t integer_of(Connection& connection, std::string_view sql) {
  Statement statement(connection, sql);
  auto rows = statement.run();
  return rows.next() ? rows.integer(0) : 0;
}

std::int64_t user_version(Connection& connection) { return integer_of(connection, "PRAGMA user_version"); }

std::unexpected<Error> too_new(std::int64_t version) {
  return fail(ErrorCode::store_newer_schema,
              fmt::format("layout {} is newer than the newest that this version knows ({})", version, k_user_version));
}

void add_what_is_missing(Connection& connection) {
  for (const char* const sql : k_tables) connection.execute(sql);
  // Interim versions of existing nodes had the column, and did not say so in the version.
  const auto has_key =
      integer_of(connection, "SELECT count(*) FROM pragma_table_info('tokens') WHERE name = 'registered_spk'");
  if (has_key == 0) connection.execute("ALTER TABLE tokens ADD COLUMN registered_spk TEXT");
  if (user_version(connection) != k_user_version) {
    connection.execute(fmt::format("PRAGMA user_version = {}", k_user_version));
  }
}

}  // namespace

Result<void> prepare_token_file(Connection& connection) {
  const std::int64_t found = user_version(connection);
  if (!connection.failure() && found > k_user_version) return too_new(found);
  connection.execute("PRAGMA journal_mode = WAL");
  // The other program may be doing the same at this moment.
  connection.execute("BEGIN IMMEDIATE");
  const std::int64_t version = user_version(connection);
  if (!connection.failure() && version > k_user_version) {
    connection.roll_back();
    return too_new(version);
  }
  add_what_is_missing(connection);
  connection.execute("COMMIT");
  if (const auto failure = connection.take_failure()) {
    connection.roll_back();
    return std::unexpected(failure->error);
  }
  return {};
}

}  // namespace dnsmesh::store
