// SPDX-License-Identifier: Apache-2.0
#include "generate-cluster-manifest/text.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <ctime>
#include <iterator>

#include "base/utf8.hpp"

namespace dnsmesh::manifest_tool {
namespace {

constexpr std::size_t k_printed_bytes_max = 200;
constexpr std::uint64_t k_year_10000_s = 253402300800;

bool is_control(char32_t code_point) { return code_point < 0x20 || (code_point >= 0x7F && code_point < 0xA0); }

}  // namespace

std::string printable(std::string_view text) {
  const bool cut = text.size() > k_printed_bytes_max;
  text = text.substr(0, k_printed_bytes_max);
  std::string out;
  while (!text.empty()) {
    const auto code_point = first_code_point(text);
    const bool plain = code_point && !is_control(code_point->value);
    const std::size_t size = code_point ? code_point->size : 1;
    for (const char c : text.substr(0, size)) {
      if (plain) {
        out.push_back(c);
      } else {
        fmt::format_to(std::back_inserter(out), "\\x{:02x}", static_cast<unsigned char>(c));
      }
    }
    text.remove_prefix(size);
  }
  return cut ? out + "..." : out;
}

std::string in_quotes(std::string_view text) { return "\"" + printable(text) + "\""; }

std::string date_text(std::uint64_t seconds) {
  if (seconds >= k_year_10000_s) return fmt::format("{}", seconds);
  return fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", fmt::gmtime(static_cast<std::time_t>(seconds)));
}

}  // namespace dnsmesh::manifest_tool
