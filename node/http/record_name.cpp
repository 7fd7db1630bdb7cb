// SPDX-License-Identifier: Apache-2.0
#include "http/record_name.hpp"

#include <algorithm>

#include "base/hex.hpp"
#include "base/limits.hpp"
#include "base/utf8.hpp"

namespace dnsmesh::http {
namespace {

constexpr std::string_view k_prefix = "/v1/records/";
constexpr std::string_view k_replacement = "\xEF\xBF\xBD";  // U+FFFD

std::string percent_decoded(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const auto octet = text[0] == '%' && text.size() >= 3 ? from_hex(text.substr(1, 2)) : std::nullopt;
    out += octet ? *octet : std::string(1, text[0]);
    text.remove_prefix(octet ? 3 : 1);
  }
  return out;
}

std::string with_replacements(std::string_view bytes) {
  std::string out;
  while (!bytes.empty()) {
    const auto point = first_code_point(bytes);
    const std::size_t size = point ? point->size : 1;
    out += point ? bytes.substr(0, size) : k_replacement;
    bytes.remove_prefix(size);
  }
  return out;
}

/// White space as the existing nodes trim it: Unicode's, with the four ASCII separators.
bool is_blank(char32_t point) {
  return (point >= 0x09 && point <= 0x0D) || (point >= 0x1C && point <= 0x20) || point == 0x85 || point == 0xA0 ||
         point == 0x1680 || (point >= 0x2000 && point <= 0x200A) || point == 0x2028 || point == 0x2029 ||
         point == 0x202F || point == 0x205F || point == 0x3000;
}

/// Precondition: `text` is UTF-8.
std::string_view trimmed(std::string_view text) {
  std::size_t begin = text.size();
  std::size_t end = 0;
  for (std::size_t at = 0; at < text.size();) {
    const auto point = first_code_point(text.substr(at));
    if (!is_blank(point->value)) {
      begin = std::min(begin, at);
      end = at + point->size;
    }
    at += point->size;
  }
  return begin < end ? text.substr(begin, end - begin) : std::string_view{};
}

bool is_alphanumeric(char c) { return (c >= '0' && c <= '9') || (fold_ascii(c) >= 'a' && fold_ascii(c) <= 'z'); }

bool is_valid_label(std::string_view label) {
  if (label.size() > limits::label_bytes_max) return false;
  if (label.starts_with('_')) label.remove_prefix(1);
  if (label.empty() || !is_alphanumeric(label.front()) || !is_alphanumeric(label.back())) return false;
  return std::ranges::all_of(label, [](char c) { return is_alphanumeric(c) || c == '-'; });
}

}  // namespace

std::optional<std::string> record_name_in(std::string_view target) {
  if (!target.starts_with(k_prefix)) return std::nullopt;
  std::string_view segment = target.substr(k_prefix.size());
  if (segment.ends_with('/')) segment.remove_suffix(1);
  if (segment.empty() || segment.contains('/')) return std::nullopt;
  const std::string decoded = with_replacements(percent_decoded(segment));
  std::string_view name = trimmed(decoded);
  while (name.ends_with('.')) name.remove_suffix(1);
  return std::string(name);
}

bool is_valid_record_name(std::string_view name) {
  if (name.empty() || name.size() > limits::owner_name_bytes_max) return false;
  while (true) {
    const std::size_t dot = name.find('.');
    if (!is_valid_label(name.substr(0, dot))) return false;
    if (dot == std::string_view::npos) return true;
    name.remove_prefix(dot + 1);
  }
}

}  // namespace dnsmesh::http
