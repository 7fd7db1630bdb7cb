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

std::string fold_ascii(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  std::ranges::transform(text, std::back_inserter(out), [](char c) { return fold_ascii(c); });
  return out;
}

}  // namespace dnsmesh
