// SPDX-License-Identifier: Apache-2.0
// The rule for DNS names inside signed records (spec/records.md 1.4). Underscore is not allowed, case is kept.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace dnsmesh::record {

/// Cluster names, user domains and cluster base domains, without one trailing dot (spec/records.md 2.1 and 3).
inline constexpr std::size_t k_signed_name_bytes_max = 64;

/// True for a name of non-empty labels of letters, digits and inner hyphens, with at most one trailing dot. No bound on
/// the whole length.
bool is_hostname(std::string_view name);

/// `name` less one trailing dot, when there is one.
std::string_view without_trailing_dot(std::string_view name);

/// `name` less all trailing dots.
std::string_view without_trailing_dots(std::string_view name);

/// The name of a signed record as its parsed value: a hostname of 1 to 64 bytes after one trailing dot is dropped.
std::optional<std::string> signed_name(std::string_view name);

/// Does the name inside a record equal what the caller expects: one trailing dot of `expected` is dropped, ASCII case
/// ignored. The empty expectation and non-ASCII ones never match (spec/records.md 1.7).
bool matches_expected_name(std::string_view signed_name, std::string_view expected);

}  // namespace dnsmesh::record
