// SPDX-License-Identifier: Apache-2.0
#include "net/http_listener.hpp"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netdb.h>
#include <netinet/in.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <memory>

namespace dnsmesh::net {
namespace {

std::string shown(std::string_view host) { return host.empty() ? "all addresses" : std::string(host); }

std::unexpected<Error> cannot_listen(std::string_view host, std::uint16_t port, std::string_view why) {
  return fail(ErrorCode::net_bind, fmt::format("cannot listen for HTTP on {} port {}: {}", shown(host), port, why));
}

/// Sets errno on failure.
Descriptor bind_and_listen(const addrinfo& address, bool both_families, int backlog) {
  Descriptor socket(::socket(address.ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!socket.is_open()) return {};
  const int on = 1;
  const int only_v6 = both_families ? 0 : 1;
  ::setsockopt(socket.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (address.ai_family == AF_INET6) ::setsockopt(socket.get(), IPPROTO_IPV6, IPV6_V6ONLY, &only_v6, sizeof only_v6);
  if (::bind(socket.get(), address.ai_addr, address.ai_addrlen) != 0) return {};
  if (::listen(socket.get(), backlog) != 0) return {};
  return socket;
}

}  // namespace

Result<Descriptor> listen_tcp(std::string_view host, std::uint16_t port, int backlog) {
  addrinfo wanted{};
  wanted.ai_socktype = SOCK_STREAM;
  wanted.ai_flags = AI_PASSIVE | AI_NUMERICSERV;
  const std::string name(host);
  const std::string service = fmt::format("{}", port);
  // For the empty host the two wildcards in this order: one IPv6 socket takes both families.
  const std::array<const char*, 2> wildcards = {"::", "0.0.0.0"};
  int last_errno = 0;
  for (const char* node : wildcards) {
    addrinfo* found = nullptr;
    const int failed = ::getaddrinfo(host.empty() ? node : name.c_str(), service.c_str(), &wanted, &found);
    if (failed != 0) return cannot_listen(host, port, ::gai_strerror(failed));
    const std::unique_ptr<addrinfo, void (*)(addrinfo*)> addresses(found, ::freeaddrinfo);
    for (const addrinfo* address = found; address != nullptr; address = address->ai_next) {
      Descriptor listener = bind_and_listen(*address, host.empty(), backlog);
      if (listener.is_open()) return listener;
      last_errno = errno;
    }
    // Only a system without IPv6 goes on to the second wildcard: a taken port is an error.
    if (!host.empty() || (last_errno != EAFNOSUPPORT && last_errno != EADDRNOTAVAIL)) break;
  }
  return cannot_listen(host, port, std::strerror(last_errno));
}

std::uint16_t bound_port(const Descriptor& listener) {
  sockaddr_storage address{};
  socklen_t size = sizeof address;
  if (::getsockname(listener.get(), reinterpret_cast<sockaddr*>(&address), &size) != 0) return 0;
  if (address.ss_family == AF_INET6) return ntohs(reinterpret_cast<const sockaddr_in6&>(address).sin6_port);
  return ntohs(reinterpret_cast<const sockaddr_in&>(address).sin_port);
}

std::string numeric_address(const sockaddr_storage& address) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  if (address.ss_family == AF_INET6) {
    const auto& v6 = reinterpret_cast<const sockaddr_in6&>(address);
    const bool mapped = IN6_IS_ADDR_V4MAPPED(&v6.sin6_addr);
    constexpr std::size_t k_mapped_prefix_octets = 12;
    const void* octets = mapped ? v6.sin6_addr.s6_addr + k_mapped_prefix_octets : v6.sin6_addr.s6_addr;
    ::inet_ntop(mapped ? AF_INET : AF_INET6, octets, text.data(), text.size());
  } else {
    ::inet_ntop(AF_INET, &reinterpret_cast<const sockaddr_in&>(address).sin_addr, text.data(), text.size());
  }
  return text.data();
}

}  // namespace dnsmesh::net
