// SPDX-License-Identifier: Apache-2.0
#include "access/token.hpp"

#include <algorithm>

#include "base/bytes.hpp"
#include "crypto/hash.hpp"

namespace dnsmesh::access {
namespace {

constexpr std::string_view k_prefix = "dmp_v1_";
constexpr std::size_t k_secret_bytes = 32;
constexpr std::size_t k_characters = 52;                                   // 32 bytes in base32, without padding
constexpr std::string_view k_base32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";  // RFC 4648 6
constexpr unsigned k_bits_per_character = 5;

bool is_upper(char c) { return c >= 'A' && c <= 'Z'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }

}  // namespace

std::string new_token(Random& random) {
  ByteArray<k_secret_bytes> secret;
  random.fill(secret);
  std::string out(k_prefix);
  unsigned bits = 0;
  unsigned count = 0;
  for (const unsigned char byte : secret) {
    bits = (bits << 8U) | byte;
    for (count += 8; count >= k_bits_per_character; count -= k_bits_per_character) {
      out += k_base32[(bits >> (count - k_bits_per_character)) & 31U];
    }
    bits &= (1U << count) - 1;
  }
  out += k_base32[(bits << (k_bits_per_character - count)) & 31U];
  return out;
}

bool is_token_shaped(std::string_view text) {
  if (!text.starts_with(k_prefix)) return false;
  text.remove_prefix(k_prefix.size());
  return text.size() == k_characters && std::ranges::any_of(text, is_upper) &&
         std::ranges::all_of(text, [](char c) { return is_upper(c) || is_digit(c); });
}

std::string token_hash(std::string_view token) { return crypto::sha256_hex(token); }

}  // namespace dnsmesh::access
