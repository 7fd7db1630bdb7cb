// SPDX-License-Identifier: Apache-2.0
#include "base/utf8.hpp"

#include <algorithm>
#include <iterator>

namespace dnsmesh {
namespace {

/// How a lead byte begins: its length, the bits it contributes and the smallest value that needs this length.
struct Lead {
  std::size_t size;
  char32_t bits;
  char32_t value_min;
};

std::optional<Lead> lead_of(unsigned char octet) {
  if (octet < 0x80) return Lead{1, octet, 0};
  if ((octet & 0xE0) == 0xC0) return Lead{2, static_cast<char32_t>(octet & 0x1F), 0x80};
  if ((octet & 0xF0) == 0xE0) return Lead{3, static_cast<char32_t>(octet & 0x0F), 0x800};
  if ((octet & 0xF8) == 0xF0) return Lead{4, static_cast<char32_t>(octet & 0x07), 0x10000};
  return std::nullopt;
}

struct CodePointRange {
  char32_t first;
  char32_t last;
};
constexpr CodePointRange k_whitespace[] = {
    {0x0009, 0x000D}, {0x001C, 0x0020}, {0x0085, 0x0085}, {0x00A0, 0x00A0}, {0x1680, 0x1680},
    {0x2000, 0x200A}, {0x2028, 0x2029}, {0x202F, 0x202F}, {0x205F, 0x205F}, {0x3000, 0x3000},
};

bool is_whitespace(char32_t point) {
  return std::ranges::any_of(k_whitespace,
                             [&](CodePointRange range) { return point >= range.first && point <= range.last; });
}

bool is_ascii_whitespace(char c) { return (c >= '\t' && c <= '\r') || c == ' '; }

/// Where the last code point of non-empty `text` begins; for UTF-8.
std::size_t last_code_point_begin(std::string_view text) {
  std::size_t begin = text.size() - 1;
  while (begin > 0 && (static_cast<unsigned char>(text[begin]) & 0xC0) == 0x80) --begin;
  return begin;
}

}  // namespace

std::optional<CodePoint> first_code_point(std::string_view text) {
  if (text.empty()) return std::nullopt;
  const auto lead = lead_of(static_cast<unsigned char>(text[0]));
  if (!lead || lead->size > text.size()) return std::nullopt;
  char32_t value = lead->bits;
  for (std::size_t i = 1; i < lead->size; ++i) {
    const auto octet = static_cast<unsigned char>(text[i]);
    if ((octet & 0xC0) != 0x80) return std::nullopt;
    value = value << 6 | static_cast<char32_t>(octet & 0x3F);
  }
  const bool surrogate = value >= 0xD800 && value <= 0xDFFF;
  if (value < lead->value_min || value > 0x10FFFF || surrogate) return std::nullopt;
  return CodePoint{value, lead->size};
}

bool is_utf8(std::string_view text) {
  while (!text.empty()) {
    const auto point = first_code_point(text);
    if (!point) return false;
    text.remove_prefix(point->size);
  }
  return true;
}

bool is_ascii(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

std::string_view strip_whitespace(std::string_view text) {
  while (const auto point = first_code_point(text)) {
    if (!is_whitespace(point->value)) break;
    text.remove_prefix(point->size);
  }
  while (!text.empty()) {
    const std::size_t begin = last_code_point_begin(text);
    const auto point = first_code_point(text.substr(begin));
    if (!point || !is_whitespace(point->value)) break;
    text.remove_suffix(text.size() - begin);
  }
  return text;
}

std::string_view strip_ascii_whitespace(std::string_view bytes) {
  while (!bytes.empty() && is_ascii_whitespace(bytes.front())) bytes.remove_prefix(1);
  while (!bytes.empty() && is_ascii_whitespace(bytes.back())) bytes.remove_suffix(1);
  return bytes;
}

std::string fold_ascii(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  std::ranges::transform(text, std::back_inserter(out), [](char c) { return fold_ascii(c); });
  return out;
}

}  // namespace dnsmesh
