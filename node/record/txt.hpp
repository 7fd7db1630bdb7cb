// SPDX-License-Identifier: Apache-2.0
// A value as the character-strings of one TXT RR (spec/records.md 1.8, RFC 1035 3.3.14).
#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

namespace dnsmesh::record {

inline constexpr std::size_t k_character_string_octets_max = 255;

/// `value` cut into pieces of 255 octets, the last one shorter; one empty piece for the empty value. The pieces borrow.
std::vector<std::string_view> txt_strings(std::string_view value);

}  // namespace dnsmesh::record
