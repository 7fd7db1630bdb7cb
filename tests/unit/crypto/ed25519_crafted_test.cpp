// SPDX-License-Identifier: Apache-2.0
// Signatures that nobody makes by accident (spec/records.md 1.3): here libsodium alone would give another verdict than
// the other nodes.
#include <doctest/doctest.h>
#include <sodium.h>

#include <string>

#include "base/hex.hpp"
#include "crypto/ed25519.hpp"

using namespace dnsmesh;
using namespace dnsmesh::crypto;

namespace {

using Scalar = ByteArray<32>;

constexpr std::string_view k_message = "crafted";

/// The small-order points by their order: the neutral element, then one of order 2, 4 and 8.
const std::string k_neutral = *from_hex("0100000000000000000000000000000000000000000000000000000000000000");
const std::string k_order_2 = *from_hex("ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f");
const std::string k_order_4 = *from_hex("0000000000000000000000000000000000000000000000000000000000000000");
const std::string k_order_8 = *from_hex("c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a");

SigningKey honest_key() { return SigningKey(to_array<32>(std::string(32, 'k'))); }

/// The secret scalar of a key, reduced: what the key multiplies the base point with.
Scalar secret_scalar(const SigningKey& key) {
  ByteArray<64> hash;
  crypto_hash_sha512(hash.data(), key.seed().data(), key.seed().size());
  hash[0] &= 248;
  hash[31] &= 127;
  hash[31] |= 64;
  ByteArray<64> wide{};
  for (std::size_t i = 0; i < 32; ++i) wide[i] = hash[i];
  Scalar out;
  crypto_core_ed25519_scalar_reduce(out.data(), wide.data());
  return out;
}

/// k = SHA-512(R || A || M) mod L
Scalar challenge(std::string_view r, std::string_view a, std::string_view message) {
  const std::string input = std::string(r) + std::string(a) + std::string(message);
  ByteArray<64> hash;
  crypto_hash_sha512(hash.data(), octets(input), input.size());
  Scalar out;
  crypto_core_ed25519_scalar_reduce(out.data(), hash.data());
  return out;
}

/// R || k*a: satisfies S*B - k*A = neutral element, whatever R is.
std::string signature_without_nonce(const SigningKey& key, std::string_view r, std::string_view a) {
  const Scalar k = challenge(r, a, k_message);
  const Scalar secret = secret_scalar(key);
  Scalar s;
  crypto_core_ed25519_scalar_mul(s.data(), k.data(), secret.data());
  return std::string(r) + std::string(view(s));
}

bool libsodium_accepts(std::string_view key, std::string_view signature, std::string_view message) {
  return crypto_sign_ed25519_verify_detached(octets(signature), octets(message), message.size(), octets(key)) == 0;
}

/// A point as bytes: `point` + `other`.
std::string added(std::string_view point, std::string_view other) {
  ByteArray<32> out;
  REQUIRE(crypto_core_ed25519_add(out.data(), octets(point), octets(other)) == 0);
  return std::string(view(out));
}

}  // namespace

TEST_CASE("the neutral element as R under an honest key is accepted, where libsodium alone refuses") {
  const SigningKey key = honest_key();
  const std::string_view a = view(key.public_key());
  const std::string signature = signature_without_nonce(key, k_neutral, a);
  CHECK_FALSE(libsodium_accepts(a, signature, k_message));
  CHECK(verify(a, signature, k_message));
  CHECK_FALSE(verify(a, signature, "another message"));
}

TEST_CASE("another small-order R, and an R that is not the canonical neutral element, do not satisfy the equation") {
  const SigningKey key = honest_key();
  const std::string_view a = view(key.public_key());
  const std::string neutral_with_sign = *from_hex("0100000000000000000000000000000000000000000000000000000000000080");
  const std::string neutral_unreduced = *from_hex("eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f");
  for (const std::string& r : {k_order_2, k_order_4, k_order_8, neutral_with_sign, neutral_unreduced}) {
    CAPTURE(to_hex(r));
    CHECK_FALSE(verify(a, signature_without_nonce(key, r, a), k_message));
  }
}

