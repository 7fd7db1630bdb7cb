// SPDX-License-Identifier: Apache-2.0
// Byte strings. Raw bytes and text are both `std::string` (owning) and `std::string_view` (borrowed), so that one set
// of functions serves wire data, base64 and names; fixed-size values (keys, hashes, signatures) are ByteArray.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace dnsmesh {

template <std::size_t N>
using ByteArray = std::array<unsigned char, N>;

/// The bytes of a fixed-size value as a view; valid as long as `bytes` lives.
template <std::size_t N>
std::string_view view(const ByteArray<N>& bytes) {
  // The only cast of this kind for reading: char may alias any object.
  return {reinterpret_cast<const char*>(bytes.data()), N};
}

/// The first octet of `bytes` as C libraries want it; never null for a non-empty view.
inline const unsigned char* octets(std::string_view bytes) {
  return reinterpret_cast<const unsigned char*>(bytes.data());
}

/// Copies exactly N bytes into a fixed-size value. Precondition: `bytes.size() == N`.
template <std::size_t N>
ByteArray<N> to_array(std::string_view bytes) {
  ByteArray<N> out{};
  for (std::size_t i = 0; i < N; ++i) out[i] = static_cast<unsigned char>(bytes.at(i));
  return out;
}

}  // namespace dnsmesh
