// SPDX-License-Identifier: Apache-2.0
#include "app/option_kinds.hpp"

#include <arpa/inet.h>
#include <fmt/format.h>

#include <algorithm>
#include <cassert>
#include <charconv>
#include <cmath>
#include <optional>

#include "access/address_prefixes.hpp"
#include "base/hex.hpp"
#include "base/limits.hpp"
#include "base/utf8.hpp"

namespace dnsmesh::app {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_control(char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; }

/// The number's text as std::from_chars takes it: no blanks, no plus sign, no `_`; nothing when a `_` is misplaced.
std::optional<std::string> plain_number(std::string_view text) {
  text = strip_ascii_whitespace(text);
  if (text.starts_with('+')) {
    text.remove_prefix(1);
    if (text.starts_with('-')) return std::nullopt;
  }
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '_') {
      out.push_back(text[i]);
    } else if (i == 0 || i + 1 == text.size() || !is_digit(text[i - 1]) || !is_digit(text[i + 1])) {
      return std::nullopt;
    }
  }
  return out;
}

template <class Number>
std::optional<Value> parse_number(const Accepted& accepted, std::string_view text) {
  const auto plain = plain_number(text);
  if (!plain) return std::nullopt;
  Number number{};
  const char* end = plain->data() + plain->size();
  const auto [stop, error] = std::from_chars(plain->data(), end, number);
  if (error != std::errc{} || stop != end) return std::nullopt;
  const auto wide = static_cast<double>(number);
  // Written so that NaN, which compares false with everything, is refused.
  if (!(wide >= accepted.min && wide <= accepted.max)) return std::nullopt;
  return Value{number};
}

std::optional<Value> within_length(const Accepted& accepted, std::string_view text) {
  const auto bytes = static_cast<double>(text.size());
  if (bytes > accepted.max) return std::nullopt;
  return Value{std::string(text)};
}

std::optional<Value> parse_text(const Accepted& accepted, std::string_view text) {
  if (!is_utf8(text) || std::ranges::any_of(text, is_control)) return std::nullopt;
  return within_length(accepted, text);
}

std::optional<Value> parse_token(const Accepted& accepted, std::string_view text) {
  // A request's header loses blanks at its ends, so a token that ends in one could never match.
  if (!is_ascii(text) || std::ranges::any_of(text, is_control) || strip_ascii_whitespace(text) != text)
    return std::nullopt;
  return within_length(accepted, text);
}

std::optional<bool> parse_flag(std::string_view text) {
  const std::string word = fold_ascii(strip_ascii_whitespace(text));
  for (const std::string_view yes : {"1", "true", "yes", "on"}) {
    if (word == yes) return true;
  }
  for (const std::string_view no : {"0", "false", "no", "off"}) {
    if (word == no) return false;
  }
  return std::nullopt;
}

std::optional<Value> parse_choice(const Accepted& accepted, std::string_view text) {
  const std::string word = fold_ascii(strip_ascii_whitespace(text));
  std::string_view rest = accepted.words;
  while (!rest.empty()) {
    const std::string_view next = rest.substr(0, rest.find(' '));
    if (fold_ascii(next) == word) return Value{std::string(next)};
    rest.remove_prefix(std::min(rest.size(), next.size() + 1));
  }
  return std::nullopt;
}

bool is_address(int family, std::string_view text) {
  unsigned char octets[16];
  return inet_pton(family, std::string(text).c_str(), octets) == 1;
}

std::optional<Value> parse_address(int family, std::string_view text) {
  text = strip_ascii_whitespace(text);
  if (!is_address(family, text)) return std::nullopt;
  return Value{std::string(text)};
}

std::optional<Value> parse_any_address(std::string_view text) {
  auto address = parse_address(AF_INET, text);
  return address ? address : parse_address(AF_INET6, text);
}

