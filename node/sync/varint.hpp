// SPDX-License-Identifier: Apache-2.0
// The integers of the reconciliation messages: seven bits an octet, the most significant first, the high bit set on
// every octet but the last (docs/protocol/reconciliation.md).
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/cursor.hpp"

namespace dnsmesh::sync {

inline void append_varint(std::string& out, std::uint64_t value) {
  int shift = 0;
  while (shift < 63 && value >> (shift + 7) != 0) shift += 7;
  for (; shift > 0; shift -= 7) out.push_back(static_cast<char>(static_cast<unsigned char>(value >> shift | 0x80)));
  out.push_back(static_cast<char>(value & 0x7F));
}

/// Nothing for a truncated one, one beyond 64 bits, and one that begins with a superfluous zero.
inline std::optional<std::uint64_t> read_varint(ByteReader& reader) {
  std::uint64_t value = 0;
  for (bool first = true;; first = false) {
    const std::uint8_t octet = reader.u8();
    if (!reader.ok() || value >> 57 != 0 || (first && octet == 0x80)) return std::nullopt;
    value = value << 7 | (octet & 0x7FU);
    if (octet < 0x80) return value;
  }
}

}  // namespace dnsmesh::sync
