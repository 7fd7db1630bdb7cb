// SPDX-License-Identifier: Apache-2.0
// The Reed-Solomon code of chunks (spec/records.md 11.1): GF(2^8) over 0x11D, 32 parity octets, first root alpha^0,
// data first. Corrects up to 16 octets.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace dnsmesh::record {

inline constexpr std::size_t k_parity_octets = 32;
inline constexpr std::size_t k_codeword_octets_max = 255;

/// The parity octets of `data`. Precondition: at most 223 octets.
std::string rs_parity(std::string_view data);

/// The one codeword within 16 octets of `received`, or nothing. At most 255 octets (more is nothing); a word of 32 or
/// fewer has only the all-zero codeword.
std::optional<std::string> rs_correct(std::string_view received);

}  // namespace dnsmesh::record
