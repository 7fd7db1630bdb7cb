// SPDX-License-Identifier: Apache-2.0
// One TXT question to one server, over ldns.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"

namespace dnsmesh::record_tool {

/// Where to ask: an address or a host name, and a port.
struct DnsServer {
  std::string host;
  std::uint16_t port = 53;
};

/// Reads `host`, `host:port`, `host#port`, `[v6]`, `[v6]:port`, `v6` or `v6#port`, with or without an `@` before it.
/// Errors: config_bad_value.
Result<DnsServer> parse_dns_server(std::string_view text);

/// The values at `name`: one a TXT RR, its character-strings joined. A truncated answer is asked for again over TCP.
/// Empty when the name has none. Errors: net_io (no answer, or one that is not NOERROR or NXDOMAIN), config_bad_value
/// (a name or host that cannot be used).
Result<std::vector<std::string>> lookup_txt(std::string_view name, const DnsServer& server);

}  // namespace dnsmesh::record_tool
