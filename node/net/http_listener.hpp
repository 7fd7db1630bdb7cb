// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/socket.h>

#include <cstdint>
#include <string>
#include <string_view>

#include "base/error.hpp"
#include "net/descriptor.hpp"

namespace dnsmesh::net {

/// A non-blocking TCP listener. `host` is an IPv4 or IPv6 literal or a name such as `localhost`; empty listens on all
/// addresses of both families where the system has IPv6. Port 0 takes a free one. Error: net_bind, one sentence.
Result<Descriptor> listen_tcp(std::string_view host, std::uint16_t port, int backlog);

/// The port that a listener has; 0 when the system does not say.
std::uint16_t bound_port(const Descriptor& listener);

/// The numeric address of a peer, an IPv4 one as such when it comes mapped into IPv6.
std::string numeric_address(const sockaddr_storage& address);

}  // namespace dnsmesh::net
