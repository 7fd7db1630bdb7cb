// SPDX-License-Identifier: Apache-2.0
#include "crypto/keys.hpp"

#include <sodium.h>

#include <string>

#include "crypto/hash.hpp"

namespace dnsmesh::crypto {

SigningKey signing_key_from_x25519(const ByteArray<32>& x) {
  std::string input(view(x));
  input += "DMP-v1-Ed25519-signing-key";
  ByteArray<32> seed = sha256(input);
  sodium_memzero(input.data(), input.size());
  SigningKey key(seed);
  sodium_memzero(seed.data(), seed.size());
  return key;
}

ByteArray<32> x25519_public(const ByteArray<32>& x) {
  ByteArray<32> out;
  crypto_scalarmult_base(out.data(), x.data());
  return out;
}

}  // namespace dnsmesh::crypto
