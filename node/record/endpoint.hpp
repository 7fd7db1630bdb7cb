// SPDX-License-Identifier: Apache-2.0
// The endpoint rule of heartbeats (spec/records.md 9.1): an http(s) URL of scheme and authority alone that does not
// name a private place. It is a rule about text, shared by all nodes; the port is never looked at.
#pragma once

#include <cstddef>
#include <string_view>

namespace dnsmesh::record {

inline constexpr std::size_t k_heartbeat_endpoint_bytes_max = 255;

bool is_heartbeat_endpoint(std::string_view endpoint);

}  // namespace dnsmesh::record
