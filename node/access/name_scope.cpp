// SPDX-License-Identifier: Apache-2.0
#include "access/name_scope.hpp"

#include <algorithm>

#include "access/trim.hpp"
#include "base/utf8.hpp"

namespace dnsmesh::access {
namespace {

bool has_wildcard(std::string_view entry) { return entry.contains('*'); }

std::string folded(std::string_view name) {
  name = trimmed(name);
  if (name.ends_with('.')) name.remove_suffix(1);
  return fold_ascii(name);
}

/// Whether the dot at `dot` stands between two labels: one behind a backslash is part of its label.
bool is_boundary(std::string_view name, std::size_t dot) {
  const std::size_t before = name.substr(0, dot).find_last_not_of('\\');
  const std::size_t backslashes = dot - (before == std::string_view::npos ? 0 : before + 1);
  return name[dot] == '.' && backslashes % 2 == 0;
}

/// Takes the right-most label off `name`.
std::string_view take_last_label(std::string_view& name) {
  std::size_t dot = name.rfind('.');
  while (dot != std::string_view::npos && !is_boundary(name, dot)) {
    dot = dot == 0 ? std::string_view::npos : name.rfind('.', dot - 1);
  }
  const std::string_view label = dot == std::string_view::npos ? name : name.substr(dot + 1);
  name = dot == std::string_view::npos ? std::string_view() : name.substr(0, dot);
  return label;
}

/// Whether `label` is the literal parts of `pattern` in order, with anything between them.
bool label_matches(std::string_view pattern, std::string_view label) {
  if (!has_wildcard(pattern)) return pattern == label;
  const std::size_t first_star = pattern.find('*');
  const std::size_t last_star = pattern.rfind('*');
  const std::string_view first = pattern.substr(0, first_star);
  const std::string_view last = pattern.substr(last_star + 1);
  if (label.size() < first.size() + last.size() || !label.starts_with(first) || !label.ends_with(last)) return false;
  std::string_view rest = label.substr(first.size(), label.size() - first.size() - last.size());
  std::string_view middle = pattern.substr(first_star, last_star - first_star);  // each part behind its star
  while (!middle.empty()) {
    middle.remove_prefix(1);
    const std::string_view part = middle.substr(0, middle.find('*'));
    const std::size_t at = rest.find(part);
    if (at == std::string_view::npos) return false;
    rest.remove_prefix(at + part.size());
    middle.remove_prefix(part.size());
  }
  return true;
}

bool labels_match(std::string_view pattern, std::string_view name) {
  while (!pattern.empty()) {
    if (name.empty() || !label_matches(take_last_label(pattern), take_last_label(name))) return false;
  }
  return true;
}

/// Both folded.
bool covers_folded(std::string_view entry, std::string_view owner) {
  if (entry.empty()) return false;
  if (has_wildcard(entry)) return labels_match(entry, owner);
  if (!owner.ends_with(entry)) return false;
  return owner.size() == entry.size() || is_boundary(owner, owner.size() - entry.size() - 1);
}

std::string folded_entry(std::string_view entry) {
  std::string out = folded(entry);
  if (out.starts_with('.')) out.erase(0, 1);
  return out;
}

}  // namespace

bool covers(std::string_view entry, std::string_view owner) {
  return covers_folded(folded_entry(entry), folded(owner));
}

bool may_add(std::span<const std::string> entries, std::string_view owner) {
  const std::string name = folded(owner);
  return std::ranges::any_of(entries,
                             [&](const std::string& entry) { return covers_folded(folded_entry(entry), name); });
}

bool may_delete(std::span<const std::string> entries, std::string_view owner) {
  const std::string name = folded(owner);
  return std::ranges::any_of(entries, [&](const std::string& entry) {
    return !has_wildcard(entry) && covers_folded(folded_entry(entry), name);
  });
}

}  // namespace dnsmesh::access
