// SPDX-License-Identifier: Apache-2.0
#include "sync/query.hpp"

#include <charconv>
#include <limits>

#include "base/hex.hpp"

namespace dnsmesh::sync {
namespace {

std::string decoded(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const auto octet = text[0] == '%' && text.size() >= 3 ? from_hex(text.substr(1, 2)) : std::nullopt;
    if (octet) {
      out += *octet;
    } else {
      out.push_back(text[0] == '+' ? ' ' : text[0]);
    }
    text.remove_prefix(octet ? 3 : 1);
  }
  return out;
}

}  // namespace

Query::Query(std::string_view target) {
  const std::size_t mark = target.find('?');
  if (mark != std::string_view::npos) text_ = target.substr(mark + 1);
}

std::optional<std::string> Query::get(std::string_view name) const {
  for (std::string_view rest = text_; !rest.empty();) {
    const std::string_view part = rest.substr(0, rest.find('&'));
    rest.remove_prefix(part.size() < rest.size() ? part.size() + 1 : part.size());
    const std::size_t equals = part.find('=');
    if (equals == std::string_view::npos || equals + 1 == part.size()) continue;
    if (decoded(part.substr(0, equals)) == name) return decoded(part.substr(equals + 1));
  }
  return std::nullopt;
}

std::string_view path_of(std::string_view target) { return target.substr(0, target.find('?')); }

std::optional<std::int64_t> parse_integer(std::string_view text) {
  const bool negative = text.starts_with('-');
  if (negative || text.starts_with('+')) text.remove_prefix(1);
  if (text.empty() || text.find_first_not_of("0123456789") != std::string_view::npos) return std::nullopt;
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{}) number = std::numeric_limits<std::int64_t>::max();
  return negative ? -number : number;
}

}  // namespace dnsmesh::sync
