// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

namespace dnsmesh::access {

/// `text` without ASCII blanks at both ends.
constexpr std::string_view trimmed(std::string_view text) {
  constexpr std::string_view k_blanks = " \t\r\n\f\v";
  const std::size_t first = text.find_first_not_of(k_blanks);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(k_blanks) - first + 1);
}

}  // namespace dnsmesh::access
