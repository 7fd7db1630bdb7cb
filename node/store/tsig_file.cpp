// SPDX-License-Identifier: Apache-2.0
#include "store/tsig_file.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cassert>
#include <utility>

#include "base/limits.hpp"
#include "base/log.hpp"
#include "base/utf8.hpp"
#include "store/sqlite.hpp"
#include "store/sqlite_file.hpp"

namespace dnsmesh::store {
namespace {

using sqlite::Connection;
using sqlite::Rows;
using sqlite::Statement;

constexpr std::int64_t k_user_version = 4;

constexpr const char* k_make_table =
    "CREATE TABLE IF NOT EXISTS tsig_keys (name TEXT PRIMARY KEY, algorithm TEXT NOT NULL DEFAULT 'hmac-sha256', "
    "secret BLOB NOT NULL, allowed_suffixes TEXT NOT NULL DEFAULT '', created_at INTEGER NOT NULL, "
    "expires_at INTEGER NOT NULL DEFAULT 0, revoked INTEGER NOT NULL DEFAULT 0, subject TEXT NOT NULL DEFAULT '', "
    "registered_spk TEXT NOT NULL DEFAULT '', registered_x25519_pub TEXT NOT NULL DEFAULT '')";

/// Columns that an older file may lack, in any combination.
struct AddedColumn {
  std::string_view name;
  std::string_view type;
};
constexpr std::array k_added_columns = {
    AddedColumn{"algorithm", "TEXT NOT NULL DEFAULT 'hmac-sha256'"},
    AddedColumn{"allowed_suffixes", "TEXT NOT NULL DEFAULT ''"},
    AddedColumn{"expires_at", "INTEGER NOT NULL DEFAULT 0"},
    AddedColumn{"revoked", "INTEGER NOT NULL DEFAULT 0"},
    AddedColumn{"subject", "TEXT NOT NULL DEFAULT ''"},
    AddedColumn{"registered_spk", "TEXT NOT NULL DEFAULT ''"},
    AddedColumn{"registered_x25519_pub", "TEXT NOT NULL DEFAULT ''"},
};

constexpr std::array k_make_indices = {
    "CREATE INDEX IF NOT EXISTS idx_tsig_active ON tsig_keys (revoked, expires_at)",
    "CREATE INDEX IF NOT EXISTS idx_tsig_subject ON tsig_keys (subject)",
};

constexpr std::string_view k_select =
    "SELECT name, algorithm, secret, allowed_suffixes, created_at, expires_at, revoked, subject, registered_spk, "
    "registered_x25519_pub FROM tsig_keys";

// The secret is bound as text; existing nodes want a blob.
constexpr std::string_view k_upsert =
    "INSERT INTO tsig_keys (name, algorithm, secret, allowed_suffixes, created_at, expires_at, revoked, subject, "
    "registered_spk, registered_x25519_pub) VALUES (?1, ?2, CAST(?3 AS BLOB), ?4, ?5, ?6, 0, ?7, ?8, ?9) "
    "ON CONFLICT (name) DO UPDATE SET algorithm = excluded.algorithm, secret = excluded.secret, "
    "allowed_suffixes = excluded.allowed_suffixes, created_at = excluded.created_at, "
    "expires_at = excluded.expires_at, subject = excluded.subject, registered_spk = excluded.registered_spk, "
    "registered_x25519_pub = excluded.registered_x25519_pub";

std::vector<std::string> split_lines(std::string_view text) {
  std::vector<std::string> out;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    if (end > 0) out.emplace_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return out;
}

std::string join_lines(const std::vector<std::string>& lines) { return fmt::format("{}", fmt::join(lines, "\n")); }

/// Scope entries as the file holds them.
std::vector<std::string> normal_scope(const std::vector<std::string>& entries) {
  std::vector<std::string> out;
  for (const std::string& entry : entries) {
    std::string folded = fold_ascii(strip_ascii_whitespace(entry));
    while (folded.starts_with('.')) folded.erase(0, 1);
    while (folded.ends_with('.')) folded.pop_back();
    if (!folded.empty()) out.push_back(std::move(folded));
  }
  std::ranges::sort(out);
  out.erase(std::ranges::unique(out).begin(), out.end());
  return out;
}

TsigKeyRow row_of(const Rows& rows) {
  TsigKeyRow row;
  row.name = rows.text(0);
  row.algorithm = rows.text(1);
  row.secret = rows.text(2);
  row.allowed_suffixes = split_lines(rows.text(3));
  row.created_s = rows.integer(4);
  row.expires_s = rows.integer(5);
  row.revoked = rows.integer(6) != 0;
  row.subject = rows.text(7);
  row.registered_spk = rows.text(8);
  row.registered_x25519_pub = rows.text(9);
  return row;
}

bool is_identity(std::string_view entry) { return entry.starts_with("id-") && !entry.contains('*'); }

/// True when `held` is an active key that keeps `wanted` from its owner. A key without a registered owner keeps nobody
/// away: it was made by hand or by an older version.
bool is_in_the_way(const TsigKeyRow& held, const TsigKeyRow& wanted, std::int64_t now_s) {
  if (!held.is_active(now_s) || held.registered_spk.empty() || held.registered_spk == wanted.registered_spk)
    return false;
  if (held.subject == wanted.subject) return true;
  return std::ranges::any_of(wanted.allowed_suffixes, [&held](const std::string& entry) {
    return is_identity(entry) && std::ranges::find(held.allowed_suffixes, entry) != held.allowed_suffixes.end();
  });
}

/// True when `held`, which has the name of `wanted`, is of the same owner. Names hold pieces of hashes and may collide.
bool is_same_owner(const TsigKeyRow& held, const TsigKeyRow& wanted) {
  return held.subject == wanted.subject &&
         (held.registered_spk.empty() || held.registered_spk == wanted.registered_spk);
}

MintOutcome outcome_for(Connection& connection, const TsigKeyRow& wanted, std::int64_t now_s) {
  Statement select(connection, k_select);
  Rows rows = select.run();
  MintOutcome outcome = MintOutcome::minted;
  while (rows.next()) {
    const TsigKeyRow held = row_of(rows);
    if (held.name == wanted.name) {
      if (!is_same_owner(held, wanted)) return MintOutcome::owned_by_other;
      if (held.revoked) outcome = MintOutcome::revoked;
    } else if (is_in_the_way(held, wanted, now_s)) {
      return MintOutcome::owned_by_other;
    }
  }
  return outcome;
}

void make_layout(Connection& connection) {
  connection.execute(k_make_table);
  for (const AddedColumn& column : k_added_columns) {
    bool is_there = false;
    {
      Statement look(connection, "SELECT 1 FROM pragma_table_info('tsig_keys') WHERE name = ?1");
      is_there = look.run(column.name).next();
    }
    if (!is_there) connection.execute(fmt::format("ALTER TABLE tsig_keys ADD COLUMN {} {}", column.name, column.type));
  }
  for (const char* sql : k_make_indices) connection.execute(sql);
  connection.execute(fmt::format("PRAGMA user_version = {}", k_user_version));
}

std::int64_t integer_of(Connection& connection, std::string_view sql) {
  Statement statement(connection, sql);
  Rows rows = statement.run();
  return rows.next() ? rows.integer(0) : 0;
}

std::unexpected<Error> too_new(const std::string& path, std::int64_t version) {
  return fail(ErrorCode::store_newer_schema,
              fmt::format("TSIG key file {} has schema version {}, this node knows up to {}: start the newer node, "
                          "or name another file",
                          path, version, k_user_version));
}

/// Brings the layout up, in one transaction since the admin program may open the file at the same moment.
Result<void> upgrade(Connection& connection, const std::string& path) {
  // Looked at before anything is written: a newer file stays as it is to the last octet.
  const std::int64_t found = integer_of(connection, "PRAGMA user_version");
  if (!connection.failure() && found > k_user_version) return too_new(path, found);
  connection.execute("PRAGMA journal_mode = WAL");
  connection.execute("PRAGMA synchronous = FULL");
  connection.execute("BEGIN IMMEDIATE");
  const std::int64_t version = integer_of(connection, "PRAGMA user_version");
  if (!connection.failure() && version > k_user_version) {
    connection.roll_back();
    return too_new(path, version);
  }
  make_layout(connection);  // also at 4: another hand may have stamped a file that lacks something
  connection.execute("COMMIT");
  if (auto failure = connection.take_failure()) {
    connection.roll_back();
    return fail(failure->error.code, fmt::format("cannot use TSIG key file {}: {}", path, failure->error.text));
  }
  return {};
}

}  // namespace

struct TsigFile::Inner {
  explicit Inner(std::unique_ptr<Connection> opened) : connection(std::move(opened)) {}