TEST_CASE("a mixed-order key is accepted exactly when the challenge kills its small-order part") {
  const SigningKey key = honest_key();
  const std::string mixed = added(view(key.public_key()), k_order_2);
  int accepted = 0;
  for (int round = 0; round < 16; ++round) {
    // S*B - k*(A + T) = -k*T, so R is the neutral element for even k and the point of order 2 for odd k.
    for (const std::string& r : {k_neutral, k_order_2}) {
      const std::string message = std::string(k_message) + static_cast<char>('a' + round);
      const Scalar k = challenge(r, mixed, message);
      const Scalar secret = secret_scalar(key);
      Scalar s;
      crypto_core_ed25519_scalar_mul(s.data(), k.data(), secret.data());
      const bool odd = (k[0] & 1) != 0;
      const bool holds = odd == (r == k_order_2);
      CHECK(verify(mixed, r + std::string(view(s)), message) == holds);
      accepted += holds ? 1 : 0;
    }
  }
  CHECK(accepted > 0);
  CHECK(accepted < 32);
}

TEST_CASE("an honest-looking R with a small-order part fails without the cofactor") {
  const SigningKey key = honest_key();
  const std::string_view a = view(key.public_key());
  Scalar nonce{};
  nonce[0] = 9;
  ByteArray<32> clean;
  REQUIRE(crypto_scalarmult_ed25519_base_noclamp(clean.data(), nonce.data()) == 0);
  const auto signature_with = [&](std::string_view r) {
    const Scalar k = challenge(r, a, k_message);
    const Scalar secret = secret_scalar(key);
    Scalar product;
    Scalar s;
    crypto_core_ed25519_scalar_mul(product.data(), k.data(), secret.data());
    crypto_core_ed25519_scalar_add(s.data(), product.data(), nonce.data());
    return std::string(r) + std::string(view(s));
  };
  CHECK(verify(a, signature_with(view(clean)), k_message));
  // Eight times both sides would agree: a cofactored verifier accepts this one.
  CHECK_FALSE(verify(a, signature_with(added(view(clean), k_order_8)), k_message));
}

TEST_CASE("a scalar of L or more is refused, also in the cases that ask the second library") {
  const SigningKey key = honest_key();
  const std::string_view a = view(key.public_key());
  const std::string group_order = *from_hex("edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010");
  const auto plus_order = [&](std::string signature) {
    int carry = 0;
    for (std::size_t i = 0; i < 32; ++i) {
      const int sum =
          static_cast<unsigned char>(signature[32 + i]) + static_cast<unsigned char>(group_order[i]) + carry;
      signature[32 + i] = static_cast<char>(sum & 255);
      carry = sum >> 8;
    }
    return signature;
  };
  const std::string honest(view(key.sign(k_message)));
  const std::string crafted = signature_without_nonce(key, k_neutral, a);
  REQUIRE(verify(a, honest, k_message));
  REQUIRE(verify(a, crafted, k_message));
  CHECK_FALSE(verify(a, plus_order(honest), k_message));
  CHECK_FALSE(verify(a, plus_order(crafted), k_message));
}

TEST_CASE("an unreduced key that is not in the refused list goes to the equation") {
  // y = p + 3 and its kin decode to small y; nobody knows their discrete logarithm, so all that can be shown is that
  // they are no refused keys and that garbage does not verify.
  for (const char* hex : {"f0ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
                          "efffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff"}) {
    CAPTURE(hex);
    const std::string key = *from_hex(hex);
    CHECK_FALSE(is_refused_key(key));
    CHECK_FALSE(verify(key, std::string(64, '\0'), k_message));
    CHECK_FALSE(verify(key, k_neutral + std::string(32, '\0'), k_message));
  }
}

TEST_CASE("what decodes to no point is no key") {
  const std::string off_curve = *from_hex("0200000000000000000000000000000000000000000000000000000000000000");
  CHECK_FALSE(verify(off_curve, k_neutral + std::string(32, '\0'), k_message));
  CHECK_FALSE(verify(off_curve, std::string(64, '\0'), k_message));
}
