// SPDX-License-Identifier: Apache-2.0
// The key conventions of the protocol (spec/records.md 15.1). Two conventions turn 32 secret bytes into an Ed25519 key
// and they give different keys: name the convention wherever a seed is shown.
#pragma once

#include <string_view>

#include "crypto/ed25519.hpp"

namespace dnsmesh::crypto {

/// The Ed25519 key of a user or of a manifest's operator: seed = SHA-256(x || "DMP-v1-Ed25519-signing-key"), where x is
/// the 32-byte X25519 private value that the key file holds.
SigningKey signing_key_from_x25519(const ByteArray<32>& x);

/// The X25519 public key of a 32-byte private value (clamped inside, as RFC 7748 says).
ByteArray<32> x25519_public(const ByteArray<32>& x);

}  // namespace dnsmesh::crypto
