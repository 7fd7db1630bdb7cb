// SPDX-License-Identifier: Apache-2.0
// What a registrant proves: that a signing key is theirs, and an X25519 key too (spec/registration.md 5 and 7.1).
#pragma once

#include <string>
#include <string_view>

#include "access/challenges.hpp"
#include "base/bytes.hpp"
#include "crypto/ed25519.hpp"

namespace dnsmesh::access {

/// The bytes that are signed: nonce, canonical subject, node as the challenge named it, 0x01.
std::string signed_message(const Challenge& challenge, std::string_view subject);

/// True when `signature` by `public_key` covers the challenge and the canonical subject.
bool verify_signature(const Challenge& challenge, std::string_view subject, const crypto::PublicKey& public_key,
                      const crypto::Signature& signature);

/// True when `proof` was made with the private key of `x25519_public`. Always false for a point of low order.
bool verify_possession(const Challenge& challenge, std::string_view subject, const ByteArray<32>& x25519_public,
                       const ByteArray<32>& proof);

}  // namespace dnsmesh::access
