// SPDX-License-Identifier: Apache-2.0
// Whom a token or key is issued to (spec/registration.md 4).
#pragma once

#include <expected>
#include <string>
#include <string_view>

namespace dnsmesh::access {

/// The canonical form: lower-case ASCII.
struct Subject {
  std::string local;   // 1..64; begins with a letter or digit; no empty label, so it can stand in a key name
  std::string domain;  // up to 253, two or more labels of up to 63

  std::string text() const { return local + "@" + domain; }
  bool operator==(const Subject&) const = default;
};

/// Reads `Alice@Example.com`; white space around it and case do not matter. The error says why, in words that a
/// stranger may read, with at most limits::subject_shown_bytes_max of what was given. Any thread.
std::expected<Subject, std::string> parse_subject(std::string_view text);

}  // namespace dnsmesh::access
