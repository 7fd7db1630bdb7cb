// SPDX-License-Identifier: Apache-2.0
#include <charconv>

#include "dnsmesh-record/dns_lookup.hpp"

namespace dnsmesh::record_tool {
namespace {

Result<std::uint16_t> parse_port(std::string_view text) {
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (error != std::errc() || end != text.data() + text.size() || port == 0) {
    return fail(ErrorCode::config_bad_value, "the port of the server must be 1 to 65535");
  }
  return port;
}

/// What stands for the port after the host: empty, `:port` or `#port`.
Result<DnsServer> with_port(std::string_view host, std::string_view tail) {
  if (host.empty()) return fail(ErrorCode::config_bad_value, "the server has no host");
  DnsServer server{std::string(host)};
  if (tail.empty()) return server;
  if (tail.front() != ':' && tail.front() != '#') {
    return fail(ErrorCode::config_bad_value, "after the host of the server may only follow :port or #port");
  }
  const auto port = parse_port(tail.substr(1));
  if (!port) return std::unexpected(port.error());
  server.port = *port;
  return server;
}

}  // namespace

Result<DnsServer> parse_dns_server(std::string_view text) {
  if (text.starts_with('@')) text.remove_prefix(1);
  if (text.starts_with('[')) {
    const std::size_t close = text.find(']');
    if (close == std::string_view::npos) return fail(ErrorCode::config_bad_value, "the server has [ without ]");
    return with_port(text.substr(1, close - 1), text.substr(close + 1));
  }
  std::size_t mark = text.find('#');
  const std::size_t colon = text.find(':');
  // Two colons and no bracket: an IPv6 address, whose port can only follow a `#`.
  const bool is_ipv6 = colon != std::string_view::npos && text.find(':', colon + 1) != std::string_view::npos;
  if (mark == std::string_view::npos && !is_ipv6) mark = colon;
  if (mark == std::string_view::npos) return with_port(text, {});
  return with_port(text.substr(0, mark), text.substr(mark));
}

}  // namespace dnsmesh::record_tool
