// SPDX-License-Identifier: Apache-2.0
// Descriptors and numeric socket addresses.
#pragma once

#include <netinet/in.h>
#include <sys/socket.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/error.hpp"
#include "dns/client_address.hpp"
#include "net/descriptor.hpp"

namespace dnsmesh::net {

/// An IPv4 or IPv6 address with a port.
struct SocketAddress {
  sockaddr_storage storage{};
  socklen_t size = sizeof(sockaddr_storage);

  sockaddr* raw() { return static_cast<sockaddr*>(static_cast<void*>(&storage)); }
  const sockaddr* raw() const { return static_cast<const sockaddr*>(static_cast<const void*>(&storage)); }
  int family() const { return storage.ss_family; }
  std::uint16_t port() const;
  void set_port(std::uint16_t port);
  /// `0.0.0.0` or `::`.
  bool is_wildcard() const;
};

/// Reads a numeric address without port or brackets, with a scope after `%` where there is one; nothing when it is
/// none.
std::optional<SocketAddress> parse_address(std::string_view text, std::uint16_t port);

/// `192.0.2.1:53` or `[2001:db8::1]:53`.
std::string to_text(const SocketAddress& address);

/// What is counted as one client (spec/dns.md 9): an IPv4 address, also when it arrives mapped into IPv6, or the /56 of
/// an IPv6 address. Different clients have different keys.
std::uint64_t client_key(const SocketAddress& address);

/// The address alone, as the DNS engine wants it.
dns::ClientAddress client_address(const sockaddr_storage& storage);

/// Where `fd` is bound.
SocketAddress bound_address(int fd);

/// A net_bind error that names what was tried, the address, and errno as text.
std::unexpected<Error> bind_error(std::string_view what, const SocketAddress& address, int error_number);

/// Wakes a thread that waits on its descriptor. notify() from any thread, also from a signal handler.
class WakeUp {
 public:
  WakeUp();
  int fd() const { return descriptor_.get(); }
  void notify() const;
  /// What was notified until now wakes nobody any more. The waiting thread.
  void clear() const;

 private:
  Descriptor descriptor_;
};

}  // namespace dnsmesh::net
