// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "base/bytes.hpp"

namespace dnsmesh::crypto {

using Hash256 = ByteArray<32>;

/// SHA-256. Any thread.
Hash256 sha256(std::string_view bytes);

/// Lower-case hex SHA-256, the form in which values are named on the wire (spec/anti-entropy.md 1).
std::string sha256_hex(std::string_view bytes);

/// SipHash-2-4 of `bytes` under `key`, least octet first as RFC 9018 and libsodium have it. Keeps short inputs apart
/// for whoever does not know the key. Any thread.
ByteArray<8> siphash(const ByteArray<16>& key, std::string_view bytes);

/// Compares without revealing where the first difference is; both sides are hashed first, so neither is the length
/// (spec/http-api.md 4.0).
bool equal_secret(std::string_view a, std::string_view b);

}  // namespace dnsmesh::crypto
