// SPDX-License-Identifier: Apache-2.0
// The value of --node, and what an endpoint in a manifest of ours looks like. Readers of manifests check neither
// (spec/records.md 2.1), so a mistake here would go unseen until peers fail to connect.
#pragma once

#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "record/cluster_manifest.hpp"

namespace dnsmesh::manifest_tool {

/// `ID,HTTP_URL[,DNS_ENDPOINT]`. Errors: config_bad_value, in one line.
Result<record::ClusterNode> parse_node(std::string_view text);

/// An absolute http or https URL with a host, and without user information, query or fragment. Errors: config_bad_value
/// with what is wrong.
Result<void> check_http_endpoint(std::string_view url);

/// `host` or `host:port`; the host is a name, an IPv4 address or an IPv6 address in brackets. Errors: config_bad_value.
Result<void> check_authority(std::string_view authority);

/// node-a, node-b and node-c of the compose cluster.
std::vector<record::ClusterNode> compose_nodes();

}  // namespace dnsmesh::manifest_tool
