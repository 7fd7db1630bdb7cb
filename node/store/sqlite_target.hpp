// SPDX-License-Identifier: Apache-2.0
// The rows of the record file as a batch changes them.
#pragma once

#include "store/apply.hpp"
#include "store/sqlite.hpp"

namespace dnsmesh::store {

/// Works inside the connection's open transaction; failures stay with the connection.
class SqliteTarget final : public CommitTarget {
 public:
  explicit SqliteTarget(sqlite::Connection& connection);

  std::optional<PresentRow> row_of(std::string_view name, const crypto::Hash256& hash) override;
  std::optional<std::int64_t> expiry_of(std::string_view name, std::string_view value) override;
  std::vector<PresentRow> rows_at(std::string_view folded_name, std::int64_t now_s, std::size_t expired_max) override;
  std::vector<PresentRow> expired_rows(std::int64_t now_s, std::size_t rows_max) override;
  void put(const Record& row) override;
  void remove(const PresentRow& row) override;
  void set_position(const SetPosition& entry) override;
  void quarantine(const Quarantine& entry) override;
  void release(const ReleaseQuarantine& entry) override;
  void forget(const ForgetPeer& peer) override;
  std::optional<Tombstone> tombstone(std::string_view name, const crypto::Hash256& hash) override;
  void bury(const Tombstone& entry) override;
  void unbury(std::string_view name, const crypto::Hash256& hash) override;
  std::size_t drop_tombstones(std::int64_t now_s, std::size_t rows_max) override;

 private:
  sqlite::Statement row_of_;
  sqlite::Statement expiry_of_;
  sqlite::Statement rows_at_;
  sqlite::Statement expired_rows_;
  sqlite::Statement put_;
  sqlite::Statement remove_;
  sqlite::Statement set_position_;
  sqlite::Statement quarantine_;
  sqlite::Statement release_;
  sqlite::Statement forget_positions_;
  sqlite::Statement forget_quarantine_;
  sqlite::Statement tombstone_;
  sqlite::Statement bury_;
  sqlite::Statement unbury_;
  sqlite::Statement drop_tombstones_;
};

/// The tombstone in the current row of `SELECT k_tombstone_columns FROM tombstones`.
Tombstone read_tombstone(const sqlite::Rows& row);
inline constexpr std::string_view k_tombstone_columns = "name, value_hash, deleted_ms, until, life_until, rseq";

/// Every row at each spelling that folds to ?1. Names are mostly lower case, so only the others are indexed by their
/// fold.
inline constexpr std::string_view k_at_folded =
    "SELECT {0} FROM records WHERE name = ?1 UNION ALL "
    "SELECT {0} FROM records WHERE lower(name) = ?1 AND name <> lower(name)";

}  // namespace dnsmesh::store
