// SPDX-License-Identifier: Apache-2.0
// A row of the table `records` as columns and back.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "store/record_store.hpp"
#include "store/sqlite.hpp"

namespace dnsmesh::store {

/// What read_record reads, in its order. The feeds leave the value out: a page would be 20 MB with it.
inline constexpr std::string_view k_columns =
    "name, value, ttl, created_at, expires_at, stored_ts, value_hash, rseq, offer_reason, offer_until";
inline constexpr std::string_view k_feed_columns =
    "name, '', ttl, created_at, expires_at, stored_ts, value_hash, rseq, offer_reason, offer_until";

Record read_record(const sqlite::Rows& row);

/// The offer from the columns offer_reason, offer_until, which begin at `column`.
record::Offer read_offer(const sqlite::Rows& row, int column);

/// The column offer_reason of an offer; nothing for NULL.
std::optional<std::string_view> reason_text(const record::Offer& offer);

/// A hash as the file spells it, and back; all zeros for a text that is no hash.
std::string hash_text(const crypto::Hash256& hash);
crypto::Hash256 hash_from(std::string_view text);

}  // namespace dnsmesh::store
