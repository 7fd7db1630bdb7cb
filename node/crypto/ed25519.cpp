// SPDX-License-Identifier: Apache-2.0
#include "crypto/ed25519.hpp"

#include <openssl/evp.h>
#include <sodium.h>

#include <algorithm>
#include <array>
#include <cassert>
#include <memory>
#include <span>

namespace dnsmesh::crypto {
namespace {

/// An encoding of the refused list: all its middle bytes (1..30) are the same in the non-canonical rows, so a row is
/// given either whole or as first byte, middle byte and last byte.
constexpr ByteArray<32> filled(unsigned char first, unsigned char middle, unsigned char last) {
  ByteArray<32> out{};
  out.fill(middle);
  out.front() = first;
  out.back() = last;
  return out;
}

constexpr ByteArray<32> with_last(ByteArray<32> row, unsigned char last) {
  row.back() = last;
  return row;
}

constexpr ByteArray<32> k_order_8_a = {0xc7, 0x17, 0x6a, 0x70, 0x3d, 0x4d, 0xd8, 0x4f, 0xba, 0x3c, 0x0b,
                                       0x76, 0x0d, 0x10, 0x67, 0x0f, 0x2a, 0x20, 0x53, 0xfa, 0x2c, 0x39,
                                       0xcc, 0xc6, 0x4e, 0xc7, 0xfd, 0x77, 0x92, 0xac, 0x03, 0x7a};
constexpr ByteArray<32> k_order_8_b = {0x26, 0xe8, 0x95, 0x8f, 0xc2, 0xb2, 0x27, 0xb0, 0x45, 0xc3, 0xf4,
                                       0x89, 0xf2, 0xef, 0x98, 0xf0, 0xd5, 0xdf, 0xac, 0x05, 0xd3, 0xc6,
                                       0x33, 0x39, 0xb1, 0x38, 0x02, 0x88, 0x6d, 0x53, 0xfc, 0x05};

/// spec/records.md 1.3, in its order: eight canonical small-order points, then non-canonical and sign-bit aliases.
constexpr std::array<ByteArray<32>, 14> k_refused = {
    filled(0x01, 0x00, 0x00), k_order_8_a,
    filled(0x00, 0x00, 0x80), k_order_8_b,
    filled(0xec, 0xff, 0x7f), with_last(k_order_8_b, 0x85),
    filled(0x00, 0x00, 0x00), with_last(k_order_8_a, 0xfa),
    filled(0x01, 0x00, 0x80), filled(0xee, 0xff, 0x7f),
    filled(0xee, 0xff, 0xff), filled(0xed, 0xff, 0x7f),
    filled(0xed, 0xff, 0xff), filled(0xec, 0xff, 0xff),
};
constexpr std::size_t k_small_order_count = 8;

bool is_in(std::string_view encoding, std::span<const ByteArray<32>> rows) {
  return std::ranges::any_of(rows, [&](const ByteArray<32>& row) { return view(row) == encoding; });
}

/// A y coordinate that was not reduced mod p = 2^255 - 19.
bool is_unreduced(std::string_view key) {
  const auto last = static_cast<unsigned char>(key[31]);
  const bool high = last == 0x7f || last == 0xff;
  const bool middle =
      std::ranges::all_of(key.substr(1, 30), [](char c) { return static_cast<unsigned char>(c) == 0xff; });
  return high && middle && static_cast<unsigned char>(key[0]) >= 0xed;
}

bool verify_with_libcrypto(std::string_view public_key, std::string_view signature, std::string_view message) {
  const std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key(
      EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, octets(public_key), public_key.size()), &EVP_PKEY_free);
  const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(), &EVP_MD_CTX_free);
  if (!key || !context) return false;
  if (EVP_DigestVerifyInit(context.get(), nullptr, nullptr, nullptr, key.get()) != 1) return false;
  return EVP_DigestVerify(context.get(), octets(signature), signature.size(), octets(message), message.size()) == 1;
}

void start_sodium() {
  static const int started = sodium_init();
  assert(started >= 0);
}

}  // namespace

SigningKey::SigningKey(const ByteArray<32>& seed) : seed_(seed) {
  start_sodium();
  crypto_sign_ed25519_seed_keypair(public_key_.data(), expanded_.data(), seed_.data());
}

SigningKey::~SigningKey() {
  sodium_memzero(seed_.data(), seed_.size());
  sodium_memzero(expanded_.data(), expanded_.size());
}

SigningKey SigningKey::generate(Random& random) {
  ByteArray<32> seed;
  random.fill(seed);
  SigningKey key(seed);
  sodium_memzero(seed.data(), seed.size());
  return key;
}

Signature SigningKey::sign(std::string_view message) const {
  Signature out;
  crypto_sign_ed25519_detached(out.data(), nullptr, octets(message), message.size(), expanded_.data());
  return out;
}

bool is_refused_key(std::string_view public_key) { return is_in(public_key, k_refused); }

bool verify(std::string_view public_key, std::string_view signature, std::string_view message) {
  start_sodium();
  if (public_key.size() != 32 || signature.size() != 64 || is_refused_key(public_key)) return false;
  if (crypto_sign_ed25519_verify_detached(octets(signature), octets(message), message.size(), octets(public_key)) ==
      0) {
    return true;
  }
  // libsodium also refuses a small-order R and an unreduced A, which the shared verdict accepts when the equation
  // holds.
  const bool small_order_r = is_in(signature.substr(0, 32), std::span(k_refused).first(k_small_order_count));
  if (!small_order_r && !is_unreduced(public_key)) return false;
  return verify_with_libcrypto(public_key, signature, message);
}

}  // namespace dnsmesh::crypto
