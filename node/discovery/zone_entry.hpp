// SPDX-License-Identifier: Apache-2.0
// From what operators, peers and heartbeats write to zones that can be asked (spec/heartbeat.md 5).
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "store/seen_file.hpp"

namespace dnsmesh::discovery {

/// The zone of an entry: a name, `name:port`, or an URL reduced to its host; lower case, without the final dot. Nothing
/// when that is no DNS name with room for our owners under it, or an IP address.
std::optional<std::string> zone_of_entry(std::string_view entry);

/// The zones of a list separated by commas; what is no zone is appended to `refused`, as it stands.
std::vector<std::string> zones_of_list(std::string_view list, std::vector<std::string>& refused);

/// Where the node of a stored heartbeat publishes: its zone field, whatever the age of the record; without one the host
/// of its endpoint.
std::optional<std::string> zone_of_row(const store::SeenRow& row);

}  // namespace dnsmesh::discovery
