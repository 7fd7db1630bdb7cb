// SPDX-License-Identifier: Apache-2.0
#include "sync/peer.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <optional>
#include <utility>

#include "base/limits.hpp"
#include "base/utf8.hpp"
#include "crypto/hash.hpp"
#include "record/ip_ranges.hpp"

namespace dnsmesh::sync {
namespace {

constexpr std::size_t k_synthetic_host_chars = 9;
constexpr std::size_t k_synthetic_hash_chars = 6;
constexpr std::size_t k_shown_chars_max = 128;

/// A URL taken apart by its marks alone (RFC 3986 appendix B); nothing is checked.
struct UrlParts {
  std::string scheme;                // lower case; empty: none
  std::optional<std::string> user;   // what stands before the last `@`
  std::optional<std::string> host;   // lower case, without brackets; absent: no authority
  std::optional<std::string> port;   // what stands after the host's colon
  bool bracketed = false;            // the host was in brackets
  bool after_bracket_stray = false;  // something other than a port follows the bracket, or there is no closing one
  std::string path;
  bool tail = false;  // a query or a fragment follows
};

bool is_alpha(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter_or_digit(char c) { return is_alpha(c) || is_digit(c); }
bool is_hex(char c) { return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }

bool is_scheme(std::string_view text) {
  const auto stands_in_scheme = [](char c) { return is_letter_or_digit(c) || c == '+' || c == '-' || c == '.'; };
  return !text.empty() && is_alpha(text.front()) && std::ranges::all_of(text, stands_in_scheme);
}

std::string_view without_trailing_slashes(std::string_view text) {
  while (text.ends_with('/')) text.remove_suffix(1);
  return text;
}

void split_authority(std::string_view authority, UrlParts& out) {
  if (const std::size_t at = authority.rfind('@'); at != std::string_view::npos) {
    out.user = authority.substr(0, at);
    authority.remove_prefix(at + 1);
  }
  std::string_view rest;
  if (authority.starts_with('[')) {
    const std::size_t close = authority.find(']');
    out.bracketed = true;
    out.host = fold_ascii(authority.substr(1, close == std::string_view::npos ? close : close - 1));
    if (close != std::string_view::npos) rest = authority.substr(close + 1);
    out.after_bracket_stray = close == std::string_view::npos || !(rest.empty() || rest.starts_with(':'));
  } else {
    const std::size_t colon = std::min(authority.find(':'), authority.size());
    out.host = fold_ascii(authority.substr(0, colon));
    rest = authority.substr(colon);
  }
  if (rest.starts_with(':')) out.port = rest.substr(1);
}

UrlParts split_url(std::string_view url) {
  UrlParts out;
  std::string_view rest = url;
  if (const std::size_t colon = url.find(':'); colon != std::string_view::npos && is_scheme(url.substr(0, colon))) {
    out.scheme = fold_ascii(url.substr(0, colon));
    rest.remove_prefix(colon + 1);
  }
  const std::size_t tail = std::min(rest.find_first_of("?#"), rest.size());
  out.tail = tail < rest.size();
  rest = rest.substr(0, tail);
  if (rest.starts_with("//")) {
    rest.remove_prefix(2);
    const std::size_t end = std::min(rest.find('/'), rest.size());
    split_authority(rest.substr(0, end), out);
    rest.remove_prefix(end);
  }
  out.path = rest;
  return out;
}

/// 1 to 65535.
std::optional<unsigned> port_number(std::string_view text) {
  unsigned port = 0;
  const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (fault != std::errc() || end != text.data() + text.size() || port == 0 || port > 65535) return std::nullopt;
  return port;
}

bool is_host(const UrlParts& url) {
  if (url.bracketed) return record::parse_ipv6(*url.host).has_value();
  const auto stands_in_host = [](char c) { return is_letter_or_digit(c) || c == '.' || c == '-' || c == '_'; };
  return url.host->size() <= limits::owner_name_bytes_max && std::ranges::all_of(*url.host, stands_in_host) &&
         std::ranges::any_of(*url.host, is_letter_or_digit);
}

/// Characters of a path (RFC 3986 3.3); `%` needs two hex digits.
bool is_path(std::string_view path) {
  constexpr std::string_view k_marks = "/-._~!$&'()*+,;=:@";
  for (std::size_t i = 0; i < path.size(); ++i) {
    const char c = path[i];
    if (is_letter_or_digit(c) || k_marks.find(c) != std::string_view::npos) continue;
    if (c != '%' || i + 2 >= path.size() || !is_hex(path[i + 1]) || !is_hex(path[i + 2])) return false;
    i += 2;
  }
  return true;
}

/// What a line may show of a URL that is refused: nothing that could be a password or a token.
std::string shown(std::string_view url) {
  url = url.substr(0, url.find_first_of("?#"));
  const std::size_t at = url.rfind('@');
  return std::string((at == std::string_view::npos ? url : url.substr(at + 1)).substr(0, k_shown_chars_max));
}

}  // namespace

std::string normalised_endpoint(std::string_view endpoint) { return fold_ascii(without_trailing_slashes(endpoint)); }

std::string synthetic_node_id(std::string_view endpoint) {
  const std::string_view text = without_trailing_slashes(endpoint);
  const UrlParts url = split_url(text);
  std::string host = url.host.value_or("");
  if (host.empty()) host = text.empty() ? "peer" : text;
  const auto port = port_number(url.port.value_or(""));
  const std::string key = fmt::format("{}:{}{}", host, port ? std::to_string(*port) : "", url.path);
  return host.substr(0, k_synthetic_host_chars) + "-" + crypto::sha256_hex(key).substr(0, k_synthetic_hash_chars);
}

Result<void> check_peer_endpoint(std::string_view endpoint) {
  const auto refuse = [](std::string_view what) { return fail(ErrorCode::sync_endpoint, std::string(what)); };
  if (endpoint.size() > limits::peer_endpoint_bytes_max) {
    return refuse(fmt::format("the URL is longer than {} bytes", limits::peer_endpoint_bytes_max));
  }
  const UrlParts url = split_url(endpoint);
  if (url.scheme != "http" && url.scheme != "https") return refuse("the URL does not begin with http: or https:");
  if (url.user) return refuse("the URL has user info");
  if (url.tail) return refuse("the URL has a query or a fragment");
  if (!url.host || url.host->empty()) return refuse("the URL has no host");
  if (url.after_bracket_stray || !is_host(url)) return refuse("the URL's host is neither a name nor an address");
  if (url.port && !port_number(*url.port)) return refuse("the URL's port is not a number from 1 to 65535");
  if (!is_path(url.path)) return refuse("the URL's path has a character that must not stand there");
  return {};
}

std::vector<Peer> peers_of_list(std::string_view comma_list, std::string_view self_node_id,
                                std::string_view self_endpoint, std::vector<std::string>& problems) {
  std::vector<Peer> peers;
  const std::string self = normalised_endpoint(strip_whitespace(self_endpoint));
  for (std::size_t begin = 0; begin <= comma_list.size();) {
    const std::size_t end = std::min(comma_list.find(',', begin), comma_list.size());
    const std::string_view url = without_trailing_slashes(strip_whitespace(comma_list.substr(begin, end - begin)));
    begin = end + 1;
    if (url.empty()) continue;
    const auto problem = [&](std::string_view what) {
      problems.push_back(fmt::format("peer {} is not used: {}", shown(url), what));
    };
    if (const auto legal = check_peer_endpoint(url); !legal) {
      problem(legal.error().text);
      continue;
    }
    const std::string normalised = normalised_endpoint(url);
    Peer peer{synthetic_node_id(url), std::string(url), true};
    const auto same_place = [&](const Peer& other) { return normalised_endpoint(other.endpoint) == normalised; };
    if (normalised == self || peer.node_id == self_node_id || std::ranges::any_of(peers, same_place)) continue;
    const auto twin = std::ranges::find(peers, peer.node_id, &Peer::node_id);
    if (twin != peers.end()) {
      problem(fmt::format("it has the id {} of {}; name each node once", peer.node_id, twin->endpoint));
    } else if (peers.size() == limits::sync_peers_max) {
      problem(fmt::format("there are {} peers before it, no more are possible", limits::sync_peers_max));
    } else {
      peers.push_back(std::move(peer));
    }
  }
  return peers;
}

}  // namespace dnsmesh::sync
