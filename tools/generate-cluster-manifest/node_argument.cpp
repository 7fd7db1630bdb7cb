// SPDX-License-Identifier: Apache-2.0
#include "generate-cluster-manifest/node_argument.hpp"

#include <arpa/inet.h>
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <string>

#include "base/utf8.hpp"
#include "common/text.hpp"

namespace dnsmesh::manifest_tool {
namespace {

using tools::in_quotes;

std::unexpected<Error> bad(std::string text) { return fail(ErrorCode::config_bad_value, std::move(text)); }

/// The manifest's limit of a field, with what is too much.
Result<void> check_length(std::string_view what, std::string_view text, std::size_t bytes_max) {
  if (text.empty()) return bad(fmt::format("{} is empty", what));
  if (text.size() <= bytes_max) return {};
  return bad(fmt::format("{} {} has {} bytes, {} more than the {} that a manifest can carry", what, in_quotes(text),
                         text.size(), text.size() - bytes_max, bytes_max));
}

bool is_visible_ascii(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return c > ' ' && c < '\x7F'; });
}

bool is_host_name(std::string_view host) {
  const auto legal = [](char c) {
    const char folded = fold_ascii(c);
    return (folded >= 'a' && folded <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.';
  };
  return !host.empty() && !host.starts_with('.') && host.find("..") == std::string_view::npos &&
         std::ranges::all_of(host, legal);
}

bool is_port(std::string_view text) {
  std::uint16_t port = 0;
  const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  return error == std::errc{} && stop == text.data() + text.size() && port != 0;
}

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  for (;;) {
    const std::size_t at = text.find(separator);
    parts.push_back(text.substr(0, at));
    if (at == std::string_view::npos) return parts;
    text.remove_prefix(at + 1);
  }
}

}  // namespace

Result<void> check_authority(std::string_view authority) {
  std::string_view rest;  // what follows the host: nothing, or a colon and the port
  if (authority.starts_with('[')) {
    const std::size_t close = authority.find(']');
    if (close == std::string_view::npos) return bad("an IPv6 address lacks its closing bracket");
    unsigned char octets[16];
    const std::string address(authority.substr(1, close - 1));
    if (inet_pton(AF_INET6, address.c_str(), octets) != 1) return bad("what stands in brackets is not an IPv6 address");
    rest = authority.substr(close + 1);
  } else {
    const std::size_t colon = std::min(authority.find(':'), authority.size());
    if (!is_host_name(authority.substr(0, colon))) {
      return bad("there is no host, or it is not a host name or an address");
    }
    rest = authority.substr(colon);
  }
  if (!rest.empty() && (!rest.starts_with(':') || !is_port(rest.substr(1)))) {
    return bad("after the host only : and a port from 1 to 65535 may follow");
  }
  return {};
}

Result<void> check_http_endpoint(std::string_view url) {
  if (!is_visible_ascii(url)) return bad("a URL is ASCII without blanks or control characters");
  const std::size_t scheme_end = url.find("://");
  if (scheme_end == std::string_view::npos) return bad("it must begin with http:// or https://");
  const std::string scheme = fold_ascii(url.substr(0, scheme_end));
  if (scheme != "http" && scheme != "https") return bad("it must begin with http:// or https://");
  if (url.find('#') != std::string_view::npos) return bad("it must not have a fragment (#)");
  if (url.find('?') != std::string_view::npos) return bad("it must not have a query (?)");
  const std::string_view after = url.substr(scheme_end + 3);
  const std::string_view authority = after.substr(0, after.find('/'));
  if (authority.find('@') != std::string_view::npos) return bad("it must not have user information (@)");
  return check_authority(authority);
}

Result<record::ClusterNode> parse_node(std::string_view text) {
  const auto parts = split(text, ',');
  if (parts.size() < 2 || parts.size() > 3) {
    return bad(fmt::format("--node {}: ID,HTTP_URL or ID,HTTP_URL,DNS_ENDPOINT is expected", in_quotes(text)));
  }
  if (auto fits = check_length("--node: the id", parts[0], record::k_node_id_bytes_max); !fits) {
    return std::unexpected(fits.error());
  }
  if (!is_visible_ascii(parts[0])) {
    return bad(fmt::format("--node: the id {} must be ASCII without blanks", in_quotes(parts[0])));
  }
  if (auto fits = check_length("--node: the URL", parts[1], record::k_http_endpoint_bytes_max); !fits) {
    return std::unexpected(fits.error());
  }
  if (auto legal = check_http_endpoint(parts[1]); !legal) {
    return bad(fmt::format("--node {}: the URL {}: {}", parts[0], in_quotes(parts[1]), legal.error().text));
  }
  record::ClusterNode node{std::string(parts[0]), std::string(parts[1]), std::nullopt};
  if (parts.size() == 2) return node;
  if (auto fits = check_length("--node: the DNS endpoint", parts[2], record::k_dns_endpoint_bytes_max); !fits) {
    return std::unexpected(fits.error());
  }
  if (auto legal = check_authority(parts[2]); !legal) {
    return bad(fmt::format("--node {}: the DNS endpoint {}: {}", parts[0], in_quotes(parts[2]), legal.error().text));
  }
  node.dns_endpoint = std::string(parts[2]);
  return node;
}

std::vector<record::ClusterNode> compose_nodes() {
  std::vector<record::ClusterNode> nodes;
  for (const char letter : {'a', 'b', 'c'}) {
    nodes.push_back({fmt::format("node-{}", letter), fmt::format("http://dnsmesh-node-{}:8053", letter),
                     fmt::format("dnsmesh-node-{}:5353", letter)});
  }
  return nodes;
}

}  // namespace dnsmesh::manifest_tool
