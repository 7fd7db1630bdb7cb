// SPDX-License-Identifier: Apache-2.0
// Routes that anybody may ask how the node is (spec/http-api.md 3.1 and 3.2).
#pragma once

#include "http/exchange.hpp"
#include "store/record_store.hpp"

namespace dnsmesh::http {

/// 200 while the store reads and writes, else 503 with a fixed reason.
Response answer_health(const store::RecordStore& store);

/// The number of live (name, value) pairs, or null when the store cannot count.
Response answer_stats(const store::RecordStore& store);

}  // namespace dnsmesh::http
