// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace dnsmesh {

/// One code point and its length in bytes (1..4).
struct CodePoint {
  char32_t value;
  std::size_t size;
};

/// The first code point of non-empty `text`; nothing for overlong forms, surrogates, values above U+10FFFF and
/// truncated sequences (spec/records.md 1.6).
std::optional<CodePoint> first_code_point(std::string_view text);

/// True when all of `text` is strict UTF-8; the empty text is.
bool is_utf8(std::string_view text);

/// True when every byte is below 0x80.
bool is_ascii(std::string_view text);

/// `text` (UTF-8) without the Unicode white space at both ends; the characters of spec/records.md 7.1.
std::string_view strip_whitespace(std::string_view text);

/// `bytes` without the ASCII white space (0x09..0x0D, 0x20) at both ends.
std::string_view strip_ascii_whitespace(std::string_view bytes);

/// ASCII `A`-`Z` to lower case; every other byte stays (the folding rule of spec/records.md 13).
std::string fold_ascii(std::string_view text);

/// One character folded as fold_ascii does.
constexpr char fold_ascii(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

}  // namespace dnsmesh
