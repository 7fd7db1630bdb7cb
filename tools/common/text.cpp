// SPDX-License-Identifier: Apache-2.0
#include "common/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "base/utf8.hpp"

namespace dnsmesh::tools {
namespace {

struct CodePointRange {
  char32_t first;
  char32_t last;
};
/// C0, DEL and C1 controls can move a terminal's cursor; bidirectional marks can reorder what is read.
constexpr CodePointRange k_unprintable[] = {
    {0x0000, 0x001F}, {0x007F, 0x009F}, {0x200E, 0x200F}, {0x2028, 0x202E}, {0x2066, 0x2069},
};

bool is_unprintable(char32_t point) {
  return std::ranges::any_of(k_unprintable,
                             [&](CodePointRange range) { return point >= range.first && point <= range.last; });
}

}  // namespace

std::string printable(std::string_view text, std::size_t bytes_max) {
  std::string out;
  std::size_t shown = 0;
  while (shown < text.size()) {
    const std::string_view rest = text.substr(shown);
    const auto point = first_code_point(rest);
    const std::size_t size = point ? point->size : 1;
    if (shown + size > bytes_max) return fmt::format("{}... ({} bytes more)", out, rest.size());
    const bool escape = !point || is_unprintable(point->value);
    for (const char c : rest.substr(0, size)) {
      if (escape) {
        fmt::format_to(std::back_inserter(out), "\\x{:02x}", static_cast<unsigned char>(c));
      } else {
        out.push_back(c);
      }
    }
    shown += size;
  }
  return out;
}

std::string in_quotes(std::string_view text) { return "\"" + printable(text) + "\""; }

}  // namespace dnsmesh::tools
