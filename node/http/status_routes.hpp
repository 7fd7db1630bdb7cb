// SPDX-License-Identifier: Apache-2.0
// Answers about the node itself (spec/http-api.md 3.1 to 3.3), and what an orchestrator asks: does the process live,
// may it get work.
#pragma once

#include <string_view>
#include <vector>

#include "access/access.hpp"
#include "http/exchange.hpp"
#include "http/node_view.hpp"
#include "store/record_store.hpp"

namespace dnsmesh::http {

/// 200 while the store reads and writes, else 503 with a fixed reason.
Response answer_health(const store::RecordStore& store);

/// The number of live (name, value) pairs, or null when the store cannot count.
Response answer_stats(const store::RecordStore& store);

/// 200: the process answers.
Response answer_live();

/// What keeps the node from serving, the store's part first: `store_read`, `store_write`, then the view's words.
std::vector<std::string_view> not_ready(const store::RecordStore& store, const NodeView& view);

/// 200 when nothing keeps the node from serving, else 503; the body lists it.
Response answer_ready(const store::RecordStore& store, const NodeView& view);

/// The metrics page, to the operator alone where a token is configured, whatever the mode.
Response answer_metrics(const Request& request, const access::Access& access, const NodeView& view);

}  // namespace dnsmesh::http
