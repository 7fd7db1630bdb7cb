// SPDX-License-Identifier: Apache-2.0
// The kinds of values that options have: how the text of each is read, and how its range is said (spec/configuration.md
// 1).
#pragma once

#include <array>
#include <cstdint>
#include <expected>
#include <string>
#include <string_view>
#include <variant>

namespace dnsmesh::app {

enum class Kind : std::uint8_t {
  text,               // any printable text as it is
  path,               // a file; not empty
  integer,            // blanks around, a sign, digits with `_` between them
  number,             // as integer, with fraction and exponent
  flag,               // 1, true, yes, on; 0, false, no, off
  choice,             // one of the row's words, any case, trimmed
  choice_or_default,  // as choice; any other word warns and counts as not set
  address_ipv4,
  address_ipv6,
  address,           // of either kind
  bind_host,         // an IP address or a host name
  bind_endpoint,     // the same with a port: `127.0.0.1:8054`, `[::1]:8054`
  domain_name,       // trimmed, lower-cased, final dots removed
  token,             // visible ASCII, fit for an HTTP header
  address_prefixes,  // addresses and prefixes, separated by commas
  key_or_none,       // 64 hex digits; anything else warns and counts as not set
  cookie_secrets,    // one or two of 32 hex digits, one a line
};
inline constexpr std::size_t k_kind_count = 17;

/// What a value is allowed to be: bounds of numbers, bounds in bytes of texts, words of choices (separated by blanks).
struct Accepted {
  double min = 0;
  double max = 0;
  std::string_view words = {};
};

/// A value that was read: nothing when the text counts as not set (empty, or of a lenient kind and bad). Domain names,
/// choices and keys are in their canonical form.
using Value = std::variant<std::monostate, std::string, std::int64_t, double, bool>;

struct Reading {
  Value value;
  std::string warning;  // why a lenient kind was not taken as it stands; empty when all is well
};

/// True when `text` counts as not set: it is empty or, for all kinds but text, path and token, only blanks.
bool is_empty_value(Kind kind, std::string_view text);

/// Reads `text`. The error says what is accepted, without the name of the option and without the text, which
/// may be secret. Any thread.
std::expected<Reading, std::string> read_value(Kind kind, const Accepted& accepted, std::string_view text);

/// What the documentation calls the kind: `integer`, `flag`, `address`, ...
std::string_view kind_name(Kind kind);

/// The accepted values in words: `a whole number from 0 to 65535`.
std::string accepted_words(Kind kind, const Accepted& accepted);

}  // namespace dnsmesh::app