bool is_label(std::string_view label) {
  if (label.empty() || label.size() > limits::label_bytes_max) return false;
  if (label.front() == '-' || label.back() == '-') return false;
  return std::ranges::all_of(label,
                             [](char c) { return is_digit(c) || (c >= 'a' && c <= 'z') || c == '-' || c == '_'; });
}

std::optional<std::string> parse_domain_name(std::string_view text) {
  std::string name = fold_ascii(strip_ascii_whitespace(text));
  while (name.ends_with('.')) name.pop_back();
  if (name.size() > limits::owner_name_bytes_max) return std::nullopt;
  for (std::size_t start = 0; start <= name.size() && !name.empty();) {
    const std::size_t dot = std::min(name.find('.', start), name.size());
    if (!is_label(std::string_view(name).substr(start, dot - start))) return std::nullopt;
    start = dot + 1;
  }
  return name;
}

std::optional<Value> parse_bind_host(std::string_view text) {
  if (auto address = parse_any_address(text)) return address;
  auto name = parse_domain_name(text);
  if (!name || name->empty()) return std::nullopt;
  return Value{std::move(*name)};
}

std::optional<Value> parse_bind_endpoint(std::string_view text) {
  text = strip_ascii_whitespace(text);
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos) return std::nullopt;
  std::string_view host = text.substr(0, colon);
  const bool has_brackets = host.starts_with('[') && host.ends_with(']');
  if (has_brackets) host = host.substr(1, host.size() - 2);
  if (has_brackets != is_address(AF_INET6, host) || !parse_bind_host(host)) return std::nullopt;
  const auto port = parse_number<std::int64_t>({.min = 0, .max = 65535}, text.substr(colon + 1));
  return port ? std::optional(Value{std::string(text)}) : std::nullopt;
}

std::optional<Value> parse_key(std::string_view text) {
  text = strip_ascii_whitespace(text);
  if (text.size() != 64 || !from_hex(text)) return std::nullopt;
  return Value{fold_ascii(text)};
}

/// The secrets in lower case, with one blank between two.
std::optional<Value> parse_cookie_secrets(std::string_view text) {
  constexpr std::size_t k_digits = 32;
  constexpr std::size_t k_count_max = 2;
  std::string out;
  std::size_t count = 0;
  for (text = strip_ascii_whitespace(text); !text.empty(); text = strip_ascii_whitespace(text)) {
    const std::string_view secret = text.substr(0, text.find_first_of(" \t\r\n"));
    if (++count > k_count_max || secret.size() != k_digits || !from_hex(secret)) return std::nullopt;
    out += (out.empty() ? "" : " ") + fold_ascii(secret);
    text.remove_prefix(secret.size());
  }
  return Value{std::move(out)};
}

std::optional<Value> parse(Kind kind, const Accepted& accepted, std::string_view text) {
  switch (kind) {
    case Kind::text:
      return parse_text(accepted, text);
    case Kind::path:
      return text.find('\0') == std::string_view::npos ? within_length(accepted, text) : std::nullopt;
    case Kind::integer:
      return parse_number<std::int64_t>(accepted, text);
    case Kind::number:
      return parse_number<double>(accepted, text);
    case Kind::flag:
      return parse_flag(text).transform([](bool set) { return Value{set}; });
    case Kind::choice:
    case Kind::choice_or_default:
      return parse_choice(accepted, text);
    case Kind::address_ipv4:
      return parse_address(AF_INET, text);
    case Kind::address_ipv6:
      return parse_address(AF_INET6, text);
    case Kind::address:
      return parse_any_address(text);
    case Kind::bind_host:
      return parse_bind_host(text);
    case Kind::bind_endpoint:
      return parse_bind_endpoint(text);
    case Kind::domain_name:
      return parse_domain_name(text).transform(
          [](std::string name) { return name.empty() ? Value{} : Value{std::move(name)}; });
    case Kind::token:
      return parse_token(accepted, text);
    case Kind::address_prefixes:
      return access::AddressPrefixes::parse(text) ? within_length(accepted, text) : std::nullopt;
    case Kind::key_or_none:
      return parse_key(text);
    case Kind::cookie_secrets:
      return parse_cookie_secrets(text);
  }
  return std::nullopt;
}

