// SPDX-License-Identifier: Apache-2.0
#include "crypto/ed25519.hpp"

#include <doctest/doctest.h>

#include <string>

#include "base/hex.hpp"
#include "crypto/keys.hpp"

using namespace dnsmesh;
using namespace dnsmesh::crypto;

namespace {

ByteArray<32> bytes32(std::string_view hex) { return to_array<32>(*from_hex(hex)); }

}  // namespace

TEST_CASE("RFC 8032 test 2 gives its key, its signature, and verifies") {
  const SigningKey key(bytes32("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb"));
  CHECK(to_hex(view(key.public_key())) == "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c");
  const Signature signature = key.sign("\x72");
  CHECK(to_hex(view(signature)) ==
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
        "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00");
  CHECK(verify(view(key.public_key()), view(signature), "\x72"));
  CHECK_FALSE(verify(view(key.public_key()), view(signature), "\x73"));
  CHECK_FALSE(verify(view(key.public_key()).substr(1), view(signature), "\x72"));
  CHECK_FALSE(verify(view(key.public_key()), view(signature).substr(1), "\x72"));
}

TEST_CASE("each of the 14 refused keys is refused before any arithmetic") {
  for (const char* hex : {
           "0100000000000000000000000000000000000000000000000000000000000000",
           "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
           "0000000000000000000000000000000000000000000000000000000000000080",
           "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
           "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
           "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
           "0000000000000000000000000000000000000000000000000000000000000000",
           "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
           "0100000000000000000000000000000000000000000000000000000000000080",
           "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
           "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
           "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
           "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
           "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
       }) {
    CAPTURE(hex);
    const std::string key = *from_hex(hex);
    CHECK(is_refused_key(key));
    // With the neutral element as key and as R, S = 0 satisfies the equation for every message.
    CHECK_FALSE(verify(key, *from_hex(std::string(hex) + std::string(64, '0')), "any"));
  }
  CHECK_FALSE(is_refused_key(*from_hex("03a107bff3ce10be1d70dd18e74bc09967e4d6309ba50d5f1ddc8664125531b8")));
}

TEST_CASE("an operator's key file value and a direct seed give different keys") {
  const ByteArray<32> x = bytes32("000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f");
  CHECK(to_hex(view(SigningKey(x).public_key())) == "03a107bff3ce10be1d70dd18e74bc09967e4d6309ba50d5f1ddc8664125531b8");
  CHECK(signing_key_from_x25519(x).public_key() != SigningKey(x).public_key());
  CHECK(to_hex(view(x25519_public(x))) == "8f40c5adb68f25624ae5b214ea767a6ec94d829d3d7b5e1ad1ba6f3e2138285f");
}
