// SPDX-License-Identifier: Apache-2.0
// Where a message came from, as far as the engine needs it.
#pragma once

#include <array>
#include <cstddef>
#include <string_view>

namespace dnsmesh::dns {

/// An IPv4 or IPv6 address in network byte order; the default is 0.0.0.0.
struct ClientAddress {
  std::array<char, 16> octets{};
  std::size_t size = 4;  // 4 or 16

  std::string_view view() const { return {octets.data(), size}; }
  bool is_ipv6() const { return size == octets.size(); }
  /// 127.0.0.0/8 or ::1.
  bool is_loopback() const {
    constexpr std::string_view k_ipv6_loopback("\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\1", 16);
    return is_ipv6() ? view() == k_ipv6_loopback : octets[0] == 127;
  }
};

}  // namespace dnsmesh::dns
