// SPDX-License-Identifier: Apache-2.0
#include "crypto/x25519.hpp"

#include <sodium.h>

namespace dnsmesh::crypto {

std::optional<ByteArray<32>> x25519_mac(const ByteArray<32>& private_key, const ByteArray<32>& public_key,
                                        std::string_view message) {
  ByteArray<32> shared;
  // libsodium refuses an all-zero secret, whichever encoding of a low-order point gave it.
  if (crypto_scalarmult(shared.data(), private_key.data(), public_key.data()) != 0) return std::nullopt;
  ByteArray<32> mac;
  crypto_auth_hmacsha256(mac.data(), octets(message), message.size(), shared.data());
  sodium_memzero(shared.data(), shared.size());
  return mac;
}

}  // namespace dnsmesh::crypto
