// SPDX-License-Identifier: Apache-2.0
#include "record/ip_ranges.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <cstddef>
#include <span>
#include <string>

namespace dnsmesh::record {
namespace {

/// The leading `bits` of `start`, whose remaining octets are zero.
template <std::size_t N>
struct Range {
  ByteArray<N> start;
  std::size_t bits;
};
using Range4 = Range<4>;
using Range6 = Range<16>;

template <std::size_t N>
bool contains(const Range<N>& range, const ByteArray<N>& address) {
  for (std::size_t bit = 0; bit < range.bits; ++bit) {
    const auto mask = static_cast<unsigned char>(0x80U >> (bit % 8));
    if ((range.start[bit / 8] & mask) != (address[bit / 8] & mask)) return false;
  }
  return true;
}

template <std::size_t N>
bool is_in(std::span<const Range<N>> ranges, const ByteArray<N>& address) {
  return std::ranges::any_of(ranges, [&](const Range<N>& range) { return contains(range, address); });
}

constexpr Range4 k_refused4[] = {
    {{0, 0, 0, 0}, 8},     {{10, 0, 0, 0}, 8},      {{127, 0, 0, 0}, 8},    {{169, 254, 0, 0}, 16},
    {{172, 16, 0, 0}, 12}, {{192, 0, 0, 0}, 24},    {{192, 0, 2, 0}, 24},   {{192, 168, 0, 0}, 16},
    {{198, 18, 0, 0}, 15}, {{198, 51, 100, 0}, 24}, {{203, 0, 113, 0}, 24}, {{224, 0, 0, 0}, 4},
    {{240, 0, 0, 0}, 4},
};
constexpr Range4 k_allowed4[] = {
    {{192, 0, 0, 9}, 32},
    {{192, 0, 0, 10}, 32},
};

constexpr Range6 k_refused6[] = {
    {{0x00}, 8},                     // ::/8, with ::1, IPv4-mapped and IPv4-compatible addresses and 64:ff9b::/96
    {{0x01}, 8},                     // 100::/8
    {{0x02}, 7},                     // 200::/7
    {{0x04}, 6},                     // 400::/6
    {{0x08}, 5},                     // 800::/5
    {{0x10}, 4},                     // 1000::/4
    {{0x40}, 3},                     // 4000::/3
    {{0x60}, 3},                     // 6000::/3
    {{0x80}, 3},                     // 8000::/3
    {{0xa0}, 3},                     // a000::/3
    {{0xc0}, 3},                     // c000::/3
    {{0xe0}, 4},                     // e000::/4
    {{0xf0}, 5},                     // f000::/5
    {{0xf8}, 6},                     // f800::/6
    {{0xfe, 0x00}, 9},               // fe00::/9
    {{0xfe, 0x80}, 10},              // fe80::/10
    {{0xfc}, 7},                     // fc00::/7
    {{0xff}, 8},                     // ff00::/8
    {{0x20, 0x01}, 23},              // 2001::/23
    {{0x20, 0x01, 0x0d, 0xb8}, 32},  // 2001:db8::/32
    {{0x20, 0x02}, 16},              // 2002::/16
};
constexpr Range6 k_allowed6[] = {
    {{0x20, 0x01, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}, 128},  // 2001:1::1
    {{0x20, 0x01, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2}, 128},  // 2001:1::2
    {{0x20, 0x01, 0x00, 0x03}, 32},                                 // 2001:3::/32
    {{0x20, 0x01, 0x00, 0x04, 0x01, 0x12}, 48},                     // 2001:4:112::/48
    {{0x20, 0x01, 0x00, 0x20}, 28},                                 // 2001:20::/28
    {{0x20, 0x01, 0x00, 0x30}, 28},                                 // 2001:30::/28
};

template <std::size_t N>
std::optional<ByteArray<N>> parse_address(int family, std::string_view text) {
  // inet_pton takes a C string: a NUL inside would hide what follows.
  if (text.find('\0') != std::string_view::npos) return std::nullopt;
  ByteArray<N> address{};
  if (inet_pton(family, std::string(text).c_str(), address.data()) != 1) return std::nullopt;
  return address;
}

}  // namespace

std::optional<ByteArray<4>> parse_ipv4(std::string_view text) { return parse_address<4>(AF_INET, text); }

std::optional<ByteArray<16>> parse_ipv6(std::string_view text) { return parse_address<16>(AF_INET6, text); }

bool is_public_ipv4(const ByteArray<4>& address) {
  return !is_in<4>(k_refused4, address) || is_in<4>(k_allowed4, address);
}

bool is_public_ipv6(const ByteArray<16>& address) {
  return !is_in<16>(k_refused6, address) || is_in<16>(k_allowed6, address);
}

}  // namespace dnsmesh::record
