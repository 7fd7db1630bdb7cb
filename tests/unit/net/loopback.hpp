// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/socket.h>

#include "net/descriptor.hpp"
#include "net/socket.hpp"

namespace dnsmesh::net::test {

/// False in a container without IPv6: there a test says what happens instead.
inline bool has_ipv6_loopback() {
  const Descriptor socket(::socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  const SocketAddress address = parse_address("::1", 0).value();
  return socket.is_open() && ::bind(socket.get(), address.raw(), address.size) == 0;
}

}  // namespace dnsmesh::net::test
