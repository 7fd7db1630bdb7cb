// SPDX-License-Identifier: Apache-2.0
#include "http/page_template.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace dnsmesh::http {
namespace {

constexpr std::string_view k_open = "{{";
constexpr std::string_view k_close = "}}";

}  // namespace

std::string fill_in(std::string_view text, std::initializer_list<Place> places) {
  std::string out;
  while (true) {
    const std::size_t open = text.find(k_open);
    const std::size_t close = open == std::string_view::npos ? open : text.find(k_close, open);
    if (close == std::string_view::npos) break;
    const std::size_t end = close + k_close.size();
    const std::string_view name = text.substr(open + k_open.size(), close - open - k_open.size());
    const auto* const place = std::ranges::find(places, name, &Place::name);
    out += text.substr(0, open);
    out += place == places.end() ? text.substr(open, end - open) : place->value;
    text.remove_prefix(end);
  }
  out += text;
  return out;
}

std::string escape_html(std::string_view text) {
  constexpr std::string_view k_special = "&<>\"'{}";
  std::string out;
  for (const char c : text) {
    if (k_special.contains(c)) {
      fmt::format_to(std::back_inserter(out), "&#{};", static_cast<int>(c));
    } else {
      out.push_back(c);
    }
  }
  return out;
}

}  // namespace dnsmesh::http
