// SPDX-License-Identifier: Apache-2.0
// What makes an RRset out of stored rows: its size on the wire and the union of its spellings. Shared by both stores.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "store/record_store.hpp"

namespace dnsmesh::store {

/// Octets of one TXT RR with a compressed owner: fixed part, strings, and a length octet a string (spec/dns.md 6).
std::size_t txt_rr_octets(std::string_view value);

/// A name's rows as they are read: each value once with the later expiry, ordered by second of the last write, then by
/// commit (spec/http-api.md 7.3, spec/records.md 13).
std::vector<Record> union_of_spellings(std::vector<Record> rows);

/// The order of the classic feed: by (stored_ms, name, hash).
bool in_feed_order(const Record& a, const Record& b);

}  // namespace dnsmesh::store
