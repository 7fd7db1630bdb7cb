// SPDX-License-Identifier: Apache-2.0
#include "record/name_rule.hpp"

#include <algorithm>
#include <cstddef>

#include "base/limits.hpp"
#include "base/utf8.hpp"
#include "record/hostname.hpp"

namespace dnsmesh::record {
namespace {

constexpr std::size_t k_claim_hash_chars = 12;

bool is_digit(char c) { return c >= '0' && c <= '9'; }

bool is_lower_hex(char c) { return is_digit(c) || (c >= 'a' && c <= 'f'); }

bool is_letter_or_digit(char c) { return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

/// The shapes that are reserved: `#` stands for one or more decimal digits, `*` for one or more lower-case hex digits.
constexpr std::string_view k_reserved_shapes[] = {
    "slot-#.mb-*.",  "chunk-#-*.", "mb-*.", "id-*.", "prekeys.id-*.", "_dnsmesh-",
    "claim-#.mb-*.", "cluster.",   "_dmp.", "dmp.",  "rotate.",
};

/// Takes the run of characters that `is_member` accepts from the front of `text`; true when there was one at least.
bool take_run(std::string_view& text, bool (*is_member)(char)) {
  const auto end = std::ranges::find_if_not(text, is_member);
  const auto size = static_cast<std::size_t>(end - text.begin());
  text.remove_prefix(size);
  return size > 0;
}

/// True when `text` begins with `shape`. No shape has a run followed by a character that the run itself could take, so
/// taking all of a run never misses a match.
bool begins_with_shape(std::string_view text, std::string_view shape) {
  for (const char c : shape) {
    if (c == '#' || c == '*') {
      if (!take_run(text, c == '#' ? is_digit : is_lower_hex)) return false;
    } else {
      if (!text.starts_with(c)) return false;
      text.remove_prefix(1);
    }
  }
  return true;
}

/// `_?[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?`
bool is_http_label(std::string_view label) {
  if (label.starts_with('_')) label.remove_prefix(1);
  if (label.empty() || label.size() > limits::label_bytes_max) return false;
  if (!is_letter_or_digit(label.front()) || !is_letter_or_digit(label.back())) return false;
  return std::ranges::all_of(label, [](char c) { return is_letter_or_digit(c) || c == '-'; });
}

}  // namespace

bool is_reserved_owner(std::string_view name) {
  const std::string folded = fold_ascii(name);
  return std::ranges::any_of(k_reserved_shapes,
                             [&](std::string_view shape) { return begins_with_shape(folded, shape); });
}

std::optional<std::string> claim_owner_hash(std::string_view name, std::string_view claim_zone) {
  const std::string zone = fold_ascii(without_trailing_dots(claim_zone));
  const std::string folded = fold_ascii(without_trailing_dots(name));
  std::string_view rest = folded;
  if (zone.empty() || !rest.ends_with("." + zone)) return std::nullopt;
  rest.remove_suffix(zone.size() + 1);
  if (!begins_with_shape(rest, "claim-#.mb-*")) return std::nullopt;
  const std::string_view hash = rest.substr(rest.find(".mb-") + 4);
  if (hash.size() != k_claim_hash_chars || !std::ranges::all_of(hash, is_lower_hex)) return std::nullopt;
  return std::string(hash);
}

bool is_digest_name(std::string_view name) {
  if (name.empty() || name.size() > limits::owner_name_bytes_max) return false;
  return std::ranges::all_of(name, [](char c) { return is_letter_or_digit(c) || c == '.' || c == '_' || c == '-'; });
}

bool is_http_name(std::string_view name) {
  if (name.size() > limits::owner_name_bytes_max) return false;
  std::string_view rest = without_trailing_dot(name);
  for (;;) {
    const std::size_t dot = rest.find('.');
    if (!is_http_label(rest.substr(0, dot))) return false;
    if (dot == std::string_view::npos) return true;
    rest.remove_prefix(dot + 1);
  }
}

}  // namespace dnsmesh::record
