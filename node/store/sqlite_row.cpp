// SPDX-License-Identifier: Apache-2.0
#include "store/sqlite_row.hpp"

#include "base/hex.hpp"

namespace dnsmesh::store {
namespace {

/// The code behind a stored reason. A reason of a later version is still a reason.
ErrorCode code_from_name(std::string_view name) {
  for (int i = 0; i < static_cast<int>(ErrorCode::count_); ++i) {
    if (error_name(static_cast<ErrorCode>(i)) == name) return static_cast<ErrorCode>(i);
  }
  return ErrorCode::record_unknown_type;
}

}  // namespace

Record read_record(const sqlite::Rows& row) {
  return {.name = std::string(row.text(0)),
          .value = std::string(row.text(1)),
          .ttl_s = row.integer(2),
          .created_s = row.integer(3),
          .expires_s = row.integer(4),
          .stored_ms = row.integer(5),
          .value_hash = hash_from(row.text(6)),
          .rseq = row.integer(7),
          .offer = read_offer(row, 8)};
}

record::Offer read_offer(const sqlite::Rows& row, int column) {
  record::Offer offer;
  if (!row.is_null(column)) offer.reason = code_from_name(row.text(column));
  if (!row.is_null(column + 1)) offer.valid_until_s = row.integer(column + 1);
  return offer;
}

std::optional<std::string_view> reason_text(const record::Offer& offer) { return offer.reason.transform(error_name); }

std::string hash_text(const crypto::Hash256& hash) { return to_hex(view(hash)); }

crypto::Hash256 hash_from(std::string_view text) {
  const auto bytes = from_hex(text);
  if (!bytes || bytes->size() != crypto::Hash256{}.size()) return {};
  return to_array<crypto::Hash256{}.size()>(*bytes);
}

}  // namespace dnsmesh::store
