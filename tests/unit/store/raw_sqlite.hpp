// SPDX-License-Identifier: Apache-2.0
// The record file as another program sees it: plain SQL on a connection of its own.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace dnsmesh::store {

/// Runs statements on the file, which is made when it is missing.
void raw_execute(const std::string& path, const std::string& sql);

/// The rows of a query, columns joined by '|', NULL as the word.
std::vector<std::string> raw_rows(const std::string& path, const std::string& sql);

/// The layout that existing nodes make.
inline constexpr std::string_view k_existing_layout = R"(
PRAGMA journal_mode = WAL;
CREATE TABLE records (
  name TEXT NOT NULL, value TEXT NOT NULL, ttl INTEGER NOT NULL, created_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL, stored_ts INTEGER NOT NULL DEFAULT 0, value_hash TEXT NOT NULL DEFAULT '',
  PRIMARY KEY (name, value));
CREATE INDEX idx_records_name ON records (name);
CREATE INDEX idx_records_expires ON records (expires_at);
CREATE INDEX idx_records_stored_ts ON records (stored_ts);
CREATE INDEX idx_records_page ON records (stored_ts, name, value_hash);
)";

/// The statement by which an existing node writes a row, all seven columns named.
std::string existing_insert(const std::string& name, const std::string& value, long long created_s, long long ttl_s,
                            long long stored_ts);

}  // namespace dnsmesh::store
