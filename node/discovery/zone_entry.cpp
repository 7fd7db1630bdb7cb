// SPDX-License-Identifier: Apache-2.0
#include "discovery/zone_entry.hpp"

#include <algorithm>

#include "base/limits.hpp"
#include "base/utf8.hpp"
#include "discovery/heartbeat_text.hpp"
#include "record/hostname.hpp"

namespace dnsmesh::discovery {
namespace {

constexpr std::string_view k_longest_owner = "_dnsmesh-heartbeat.";

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_label_char(char c) { return is_digit(c) || (c >= 'a' && c <= 'z') || c == '-' || c == '_'; }

/// The host of what follows `://`: without user, port, path, query and fragment.
std::string_view host_of_url(std::string_view rest) {
  rest = rest.substr(0, rest.find_first_of("/?#"));
  if (const std::size_t at = rest.rfind('@'); at != std::string_view::npos) rest.remove_prefix(at + 1);
  return rest;
}

/// Folded labels of letters, digits, hyphens and underscores. No top-level name is a number, so one that ends in a
/// number is an address in some spelling.
bool is_zone(std::string_view name) {
  if (name.empty() || name.size() + k_longest_owner.size() > limits::owner_name_bytes_max) return false;
  std::string_view label;
  for (std::string_view rest = name;;) {
    const std::size_t dot = rest.find('.');
    label = rest.substr(0, dot);
    if (label.empty() || label.size() > limits::label_bytes_max) return false;
    if (!std::ranges::all_of(label, is_label_char)) return false;
    if (dot == std::string_view::npos) break;
    rest.remove_prefix(dot + 1);
  }
  return !std::ranges::all_of(label, is_digit);
}

}  // namespace

std::optional<std::string> zone_of_entry(std::string_view entry) {
  entry = strip_ascii_whitespace(entry);
  if (const std::size_t scheme = entry.find("://"); scheme != std::string_view::npos) {
    entry = host_of_url(entry.substr(scheme + 3));
  }
  if (!entry.starts_with('[')) entry = strip_ascii_whitespace(entry.substr(0, entry.find(':')));
  std::string zone = fold_ascii(record::without_trailing_dot(entry));
  if (!is_zone(zone)) return std::nullopt;
  return zone;
}

std::vector<std::string> zones_of_list(std::string_view list, std::vector<std::string>& refused) {
  std::vector<std::string> out;
  while (!list.empty()) {
    const std::size_t comma = std::min(list.find(','), list.size());
    const std::string_view entry = strip_ascii_whitespace(list.substr(0, comma));
    list.remove_prefix(std::min(comma + 1, list.size()));
    if (entry.empty()) continue;
    if (auto zone = zone_of_entry(entry)) {
      out.push_back(std::move(*zone));
    } else {
      refused.emplace_back(entry);
    }
  }
  return out;
}

std::optional<std::string> zone_of_row(const store::SeenRow& row) {
  const auto heartbeat = read_unverified(row.wire);
  if (heartbeat && !heartbeat->claim_provider_zone.empty()) return zone_of_entry(heartbeat->claim_provider_zone);
  return zone_of_entry(row.endpoint);
}

}  // namespace dnsmesh::discovery
