// SPDX-License-Identifier: Apache-2.0
// `dnsmesh-admin cluster status`: what a node's /v1/cluster says, for people.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/error.hpp"

namespace dnsmesh::admin_tool {

struct ClusterStatus {
  std::string table;         // lines for a terminal
  bool all_current = false;  // every peer is current; true without peers
  bool complete = false;     // the node showed all that it knows
};

/// Reads the answer of `GET /v1/cluster`; `now_s` is what ages are counted from. Whatever the node puts into texts, a
/// terminal is not harmed by it. Errors: json_* when it is no such answer.
Result<ClusterStatus> read_cluster_status(std::string_view body, std::int64_t now_s);

}  // namespace dnsmesh::admin_tool
