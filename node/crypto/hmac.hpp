// SPDX-License-Identifier: Apache-2.0
// HMAC (RFC 2104) over SHA-2, from libcrypto: libsodium has no SHA-384.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "base/bytes.hpp"

namespace dnsmesh::crypto {

enum class HmacHash : std::uint8_t { sha256, sha384, sha512 };

/// A MAC of any of the hashes: the first 32, 48 or 64 octets count, the others are zero.
using Mac = ByteArray<64>;

/// The MAC of `parts`, one behind the other, under a key of any length. Any thread; each keeps what it has set up.
Mac hmac(HmacHash hash, std::string_view key, std::span<const std::string_view> parts);

/// Compares without revealing where the first difference is. Precondition: `a` and `b` have the same length.
bool equal_mac(std::string_view a, std::string_view b);

}  // namespace dnsmesh::crypto
