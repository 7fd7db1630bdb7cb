// SPDX-License-Identifier: Apache-2.0
// Byte strings. Raw bytes and text are both `std::string` (owning) and `std::string_view` (borrowed), so that one set
// of functions serves wire data, base64 and names; fixed-size values (keys, hashes, signatures) are ByteArray. The
// casts between the two stand here and nowhere else: char may alias any object.
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
  return {reinterpret_cast<const char*>(bytes.data()), N};
}

/// `size` octets at `data`, as C libraries give them, as a view.
inline std::string_view view(const unsigned char* data, std::size_t size) {
  return {reinterpret_cast<const char*>(data), size};
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
