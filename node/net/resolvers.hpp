// SPDX-License-Identifier: Apache-2.0
// Which resolvers are asked, and for how long (spec/heartbeat.md 5).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "net/socket.hpp"

namespace dnsmesh::net {

struct Resolvers {
  std::vector<SocketAddress> addresses;  // in the order in which they are asked
  std::int64_t try_ms = 0;               // one of them
  std::int64_t look_up_ms = 0;           // all of them together
};

/// The resolvers of a list separated by commas: `ip`, `ip:port`, `[ip]`, `[ip]:port`, or a bare IPv6 address; at most
/// limits::resolvers_max. What is none of these, and what is too much, is appended to `refused` as it stands.
Resolvers listed_resolvers(std::string_view list, std::vector<std::string>& refused);

/// The name servers of a file like /etc/resolv.conf; 127.0.0.1 when it names none (resolv.conf(5)).
Resolvers system_resolvers(const std::string& path = "/etc/resolv.conf");

}  // namespace dnsmesh::net
