// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sodium/crypto_hash_sha256.h>

#include <string>
#include <string_view>

namespace dnsmesh::crypto {

/// SHA-256 of what is too long to be held at once. One thread at a time.
class RunningSha256 {
 public:
  RunningSha256();
  void add(std::string_view bytes);
  /// Lower-case hex of all that was added; nothing may be added afterwards.
  std::string hex();

 private:
  crypto_hash_sha256_state state_;
};

}  // namespace dnsmesh::crypto
