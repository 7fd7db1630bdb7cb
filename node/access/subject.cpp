// SPDX-License-Identifier: Apache-2.0
#include "access/subject.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/limits.hpp"
#include "base/registration_limits.hpp"
#include "base/utf8.hpp"

namespace dnsmesh::access {
namespace {

bool is_alphanumeric(char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); }

/// A local part that ends in a dot, or has two in a row, would give a key name with an empty label.
bool is_local(std::string_view local) {
  if (local.empty() || local.size() > limits::subject_local_bytes_max) return false;
  if (!is_alphanumeric(local.front()) || local.back() == '.' || local.contains("..")) return false;
  return std::ranges::all_of(local, [](char c) { return is_alphanumeric(c) || std::string_view("._+-").contains(c); });
}

bool is_label(std::string_view label) {
  if (label.empty() || label.size() > limits::label_bytes_max) return false;
  if (!is_alphanumeric(label.front()) || !is_alphanumeric(label.back())) return false;
  return std::ranges::all_of(label, [](char c) { return is_alphanumeric(c) || c == '-'; });
}

bool is_domain(std::string_view domain) {
  if (domain.size() > limits::owner_name_bytes_max || !domain.contains('.')) return false;
  while (true) {
    const std::size_t dot = domain.find('.');
    if (!is_label(domain.substr(0, dot))) return false;
    if (dot == std::string_view::npos) return true;
    domain.remove_prefix(dot + 1);
  }
}

}  // namespace

std::expected<Subject, std::string> parse_subject(std::string_view text) {
  if (!is_ascii(text)) return std::unexpected("only ASCII characters are accepted");
  const std::string canonical = fold_ascii(strip_whitespace(text));
  const std::size_t at = canonical.find('@');
  if (at != std::string::npos) {
    Subject subject{canonical.substr(0, at), canonical.substr(at + 1)};
    if (is_local(subject.local) && is_domain(subject.domain)) return subject;
  }
  const std::string_view shown = std::string_view(canonical).substr(0, limits::subject_shown_bytes_max);
  return std::unexpected(fmt::format("expected local@domain, got '{}'", shown));
}

}  // namespace dnsmesh::access
