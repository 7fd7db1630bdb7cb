// SPDX-License-Identifier: Apache-2.0
#include "access/name_class.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <vector>

#include "base/limits.hpp"
#include "base/utf8.hpp"

namespace dnsmesh::access {
namespace {

constexpr std::string_view k_reserved = "reserved or unrecognized record namespace";
constexpr std::size_t k_domain_labels_min = 2;

/// A name is the labels of `pattern`, then a domain. In a pattern `*` is a whole label, `#` digits, `@` 12 hex digits,
/// `$` 16; everything else is itself. The first row that fits counts.
struct Row {
  std::string_view pattern;
  NameClass name_class;
  OwnerRule rule = OwnerRule::none;
  std::string_view reason = {};
};
constexpr std::array k_rows = {
    Row{"dmp.*", NameClass::owner, OwnerRule::subject},
    Row{"id-$", NameClass::owner, OwnerRule::id16},
    Row{"prekeys.id-@", NameClass::owner, OwnerRule::prekeys},
    Row{"rotate.dmp.id-@", NameClass::operator_only, OwnerRule::none,
        "hash-form rotation not issuable to end-user tokens in v1"},
    Row{"rotate.dmp.*", NameClass::owner, OwnerRule::subject},
    Row{"pk-#.@", NameClass::owner, OwnerRule::subject_hash12},
    Row{"slot-#.mb-@", NameClass::shared},
    Row{"chunk-#-@", NameClass::shared},
};

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_hex(char c) { return is_digit(c) || (c >= 'a' && c <= 'f'); }
bool is_letter_or_digit(char c) { return is_digit(c) || (c >= 'a' && c <= 'z'); }

bool is_label(std::string_view label) {
  return !label.empty() && label.size() <= limits::label_bytes_max && !label.starts_with('-') && !label.ends_with('-');
}

std::vector<std::string_view> labels_of(std::string_view name) {
  std::vector<std::string_view> out;
  for (std::size_t dot = name.find('.'); dot != std::string_view::npos; dot = name.find('.')) {
    out.push_back(name.substr(0, dot));
    name.remove_prefix(dot + 1);
  }
  out.push_back(name);
  return out;
}

/// Takes what `symbol` stands for off the front of `rest`; nothing when it is not there.
std::optional<std::string_view> take(char symbol, std::string_view& rest) {
  std::size_t size = 0;
  if (symbol == '*') {
    size = rest.size();
  } else if (symbol == '#') {
    size = static_cast<std::size_t>(std::ranges::find_if_not(rest, is_digit) - rest.begin());
  } else if (symbol == '@' || symbol == '$') {
    size = symbol == '@' ? 12 : 16;
    if (rest.size() < size || !std::ranges::all_of(rest.substr(0, size), is_hex)) return std::nullopt;
  } else if (rest.starts_with(symbol)) {
    size = 1;
  }
  if (size == 0) return std::nullopt;
  const std::string_view taken = rest.substr(0, size);
  rest.remove_prefix(size);
  return taken;
}

bool fits_label(std::string_view pattern, std::string_view label, ClassifiedName& out) {
  for (const char symbol : pattern) {
    const auto taken = take(symbol, label);
    if (!taken) return false;
    if (symbol == '*') out.user = *taken;
    if (symbol == '@' || symbol == '$') out.hash = *taken;
  }
  return label.empty();
}

bool fits(const Row& row, const std::vector<std::string_view>& labels, ClassifiedName& out) {
  const auto patterns = labels_of(row.pattern);
  if (labels.size() < patterns.size() + k_domain_labels_min) return false;
  for (std::size_t i = 0; i < patterns.size(); ++i) {
    if (!fits_label(patterns[i], labels[i], out)) return false;
  }
  for (std::size_t i = patterns.size(); i < labels.size(); ++i) {
    if (!out.domain.empty()) out.domain += '.';
    out.domain += labels[i];
  }
  out.name_class = row.name_class;
  out.rule = row.rule;
  out.reason = row.reason;
  return true;
}

std::string_view why_unknown(std::string_view given, std::string_view name) {
  if (given.empty()) return "empty name";
  if (name.empty()) return "name was only dots";
  const auto allowed = [](char c) { return is_letter_or_digit(c) || c == '.' || c == '-'; };
  if (!std::ranges::all_of(name, allowed)) return "non-ASCII or disallowed chars";
  if (name.starts_with('.') || name.contains("..")) return "empty label(s) in name";
  if (!name.contains('.')) return "no dots: not a fully qualified domain name";
  return {};
}

}  // namespace

ClassifiedName classify_name(std::string_view owner_name) {
  std::string name = fold_ascii(owner_name);
  name.erase(name.find_last_not_of('.') + 1);
  if (const auto reason = why_unknown(owner_name, name); !reason.empty()) {
    return {NameClass::unknown, OwnerRule::none, {}, {}, {}, reason};
  }
  const auto labels = labels_of(name);
  if (std::ranges::all_of(labels, is_label)) {
    for (const Row& row : k_rows) {
      ClassifiedName out;
      if (fits(row, labels, out)) return out;
    }
  }
  return {NameClass::operator_only, OwnerRule::none, {}, {}, {}, k_reserved};
}

}  // namespace dnsmesh::access
