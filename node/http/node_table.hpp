// SPDX-License-Identifier: Apache-2.0
// The nodes that this one has heard of, for the landing page (spec/http-api.md 3.4).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "store/seen_file.hpp"

namespace dnsmesh::http {

/// What a node with heartbeats says of itself, and whom it has heard.
struct HeartbeatFacts {
  std::string endpoint;          // its own
  std::string operator_spk_hex;  // its own
  std::string version;           // that it states
  std::int64_t now_s = 0;
  std::vector<store::SeenRow> seen;  // not over, verified when they came
};

/// The section of the page: a row for this node, always as of now, and one for each other, newest first. Without facts,
/// how heartbeats are switched on.
std::string nodes_html(const std::optional<HeartbeatFacts>& facts);

}  // namespace dnsmesh::http
