// SPDX-License-Identifier: Apache-2.0
#include "dnsmesh-node-admin/duration.hpp"

#include <charconv>
#include <utility>

namespace dnsmesh::node_admin {
namespace {

constexpr std::string_view k_blanks = " \t\n\v\f\r";
constexpr std::pair<char, std::int64_t> k_units[] = {{'s', 1}, {'m', 60}, {'h', 3600}, {'d', 86400}, {'w', 604800}};

}  // namespace

std::optional<std::int64_t> parse_duration(std::string_view text) {
  const std::size_t first = text.find_first_not_of(k_blanks);
  if (first == std::string_view::npos) return std::nullopt;
  text = text.substr(first, text.find_last_not_of(k_blanks) - first + 1);
  std::int64_t unit_s = 1;
  for (const auto& [letter, seconds] : k_units) {
    if (!text.ends_with(letter)) continue;
    unit_s = seconds;
    text.remove_suffix(1);
    break;
  }
  std::uint64_t count = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), count);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  if (count > static_cast<std::uint64_t>(k_duration_s_max / unit_s)) return std::nullopt;
  return static_cast<std::int64_t>(count) * unit_s;
}

}  // namespace dnsmesh::node_admin
