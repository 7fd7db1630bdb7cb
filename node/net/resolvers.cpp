// SPDX-License-Identifier: Apache-2.0
#include "net/resolvers.hpp"

#include <algorithm>
#include <charconv>
#include <fstream>
#include <optional>

#include "base/discovery_limits.hpp"
#include "base/utf8.hpp"

namespace dnsmesh::net {
namespace {

constexpr std::uint16_t k_dns_port = 53;
constexpr std::size_t k_resolv_conf_lines_max = 1000;

std::optional<std::uint16_t> parse_port(std::string_view text) {
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (error != std::errc() || end != text.data() + text.size() || port == 0) return std::nullopt;
  return port;
}

std::optional<SocketAddress> parse_resolver(std::string_view entry) {
  std::uint16_t port = k_dns_port;
  std::string_view host = entry;
  std::string_view after;
  if (entry.starts_with('[')) {
    const std::size_t close = entry.find(']');
    if (close == std::string_view::npos) return std::nullopt;
    host = entry.substr(1, close - 1);
    after = entry.substr(close + 1);
  } else if (std::ranges::count(entry, ':') == 1) {
    host = entry.substr(0, entry.find(':'));
    after = entry.substr(host.size());
  }
  if (!after.empty()) {
    const auto given = after.starts_with(':') ? parse_port(after.substr(1)) : std::nullopt;
    if (!given) return std::nullopt;
    port = *given;
  }
  return parse_address(host, port);
}

}  // namespace

Resolvers listed_resolvers(std::string_view list, std::vector<std::string>& refused) {
  Resolvers out{{}, limits::lookup_try_ms, limits::lookup_ms};
  while (!list.empty()) {
    const std::size_t comma = std::min(list.find(','), list.size());
    const std::string_view entry = strip_ascii_whitespace(list.substr(0, comma));
    list.remove_prefix(std::min(comma + 1, list.size()));
    if (entry.empty()) continue;
    const auto address = parse_resolver(entry);
    if (address && out.addresses.size() < limits::resolvers_max) {
      out.addresses.push_back(*address);
    } else {
      refused.emplace_back(entry);
    }
  }
  return out;
}

Resolvers system_resolvers(const std::string& path) {
  constexpr std::string_view k_keyword = "nameserver";
  Resolvers out{{}, limits::lookup_system_try_ms, limits::lookup_system_ms};
  std::ifstream file(path);
  std::string line;
  for (std::size_t i = 0; i < k_resolv_conf_lines_max && std::getline(file, line); ++i) {
    const std::string_view text = strip_ascii_whitespace(line);
    if (!text.starts_with(k_keyword)) continue;
    const auto address = parse_address(strip_ascii_whitespace(text.substr(k_keyword.size())), k_dns_port);
    if (address && out.addresses.size() < limits::resolvers_max) out.addresses.push_back(*address);
  }
  if (out.addresses.empty()) out.addresses.push_back(*parse_address("127.0.0.1", k_dns_port));
  return out;
}

}  // namespace dnsmesh::net
