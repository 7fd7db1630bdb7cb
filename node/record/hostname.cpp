// SPDX-License-Identifier: Apache-2.0
#include "record/hostname.hpp"

#include <algorithm>

#include "base/limits.hpp"
#include "base/utf8.hpp"

namespace dnsmesh::record {
namespace {

bool is_letter_digit_hyphen(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-';
}

bool is_hostname_label(std::string_view label) {
  if (label.empty() || label.size() > limits::label_bytes_max) return false;
  if (label.front() == '-' || label.back() == '-') return false;
  return std::ranges::all_of(label, is_letter_digit_hyphen);
}

}  // namespace

std::string_view without_trailing_dot(std::string_view name) {
  if (name.ends_with('.')) name.remove_suffix(1);
  return name;
}

std::string_view without_trailing_dots(std::string_view name) {
  while (name.ends_with('.')) name.remove_suffix(1);
  return name;
}

bool is_hostname(std::string_view name) {
  std::string_view rest = without_trailing_dot(name);
  for (;;) {
    const std::size_t dot = rest.find('.');
    if (!is_hostname_label(rest.substr(0, dot))) return false;
    if (dot == std::string_view::npos) return true;
    rest.remove_prefix(dot + 1);
  }
}

std::optional<std::string> signed_name(std::string_view name) {
  const std::string_view bare = without_trailing_dot(name);
  if (bare.size() > k_signed_name_bytes_max || !is_hostname(name)) return std::nullopt;
  return std::string(bare);
}

bool matches_expected_name(std::string_view signed_name, std::string_view expected) {
  const std::string_view bare = without_trailing_dot(expected);
  return !bare.empty() && fold_ascii(signed_name) == fold_ascii(bare);
}

}  // namespace dnsmesh::record
