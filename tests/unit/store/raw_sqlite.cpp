// SPDX-License-Identifier: Apache-2.0
#include "raw_sqlite.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>
#include <sqlite3.h>

#include "crypto/hash.hpp"

namespace dnsmesh::store {
namespace {

void run(const std::string& path, const std::string& sql, std::vector<std::string>* rows) {
  sqlite3* handle = nullptr;
  REQUIRE(sqlite3_open(path.c_str(), &handle) == SQLITE_OK);
  const auto add_row = [](void* out, int columns, char** texts, char**) {
    std::string row;
    for (int i = 0; i < columns; ++i) row += std::string(i > 0 ? "|" : "") + (texts[i] != nullptr ? texts[i] : "NULL");
    if (out != nullptr) static_cast<std::vector<std::string>*>(out)->push_back(row);
    return 0;
  };
  const int code = sqlite3_exec(handle, sql.c_str(), add_row, rows, nullptr);
  const std::string message = sqlite3_errmsg(handle);
  sqlite3_close(handle);
  INFO(message);
  REQUIRE(code == SQLITE_OK);
}

}  // namespace

void raw_execute(const std::string& path, const std::string& sql) { run(path, sql, nullptr); }

std::vector<std::string> raw_rows(const std::string& path, const std::string& sql) {
  std::vector<std::string> rows;
  run(path, sql, &rows);
  return rows;
}

std::string existing_insert(const std::string& name, const std::string& value, long long created_s, long long ttl_s,
                            long long stored_ts) {
  return fmt::format(
      "INSERT OR REPLACE INTO records (name, value, ttl, created_at, expires_at, stored_ts, value_hash) "
      "VALUES ('{}', '{}', {}, {}, {}, {}, '{}');",
      name, value, ttl_s, created_s, created_s + ttl_s, stored_ts, crypto::sha256_hex(value));
}

}  // namespace dnsmesh::store
