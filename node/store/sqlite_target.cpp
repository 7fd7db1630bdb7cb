// SPDX-License-Identifier: Apache-2.0
#include "store/sqlite_target.hpp"

#include <fmt/format.h>

#include "store/sqlite_row.hpp"

namespace dnsmesh::store {
namespace {

PresentRow present_row(const sqlite::Rows& row) {
  return {std::string(row.text(0)), std::string(row.text(1)), row.integer(2)};
}

}  // namespace

Tombstone read_tombstone(const sqlite::Rows& row) {
  return {std::string(row.text(0)), hash_from(row.text(1)), row.integer(2),
          row.integer(3),           row.integer(4),         row.integer(5)};
}

SqliteTarget::SqliteTarget(sqlite::Connection& connection)
    : row_of_(connection, "SELECT name, value, expires_at FROM records WHERE name = ?1 AND value_hash = ?2"),
      expiry_of_(connection, "SELECT expires_at FROM records WHERE name = ?1 AND value = ?2"),
      rows_at_(connection, fmt::format(k_at_folded, "name, value, expires_at")),
      expired_rows_(connection,
                    "SELECT name, value, expires_at FROM records WHERE expires_at <= ?1 ORDER BY expires_at LIMIT ?2"),
      // Replacing gives a new rowid, by which a reference node orders the values of one second (spec/storage.md 2).
      put_(connection,
           fmt::format("INSERT OR REPLACE INTO records ({}) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
                       k_columns)),
      remove_(connection, "DELETE FROM records WHERE name = ?1 AND value = ?2"),
      set_position_(connection, "INSERT OR REPLACE INTO sync_positions (peer, kind, position) VALUES (?1, ?2, ?3)"),
      quarantine_(connection,
                  "INSERT OR REPLACE INTO sync_quarantine (peer, name, value_hash, reason, retry_at, attempts, "
                  "first_seen, until) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)"),
      release_(connection, "DELETE FROM sync_quarantine WHERE peer = ?1 AND name = ?2 AND value_hash = ?3"),
      forget_positions_(connection, "DELETE FROM sync_positions WHERE peer = ?1"),
      forget_quarantine_(connection, "DELETE FROM sync_quarantine WHERE peer = ?1"),
      tombstone_(connection,
                 fmt::format("SELECT {} FROM tombstones WHERE name = ?1 AND value_hash = ?2", k_tombstone_columns)),
      bury_(connection, fmt::format("INSERT OR REPLACE INTO tombstones ({}) VALUES (?1, ?2, ?3, ?4, ?5, nullif(?6, 0))",
                                    k_tombstone_columns)),
      unbury_(connection, "DELETE FROM tombstones WHERE name = ?1 AND value_hash = ?2"),
      drop_tombstones_(connection,
                       "DELETE FROM tombstones WHERE (name, value_hash) IN (SELECT name, value_hash FROM tombstones "
                       "WHERE until <= ?1 ORDER BY until, name, value_hash LIMIT ?2) RETURNING 1") {}

std::optional<PresentRow> SqliteTarget::row_of(std::string_view name, const crypto::Hash256& hash) {
  sqlite::Rows rows = row_of_.run(name, hash_text(hash));
  if (!rows.next()) return std::nullopt;
  return present_row(rows);
}

std::optional<std::int64_t> SqliteTarget::expiry_of(std::string_view name, std::string_view value) {
  sqlite::Rows rows = expiry_of_.run(name, value);
  if (!rows.next()) return std::nullopt;
  return rows.integer(0);
}

std::vector<PresentRow> SqliteTarget::rows_at(std::string_view folded_name, std::int64_t now_s,
                                              std::size_t expired_max) {
  std::vector<PresentRow> out;
  std::size_t expired = 0;
  for (sqlite::Rows rows = rows_at_.run(folded_name); rows.next();) {
    if (rows.integer(2) <= now_s && ++expired > expired_max) continue;
    out.push_back(present_row(rows));
  }
  return out;
}

std::vector<PresentRow> SqliteTarget::expired_rows(std::int64_t now_s, std::size_t rows_max) {
  std::vector<PresentRow> out;
  for (sqlite::Rows rows = expired_rows_.run(now_s, rows_max); rows.next();) out.push_back(present_row(rows));
  return out;
}

void SqliteTarget::put(const Record& row) {
  put_.execute(row.name, row.value, row.ttl_s, row.created_s, row.expires_s, row.stored_ms, hash_text(row.value_hash),
               row.rseq, reason_text(row.offer), row.offer.valid_until_s);
}

void SqliteTarget::remove(const PresentRow& row) { remove_.execute(row.name, row.value); }

void SqliteTarget::set_position(const SetPosition& entry) {
  set_position_.execute(entry.peer, entry.kind, entry.position);
}

void SqliteTarget::quarantine(const Quarantine& entry) {
  quarantine_.execute(entry.peer, entry.name, hash_text(entry.value_hash), entry.reason, entry.retry_at_s,
                      entry.attempts, entry.first_seen_s, entry.until_s);
}

void SqliteTarget::release(const ReleaseQuarantine& entry) {
  release_.execute(entry.peer, entry.name, hash_text(entry.value_hash));
}

void SqliteTarget::forget(const ForgetPeer& peer) {
  forget_positions_.execute(peer.peer);
  forget_quarantine_.execute(peer.peer);
}

std::optional<Tombstone> SqliteTarget::tombstone(std::string_view name, const crypto::Hash256& hash) {
  sqlite::Rows rows = tombstone_.run(name, hash_text(hash));
  if (!rows.next()) return std::nullopt;
  return read_tombstone(rows);
}

void SqliteTarget::bury(const Tombstone& entry) {
  bury_.execute(entry.name, hash_text(entry.value_hash), entry.deleted_ms, entry.until_s, entry.life_until_s,
                entry.rseq);
}

void SqliteTarget::unbury(std::string_view name, const crypto::Hash256& hash) {
  unbury_.execute(name, hash_text(hash));
}

std::size_t SqliteTarget::drop_tombstones(std::int64_t now_s, std::size_t rows_max) {
  std::size_t dropped = 0;
  for (sqlite::Rows rows = drop_tombstones_.run(now_s, rows_max); rows.next();) ++dropped;
  return dropped;
}

}  // namespace dnsmesh::store
