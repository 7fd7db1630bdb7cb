// SPDX-License-Identifier: Apache-2.0
// The vectors of spec/registration.md 10.
#include "access/ceremony.hpp"

#include <doctest/doctest.h>

#include "base/hex.hpp"
#include "crypto/keys.hpp"

using namespace dnsmesh;

namespace {

constexpr std::string_view k_subject = "alice@example.com";

template <std::size_t N>
ByteArray<N> bytes_of(std::string_view hex) {
  return to_array<N>(from_hex(hex).value());
}

access::Challenge vector_challenge() {
  access::Challenge challenge;
  challenge.nonce.fill(0x11);
  challenge.x25519_private.fill(0x22);
  challenge.node = "dmp.example.com";
  return challenge;
}

crypto::SigningKey vector_key() {
  ByteArray<32> seed;
  for (std::size_t i = 0; i < seed.size(); ++i) seed[i] = static_cast<unsigned char>(i);
  return crypto::SigningKey(seed);
}

const auto k_x25519 = bytes_of<32>("7b0d47d93427f8311160781c7c733fd89f88970aef490d8aa0ee19a4cb8a1b14");
const auto k_proof = bytes_of<32>("3416a57a69ff78e0202aafa4f272955b9f220e1d6a9a51695102275b51a1c34e");

}  // namespace

TEST_CASE("the signed message and the signature are those of the test vector") {
  const access::Challenge challenge = vector_challenge();
  const std::string message = access::signed_message(challenge, k_subject);
  CHECK(to_hex(message) ==
        "1111111111111111111111111111111111111111111111111111111111111111616c696365406578616d706c652e636f6d646d702e6578"
        "616d706c652e636f6d01");
  const crypto::SigningKey key = vector_key();
  CHECK(to_hex(view(key.public_key())) == "03a107bff3ce10be1d70dd18e74bc09967e4d6309ba50d5f1ddc8664125531b8");
  const crypto::Signature signature = key.sign(message);
  CHECK(to_hex(view(signature)) ==
        "02759a96eeeab95dd0e89d649cc12b17e8160c252189caf0eb35ab3f23f163ee26ef563e00170af05d914de8bb35588f82cdace31b4d3c"
        "4ca3bfbf970e90fd01");
  CHECK(access::verify_signature(challenge, k_subject, key.public_key(), signature));
}

TEST_CASE("a signature over another subject, nonce or node does not count") {
  const access::Challenge challenge = vector_challenge();
  const crypto::SigningKey key = vector_key();
  const crypto::Signature signature = key.sign(access::signed_message(challenge, k_subject));
  CHECK_FALSE(access::verify_signature(challenge, "Alice@example.com", key.public_key(), signature));
  access::Challenge other = challenge;
  other.node = "DMP.example.com";
  CHECK_FALSE(access::verify_signature(other, k_subject, key.public_key(), signature));
  other = challenge;
  other.nonce[31] ^= 1;
  CHECK_FALSE(access::verify_signature(other, k_subject, key.public_key(), signature));
  crypto::Signature broken = signature;
  broken[0] ^= 1;
  CHECK_FALSE(access::verify_signature(challenge, k_subject, key.public_key(), broken));
}

TEST_CASE("a key of small order signs for nobody") {
  // With this key and signature the equation holds for every message.
  crypto::PublicKey identity{};
  identity[0] = 1;
  crypto::Signature signature{};
  signature[0] = 1;
  CHECK_FALSE(access::verify_signature(vector_challenge(), k_subject, identity, signature));
}

TEST_CASE("the proof of possession is that of the test vector") {
  const access::Challenge challenge = vector_challenge();
  CHECK(to_hex(view(crypto::x25519_public(challenge.x25519_private))) ==
        "0faa684ed28867b97f4a6a2dee5df8ce974e76b7018e3f22a1c4cf2678570f20");
  CHECK(access::verify_possession(challenge, k_subject, k_x25519, k_proof));
}

TEST_CASE("a proof for another subject, challenge or key does not count") {
  access::Challenge challenge = vector_challenge();
  CHECK_FALSE(access::verify_possession(challenge, "bob@example.com", k_x25519, k_proof));
  ByteArray<32> proof = k_proof;
  proof[31] ^= 0x80;
  CHECK_FALSE(access::verify_possession(challenge, k_subject, k_x25519, proof));
  ByteArray<32> key = k_x25519;
  key[0] ^= 1;
  CHECK_FALSE(access::verify_possession(challenge, k_subject, key, k_proof));
  challenge.x25519_private.fill(0x23);
  CHECK_FALSE(access::verify_possession(challenge, k_subject, k_x25519, k_proof));
}

TEST_CASE("nobody possesses a point of low order") {
  const access::Challenge challenge = vector_challenge();
  ByteArray<32> one{};
  one[0] = 1;
  // The secret is all zero, so whoever knows that can compute the MAC: HMAC-SHA-256 with the zero key.
  const auto zero_mac = bytes_of<32>("fa00f9a6ec27417d572436e5ea27b6957e67ab942262a3ff78a8b22e9cd42143");
  const auto one_mac = bytes_of<32>("fa5b92d4dbab0ec90164a83cb86063a48b2dbe183fedd5e78d2e550beb9cb695");
  CHECK_FALSE(access::verify_possession(challenge, k_subject, ByteArray<32>{}, zero_mac));
  CHECK_FALSE(access::verify_possession(challenge, k_subject, one, one_mac));
  CHECK_FALSE(access::verify_possession(challenge, k_subject, one, ByteArray<32>{}));
}
