// SPDX-License-Identifier: Apache-2.0
#include "net/socket.hpp"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netdb.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <cassert>
#include <cstring>
#include <span>
#include <system_error>

namespace dnsmesh::net {
namespace {

constexpr std::size_t k_ipv6_client_octets = 7;  // a /56: what one customer usually has
constexpr std::uint64_t k_ipv4_client_mark = std::uint64_t{1} << 63;

const sockaddr_in& as_ipv4(const SocketAddress& address) {
  return *static_cast<const sockaddr_in*>(static_cast<const void*>(&address.storage));
}
const sockaddr_in6& as_ipv6(const SocketAddress& address) {
  return *static_cast<const sockaddr_in6*>(static_cast<const void*>(&address.storage));
}

std::uint64_t number_of(std::span<const std::uint8_t> octets) {
  std::uint64_t number = 0;
  for (const std::uint8_t octet : octets) number = number << 8 | octet;
  return number;
}

}  // namespace

std::uint16_t SocketAddress::port() const {
  return ntohs(family() == AF_INET6 ? as_ipv6(*this).sin6_port : as_ipv4(*this).sin_port);
}

void SocketAddress::set_port(std::uint16_t port) {
  static_assert(offsetof(sockaddr_in, sin_port) == offsetof(sockaddr_in6, sin6_port));
  static_cast<sockaddr_in*>(static_cast<void*>(&storage))->sin_port = htons(port);
}

bool SocketAddress::is_wildcard() const {
  if (family() == AF_INET6) return IN6_IS_ADDR_UNSPECIFIED(&as_ipv6(*this).sin6_addr);
  return as_ipv4(*this).sin_addr.s_addr == htonl(INADDR_ANY);
}

std::optional<SocketAddress> parse_address(std::string_view text, std::uint16_t port) {
  addrinfo hints{};
  hints.ai_flags = AI_NUMERICHOST;
  addrinfo* list = nullptr;
  // inet_aton's short forms ("1", "127.1") pass getaddrinfo but are no addresses to an operator.
  const bool is_ipv6 = text.find(':') != std::string_view::npos;
  if (!is_ipv6 && std::ranges::count(text, '.') != 3) return std::nullopt;
  hints.ai_family = is_ipv6 ? AF_INET6 : AF_INET;
  if (getaddrinfo(std::string(text).c_str(), nullptr, &hints, &list) != 0) return std::nullopt;
  SocketAddress address;
  address.size = list->ai_addrlen;
  std::memcpy(&address.storage, list->ai_addr, list->ai_addrlen);
  freeaddrinfo(list);
  address.set_port(port);
  return address;
}

std::string to_text(const SocketAddress& address) {
  char host[NI_MAXHOST] = "?";
  getnameinfo(address.raw(), address.size, host, sizeof host, nullptr, 0, NI_NUMERICHOST);
  return address.family() == AF_INET6 ? fmt::format("[{}]:{}", host, address.port())
                                      : fmt::format("{}:{}", host, address.port());
}

std::uint64_t client_key(const SocketAddress& address) {
  if (address.family() != AF_INET6) return k_ipv4_client_mark | ntohl(as_ipv4(address).sin_addr.s_addr);
  const in6_addr& ipv6 = as_ipv6(address).sin6_addr;
  const std::span octets(ipv6.s6_addr);
  if (IN6_IS_ADDR_V4MAPPED(&ipv6)) return k_ipv4_client_mark | number_of(octets.last<sizeof(in_addr)>());
  return number_of(octets.first<k_ipv6_client_octets>());
}

dns::ClientAddress client_address(const sockaddr_storage& storage) {
  dns::ClientAddress client;
  const void* const address = &storage;
  if (storage.ss_family == AF_INET6) {
    client.size = sizeof(in6_addr);
    std::memcpy(client.octets.data(), &static_cast<const sockaddr_in6*>(address)->sin6_addr, client.size);
  } else {
    std::memcpy(client.octets.data(), &static_cast<const sockaddr_in*>(address)->sin_addr, client.size);
  }
  return client;
}

SocketAddress bound_address(int fd) {
  SocketAddress address;
  const int failed = getsockname(fd, address.raw(), &address.size);
  assert(failed == 0);
  (void)failed;
  return address;
}

std::unexpected<Error> bind_error(std::string_view what, const SocketAddress& address, int error_number) {
  return fail(ErrorCode::net_bind,
              fmt::format("cannot {} {}: {}", what, to_text(address), std::generic_category().message(error_number)));
}

WakeUp::WakeUp() : descriptor_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
  assert(descriptor_.is_open() && "eventfd(2) fails only when descriptors run out at start");
}

void WakeUp::notify() const {
  const std::uint64_t one = 1;
  const ssize_t written = write(descriptor_.get(), &one, sizeof one);
  (void)written;  // it fails only when it is set already
}

void WakeUp::clear() const {
  std::uint64_t count = 0;
  const ssize_t got = read(descriptor_.get(), &count, sizeof count);
  (void)got;  // it fails only when nothing was notified
}

}  // namespace dnsmesh::net
