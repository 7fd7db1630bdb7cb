// SPDX-License-Identifier: Apache-2.0
#include "net/dns_log.hpp"

#include <arpa/inet.h>
#include <fmt/format.h>

#include "base/log.hpp"

namespace dnsmesh::net {

void log_malformed(const dns::ClientAddress& client, dns::Transport transport) {
  if (!log::enabled(log::Level::debug)) return;
  char shown[INET6_ADDRSTRLEN] = "?";
  inet_ntop(client.is_ipv6() ? AF_INET6 : AF_INET, client.octets.data(), shown, sizeof shown);
  log::debug(log::k_dns,
             fmt::format("malformed message from {} over {}", shown, transport == dns::Transport::tcp ? "TCP" : "UDP"));
}

}  // namespace dnsmesh::net
