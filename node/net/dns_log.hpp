// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "dns/client_address.hpp"
#include "dns/transport.hpp"

namespace dnsmesh::net {

/// A line at level debug for a message that could not be parsed; at other levels it is only counted (spec/dns.md 11).
/// Any thread.
void log_malformed(const dns::ClientAddress& client, dns::Transport transport);

}  // namespace dnsmesh::net
