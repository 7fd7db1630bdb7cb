// SPDX-License-Identifier: Apache-2.0
#include "crypto/running_hash.hpp"

#include <doctest/doctest.h>

#include "crypto/hash.hpp"

using namespace dnsmesh::crypto;

TEST_CASE("a hash of pieces is the hash of the whole, however it was cut") {
  const std::string whole(200, 'x');
  for (std::size_t cut = 0; cut <= whole.size(); ++cut) {
    RunningSha256 hash;
    hash.add(std::string_view(whole).substr(0, cut));
    hash.add(std::string_view(whole).substr(cut));
    CHECK(hash.hex() == sha256_hex(whole));
  }
  CHECK(RunningSha256().hex() == sha256_hex(""));
}
