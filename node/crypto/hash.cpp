// SPDX-License-Identifier: Apache-2.0
#include "crypto/hash.hpp"

#include <sodium.h>

#include "base/hex.hpp"

namespace dnsmesh::crypto {

Hash256 sha256(std::string_view bytes) {
  Hash256 out;
  crypto_hash_sha256(out.data(), octets(bytes), bytes.size());
  return out;
}

std::string sha256_hex(std::string_view bytes) { return to_hex(view(sha256(bytes))); }

ByteArray<8> siphash(const ByteArray<16>& key, std::string_view bytes) {
  ByteArray<8> out;
  crypto_shorthash_siphash24(out.data(), octets(bytes), bytes.size(), key.data());
  return out;
}

bool equal_secret(std::string_view a, std::string_view b) {
  const Hash256 hash_a = sha256(a);
  const Hash256 hash_b = sha256(b);
  return sodium_memcmp(hash_a.data(), hash_b.data(), hash_a.size()) == 0;
}

}  // namespace dnsmesh::crypto
