// SPDX-License-Identifier: Apache-2.0
#include "access/address_key.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <array>

#include "base/hex.hpp"

namespace dnsmesh::access {
namespace {

constexpr std::size_t k_prefix_octets = 8;
constexpr std::string_view k_mapped{"\0\0\0\0\0\0\0\0\0\0\xFF\xFF", 12};

}  // namespace

std::string address_key(std::string_view numeric_address) {
  const std::string text(numeric_address.substr(0, numeric_address.find('%')));  // without a zone such as %eth0
  std::array<char, sizeof(in6_addr)> octets{};
  if (inet_pton(AF_INET6, text.c_str(), octets.data()) != 1) return std::string(numeric_address);
  const std::string_view bytes(octets.data(), octets.size());
  if (bytes.starts_with(k_mapped)) {
    std::array<char, INET_ADDRSTRLEN> v4{};
    inet_ntop(AF_INET, octets.data() + k_mapped.size(), v4.data(), v4.size());
    return v4.data();
  }
  return to_hex(bytes.substr(0, k_prefix_octets)) + "/64";
}

}  // namespace dnsmesh::access
