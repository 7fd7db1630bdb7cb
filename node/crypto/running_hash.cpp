// SPDX-License-Identifier: Apache-2.0
#include "crypto/running_hash.hpp"

#include "base/bytes.hpp"
#include "base/hex.hpp"

namespace dnsmesh::crypto {

RunningSha256::RunningSha256() { crypto_hash_sha256_init(&state_); }

void RunningSha256::add(std::string_view bytes) { crypto_hash_sha256_update(&state_, octets(bytes), bytes.size()); }

std::string RunningSha256::hex() {
  ByteArray<32> out{};
  crypto_hash_sha256_final(&state_, out.data());
  return to_hex(view(out));
}

}  // namespace dnsmesh::crypto
