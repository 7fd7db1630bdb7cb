// SPDX-License-Identifier: Apache-2.0
// Ed25519 with the verdict that every node of the protocol must share (spec/records.md 1.3).
#pragma once

#include <string_view>

#include "base/bytes.hpp"
#include "base/random.hpp"

namespace dnsmesh::crypto {

using PublicKey = ByteArray<32>;
using Signature = ByteArray<64>;

/// A 32-byte Ed25519 seed. Wiped when it goes.
class SigningKey {
 public:
  explicit SigningKey(const ByteArray<32>& seed);
  SigningKey(const SigningKey&) = default;
  SigningKey& operator=(const SigningKey&) = default;
  ~SigningKey();

  static SigningKey generate(Random& random);

  const PublicKey& public_key() const { return public_key_; }
  const ByteArray<32>& seed() const { return seed_; }
  /// RFC 8032, deterministic: the same key and message always give the same signature.
  Signature sign(std::string_view message) const;

 private:
  ByteArray<32> seed_;
  PublicKey public_key_{};
  ByteArray<64> expanded_{};
};

/// True when `signature` (64 bytes) by `public_key` (32 bytes) covers `message`: cofactorless equation, byte compare of
/// R, and none of the 14 refused keys. A key or signature of another length is false. Any thread.
bool verify(std::string_view public_key, std::string_view signature, std::string_view message);

/// True when the 32 bytes are one of the 14 refused encodings (small order and aliases).
bool is_refused_key(std::string_view public_key);

}  // namespace dnsmesh::crypto
