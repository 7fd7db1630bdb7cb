// SPDX-License-Identifier: Apache-2.0
#include "http/accept_encoding.hpp"

#include <optional>

#include "base/utf8.hpp"

namespace dnsmesh::http {
namespace {

/// Takes what stands before the first `separator` off `text`, without blanks.
std::string_view take_part(std::string_view& text, char separator) {
  const std::size_t end = text.find(separator);
  const std::string_view part = strip_ascii_whitespace(text.substr(0, end));
  text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  return part;
}

/// `q=0`, with up to three decimals.
bool is_zero_weight(std::string_view parameter) {
  const std::string folded = fold_ascii(parameter);
  if (!folded.starts_with("q=0")) return false;
  return std::string_view(folded).substr(3).find_first_not_of(".0") == std::string_view::npos;
}

}  // namespace

bool accepts_gzip(std::string_view accept_encoding) {
  std::optional<bool> named;
  bool any = false;
  while (!accept_encoding.empty()) {
    std::string_view member = take_part(accept_encoding, ',');
    const std::string coding = fold_ascii(take_part(member, ';'));
    const bool refused = is_zero_weight(take_part(member, ';'));
    if (coding == "gzip" || coding == "x-gzip") named = !refused;
    if (coding == "*") any = !refused;
  }
  return named.value_or(any);
}

}  // namespace dnsmesh::http
