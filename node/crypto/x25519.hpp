// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string_view>

#include "base/bytes.hpp"

namespace dnsmesh::crypto {

/// HMAC-SHA-256 of `message` under the X25519 shared secret of both keys (RFC 7748 6.1, RFC 2104), so that the secret
/// stays in here. Nothing when the secret is all zero: `public_key` is a point of low order. Any thread.
std::optional<ByteArray<32>> x25519_mac(const ByteArray<32>& private_key, const ByteArray<32>& public_key,
                                        std::string_view message);

}  // namespace dnsmesh::crypto
