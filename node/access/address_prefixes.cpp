// SPDX-License-Identifier: Apache-2.0
#include "access/address_prefixes.hpp"

#include <arpa/inet.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>

#include "access/trim.hpp"

namespace dnsmesh::access {
namespace {

constexpr std::size_t k_mapped_octets = 12;
constexpr std::size_t k_address_bits = 128;

struct Address {
  ByteArray<16> octets{};
  bool is_v4 = false;
};

std::optional<Address> read_address(std::string_view numeric) {
  // inet_pton takes a C string: a NUL inside would hide what follows.
  if (numeric.contains('\0')) return std::nullopt;
  const std::string text(numeric);
  Address out;
  if (inet_pton(AF_INET6, text.c_str(), out.octets.data()) == 1) return out;
  out.octets[k_mapped_octets - 2] = out.octets[k_mapped_octets - 1] = 0xFF;
  out.is_v4 = true;
  if (inet_pton(AF_INET, text.c_str(), out.octets.data() + k_mapped_octets) != 1) return std::nullopt;
  return out;
}

/// An entry of X-Forwarded-For without brackets and port: `192.0.2.1:80`, `[2001:db8::1]:80`.
std::string_view without_port(std::string_view hop) {
  if (hop.starts_with('[')) return hop.substr(1, hop.find(']') - 1);
  const bool has_one_colon = std::ranges::count(hop, ':') == 1;
  return has_one_colon ? hop.substr(0, hop.find(':')) : hop;
}

}  // namespace

bool AddressPrefixes::read(std::string_view entry, Prefix& out) {
  const std::size_t slash = entry.find('/');
  const auto address = read_address(entry.substr(0, slash));
  if (!address) return false;
  const std::size_t bits_before = address->is_v4 ? k_mapped_octets * 8 : 0;
  std::size_t bits = k_address_bits - bits_before;
  if (slash != std::string_view::npos) {
    const std::string_view text = entry.substr(slash + 1);
    const std::size_t bits_max = bits;
    const auto [stop, error] = std::from_chars(text.begin(), text.end(), bits);
    if (error != std::errc{} || stop != text.end() || bits > bits_max) return false;
  }
  out = {address->octets, bits_before + bits};
  return true;
}

Result<AddressPrefixes> AddressPrefixes::parse(std::string_view list) {
  AddressPrefixes out;
  while (!list.empty()) {
    const std::size_t comma = std::min(list.find(','), list.size());
    const std::string_view entry = trimmed(list.substr(0, comma));
    list.remove_prefix(std::min(comma + 1, list.size()));
    if (entry.empty()) continue;
    if (!read(entry, out.prefixes_.emplace_back())) {
      return fail(ErrorCode::config_bad_value, fmt::format("'{}' is no address and no prefix", entry));
    }
  }
  return out;
}

bool AddressPrefixes::contains(std::string_view numeric_address) const {
  const auto address = read_address(numeric_address);
  if (!address) return false;
  return std::ranges::any_of(prefixes_, [&](const Prefix& prefix) {
    for (std::size_t bit = 0; bit < prefix.bits; ++bit) {
      const auto mask = static_cast<unsigned char>(0x80U >> (bit % 8));
      if (((prefix.start[bit / 8] ^ address->octets[bit / 8]) & mask) != 0) return false;
    }
    return true;
  });
}

std::string client_address(std::string_view peer, std::string_view forwarded_for, const AddressPrefixes& trusted) {
  std::string_view client = peer;
  while (trusted.contains(client) && !forwarded_for.empty()) {
    const std::size_t comma = forwarded_for.rfind(',');
    const std::string_view hop =
        without_port(trimmed(comma == std::string_view::npos ? forwarded_for : forwarded_for.substr(comma + 1)));
    forwarded_for = comma == std::string_view::npos ? std::string_view{} : forwarded_for.substr(0, comma);
    if (!read_address(hop)) break;
    client = hop;
  }
  return std::string(client);
}

}  // namespace dnsmesh::access