  /// `value`, or the failure of the statements before; the connection is then usable again.
  template <class T>
  Result<T> outcome(T value) {
    if (auto failure = connection->take_failure()) {
      connection->roll_back();
      return std::unexpected(failure->error);
    }
    return value;
  }
  template <class... Values>
  Result<std::size_t> change(std::string_view sql, const Values&... values) {
    const std::int64_t before = connection->total_changes();
    {
      Statement statement(*connection, sql);
      statement.execute(values...);
    }
    return outcome(static_cast<std::size_t>(connection->total_changes() - before));
  }

  std::unique_ptr<Connection> connection;
};

TsigFile::TsigFile(std::unique_ptr<Inner> inner) : inner_(std::move(inner)) {}
TsigFile::~TsigFile() = default;

Result<std::unique_ptr<TsigFile>> TsigFile::open(const std::string& path) {
  if (auto made = make_parent_folders(path); !made) return std::unexpected(made.error());
  if (const auto folder = loose_folder_of(path)) {
    log::warning(log::k_node, fmt::format("TSIG key file {}: others may write to its folder {}", path, *folder));
  }
  if (auto checked = make_or_check_file(path, "TSIG key file"); !checked) return std::unexpected(checked.error());
  if (auto tightened = tighten_file(path); !tightened) return std::unexpected(tightened.error());
  auto connection = Connection::open(path, limits::sqlite_busy_timeout_ms);
  if (!connection) return std::unexpected(connection.error());
  if (auto upgraded = upgrade(**connection, path); !upgraded) return std::unexpected(upgraded.error());
  return std::unique_ptr<TsigFile>(new TsigFile(std::make_unique<Inner>(std::move(*connection))));
}

Result<std::optional<TsigKeyRow>> TsigFile::find(std::string_view name) const {
  return inner_.with([name](const std::unique_ptr<Inner>& inner) {
    std::optional<TsigKeyRow> row;
    {
      Statement select(*inner->connection, fmt::format("{} WHERE name = ?1", k_select));
      Rows rows = select.run(name);
      if (rows.next()) row = row_of(rows);
    }
    return inner->outcome(std::move(row));
  });
}

Result<std::vector<TsigKeyRow>> TsigFile::list() const {
  return inner_.with([](const std::unique_ptr<Inner>& inner) {
    std::vector<TsigKeyRow> out;
    {
      Statement select(*inner->connection, fmt::format("{} ORDER BY name", k_select));
      Rows rows = select.run();
      while (rows.next()) out.push_back(row_of(rows));
    }
    return inner->outcome(std::move(out));
  });
}

Result<MintOutcome> TsigFile::mint(TsigKeyRow row, std::int64_t now_s) {
  row.allowed_suffixes = normal_scope(row.allowed_suffixes);
  assert(row.name.ends_with('.') && !row.secret.empty() && !row.allowed_suffixes.empty());
  return inner_.with([&row, now_s](std::unique_ptr<Inner>& inner) {
    Connection& connection = *inner->connection;
    connection.execute("BEGIN IMMEDIATE");
    const MintOutcome outcome = outcome_for(connection, row, now_s);
    if (outcome == MintOutcome::minted) {
      Statement upsert(connection, k_upsert);
      upsert.execute(row.name, row.algorithm, row.secret, join_lines(row.allowed_suffixes), now_s, row.expires_s,
                     row.subject, row.registered_spk, row.registered_x25519_pub);
    }
    connection.execute("COMMIT");
    return inner->outcome(outcome);
  });
}

Result<std::size_t> TsigFile::revoke(std::string_view name) {
  return inner_.with([name](std::unique_ptr<Inner>& inner) {
    return inner->change("UPDATE tsig_keys SET revoked = 1 WHERE name = ?1 AND revoked = 0", name);
  });
}

Result<std::size_t> TsigFile::revoke_subject(std::string_view subject) {
  return inner_.with([subject](std::unique_ptr<Inner>& inner) {
    return inner->change("UPDATE tsig_keys SET revoked = 1 WHERE subject = ?1 AND revoked = 0", subject);
  });
}

Result<std::size_t> TsigFile::allow(std::string_view name) {
  return inner_.with([name](std::unique_ptr<Inner>& inner) {
    return inner->change("DELETE FROM tsig_keys WHERE name = ?1 AND revoked <> 0", name);
  });
}

Result<std::size_t> TsigFile::remove(std::string_view name) {
  return inner_.with([name](std::unique_ptr<Inner>& inner) {
    return inner->change("DELETE FROM tsig_keys WHERE name = ?1 AND revoked = 0", name);
  });
}

Result<std::int64_t> TsigFile::data_version() const {
  return inner_.with([](const std::unique_ptr<Inner>& inner) {
    return inner->outcome(integer_of(*inner->connection, "PRAGMA data_version"));
  });
}

}  // namespace dnsmesh::store