/// `bad_means` is what a bad text of a lenient kind counts as; the other kinds refuse it.
struct KindRow {
  std::string_view name;
  std::string_view bad_means;
  bool blanks_count = false;  // a text of blanks only is a text, not an empty value
};

constexpr std::array<KindRow, k_kind_count> k_kinds = {{
    {"text", "", true},
    {"path", "", true},
    {"integer", ""},
    {"number", ""},
    {"flag", "false"},
    {"choice", ""},
    {"choice", "not set"},
    {"IPv4 address", ""},
    {"IPv6 address", ""},
    {"address", ""},
    {"address or host name", ""},
    {"address and port", ""},
    {"domain name", ""},
    {"token", "", true},
    {"list of addresses", ""},
    {"key", "not set"},
    {"secrets", ""},
}};

const KindRow& row_of(Kind kind) {
  const auto index = static_cast<std::size_t>(kind);
  assert(index < k_kinds.size());
  return k_kinds[index];
}

std::string range_words(const Accepted& accepted) {
  if (std::isinf(accepted.min)) return fmt::format("up to {:.0f}", accepted.max);
  return fmt::format("from {} to {:.0f}", accepted.min, accepted.max);
}

std::string choice_words(std::string_view words) {
  std::string out = "one of ";
  for (const char c : words) out += c == ' ' ? std::string(", ") : std::string(1, c);
  return out;
}

}  // namespace

std::string_view kind_name(Kind kind) { return row_of(kind).name; }

std::string accepted_words(Kind kind, const Accepted& accepted) {
  switch (kind) {
    case Kind::text:
      return fmt::format("UTF-8 text of at most {:.0f} bytes without control characters", accepted.max);
    case Kind::path:
      return fmt::format("a path of at most {:.0f} bytes", accepted.max);
    case Kind::integer:
      return "a whole number " + range_words(accepted);
    case Kind::number:
      return "a number " + range_words(accepted);
    case Kind::flag:
      return "1, true, yes or on; 0, false, no or off";
    case Kind::choice:
    case Kind::choice_or_default:
      return choice_words(accepted.words);
    case Kind::address_ipv4:
      return "an IPv4 address";
    case Kind::address_ipv6:
      return "an IPv6 address without brackets";
    case Kind::address:
      return "an IPv4 address or an IPv6 address without brackets";
    case Kind::bind_host:
      return "an IPv4 address, an IPv6 address without brackets, or a host name";
    case Kind::bind_endpoint:
      return "an address or a host name with a port (127.0.0.1:8054, [::1]:8054)";
    case Kind::domain_name:
      return "a domain name of at most 253 letters, digits, -, _ and dots, 63 in a label";
    case Kind::token:
      return fmt::format("ASCII text of at most {:.0f} bytes without control characters or blanks at its ends",
                         accepted.max);
    case Kind::address_prefixes:
      return "addresses and prefixes (10.0.0.0/8), separated by commas";
    case Kind::key_or_none:
      return "64 hex digits";
    case Kind::cookie_secrets:
      return "one or two secrets of 32 hex digits, one a line";
  }
  return {};
}

bool is_empty_value(Kind kind, std::string_view text) {
  return row_of(kind).blanks_count ? text.empty() : strip_ascii_whitespace(text).empty();
}

std::expected<Reading, std::string> read_value(Kind kind, const Accepted& accepted, std::string_view text) {
  const KindRow& row = row_of(kind);
  if (is_empty_value(kind, text)) return Reading{};
  if (auto value = parse(kind, accepted, text)) return Reading{std::move(*value), {}};
  std::string words = accepted_words(kind, accepted);
  if (row.bad_means.empty()) return std::unexpected(std::move(words));
  return Reading{kind == Kind::flag ? Value{false} : Value{}, fmt::format("{}; taken as {}", words, row.bad_means)};
}

}  // namespace dnsmesh::app
