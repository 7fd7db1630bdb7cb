// SPDX-License-Identifier: Apache-2.0
#include "record/endpoint.hpp"

#include <algorithm>
#include <optional>
#include <string>

#include "base/utf8.hpp"
#include "record/ip_ranges.hpp"

namespace dnsmesh::record {
namespace {

constexpr std::string_view k_loopback_names[] = {"localhost", "localhost.localdomain", "ip6-localhost"};

bool is_printable(char c) { return c >= 0x21 && c <= 0x7E; }

bool is_hex_digit(char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }

/// What follows `http:` or `https:` in any case; nothing for another scheme.
std::optional<std::string_view> after_scheme(std::string_view endpoint) {
  const std::size_t colon = endpoint.find(':');
  if (colon == std::string_view::npos) return std::nullopt;
  const std::string scheme = fold_ascii(endpoint.substr(0, colon));
  if (scheme != "http" && scheme != "https") return std::nullopt;
  return endpoint.substr(colon + 1);
}

/// Path, query and fragment are all empty; their introducing marks may stand.
bool is_empty_tail(std::string_view tail) { return tail.empty() || tail == "?" || tail == "#" || tail == "?#"; }

/// `v<hex digits>.<anything>`, reserved for address forms to come (RFC 3986 IPvFuture).
bool is_future_literal(std::string_view host) {
  if (!host.starts_with('v')) return false;
  const std::size_t dot = host.find('.');
  if (dot == std::string_view::npos || dot < 2 || dot + 1 == host.size()) return false;
  return std::ranges::all_of(host.substr(1, dot - 1), is_hex_digit);
}

/// An IPv6 literal with an optional non-empty zone. Only the address decides whether it is public.
bool is_public_ipv6_literal(std::string_view literal) {
  const std::size_t percent = literal.find('%');
  if (percent != std::string_view::npos) {
    const std::string_view zone = literal.substr(percent + 1);
    if (zone.empty() || zone.find('%') != std::string_view::npos) return false;
  }
  const auto address = parse_ipv6(literal.substr(0, percent));
  return address && is_public_ipv6(*address);
}

/// `[literal]` or `[literal]:port`.
bool is_bracketed_authority(std::string_view authority) {
  if (!authority.starts_with('[')) return false;
  const std::size_t close = authority.find(']');
  if (close == std::string_view::npos) return false;
  const std::string_view after = authority.substr(close + 1);
  if (!after.empty() && !after.starts_with(':')) return false;
  const std::string_view literal = authority.substr(1, close - 1);
  return is_future_literal(literal) || is_public_ipv6_literal(literal);
}

bool is_public_host(std::string_view host) {
  if (host.empty()) return false;
  if (std::ranges::find(k_loopback_names, fold_ascii(host)) != std::end(k_loopback_names)) return false;
  const auto address = parse_ipv4(host);
  return !address || is_public_ipv4(*address);
}

}  // namespace

bool is_heartbeat_endpoint(std::string_view endpoint) {
  if (endpoint.empty() || endpoint.size() > k_heartbeat_endpoint_bytes_max) return false;
  if (!std::ranges::all_of(endpoint, is_printable)) return false;
  auto rest = after_scheme(endpoint);
  if (!rest || !rest->starts_with("//")) return false;
  rest->remove_prefix(2);
  const std::size_t authority_size = std::min(rest->find_first_of("/?#"), rest->size());
  const std::string_view authority = rest->substr(0, authority_size);
  if (!is_empty_tail(rest->substr(authority_size))) return false;
  if (authority.find('@') != std::string_view::npos) return false;
  if (authority.find_first_of("[]") != std::string_view::npos) return is_bracketed_authority(authority);
  return is_public_host(authority.substr(0, authority.find(':')));
}

}  // namespace dnsmesh::record
