// SPDX-License-Identifier: Apache-2.0
#include "dns/cookie.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cassert>

#include "base/cursor.hpp"
#include "base/limits.hpp"
#include "crypto/hash.hpp"

namespace dnsmesh::dns {
namespace {

// Client cookie, version, three reserved octets, timestamp, hash (RFC 9018 4).
constexpr std::size_t k_version_at = k_client_cookie_octets;
constexpr std::size_t k_timestamp_at = 12;
constexpr std::size_t k_hash_at = 16;
constexpr char k_version = 1;

/// The hash of everything before it and the client's address (RFC 9018 4.4).
ByteArray<8> hash_of(const CookieSecret& secret, std::string_view before, const ClientAddress& client) {
  std::array<char, k_hash_at + std::tuple_size_v<decltype(client.octets)>> input;
  const auto end = std::ranges::copy(before, input.begin()).out;
  std::ranges::copy(client.view(), end);
  return crypto::siphash(secret, {input.data(), before.size() + client.size});
}

}  // namespace

ByteArray<k_cookie_octets> make_cookie(const CookieSecret& secret, std::string_view client_cookie,
                                       const ClientAddress& client, std::int64_t now_s) {
  assert(client_cookie.size() == k_client_cookie_octets);
  ByteArray<k_cookie_octets> out{};
  std::ranges::copy(client_cookie, out.begin());
  out[k_version_at] = k_version;
  for (std::size_t i = 0; i < 4; ++i) out[k_timestamp_at + i] = static_cast<unsigned char>(now_s >> (24 - 8 * i));
  std::ranges::copy(hash_of(secret, view(out).substr(0, k_hash_at), client), out.begin() + k_hash_at);
  return out;
}

bool is_valid_cookie(const CookieSecret& secret, std::string_view cookie, const ClientAddress& client,
                     std::int64_t now_s) {
  if (cookie.size() != k_cookie_octets || cookie[k_version_at] != k_version) return false;
  // Serial number arithmetic (RFC 1982): the timestamp has 32 bits.
  ByteReader timestamp(cookie.substr(k_timestamp_at));
  const auto age_s = static_cast<std::int32_t>(static_cast<std::uint32_t>(now_s) - timestamp.u32());
  if (age_s > limits::dns_cookie_age_s_max || age_s < -limits::dns_cookie_ahead_s_max) return false;
  // Compared as numbers, so the time tells nothing about the first wrong octet.
  const auto given = std::bit_cast<std::uint64_t>(to_array<8>(cookie.substr(k_hash_at)));
  return given == std::bit_cast<std::uint64_t>(hash_of(secret, cookie.substr(0, k_hash_at), client));
}

void CookieSecrets::store(Words& words, const CookieSecret& secret) {
  const auto halves = std::bit_cast<std::array<std::uint64_t, 2>>(secret);
  for (std::size_t i = 0; i < halves.size(); ++i) words[i].store(halves[i], std::memory_order_relaxed);
}

CookieSecret CookieSecrets::load(const Words& words) {
  return std::bit_cast<CookieSecret>(
      std::array{words[0].load(std::memory_order_relaxed), words[1].load(std::memory_order_relaxed)});
}

void CookieSecrets::set(const CookieSecret& signs, const CookieSecret& also_accepted) {
  store(signs_, signs);
  store(also_accepted_, also_accepted);
}

ByteArray<k_cookie_octets> CookieSecrets::make(std::string_view client_cookie, const ClientAddress& client,
                                               std::int64_t now_s) const {
  return make_cookie(load(signs_), client_cookie, client, now_s);
}

bool CookieSecrets::accepts(std::string_view cookie, const ClientAddress& client, std::int64_t now_s) const {
  // Most have none: they cost no hash.
  if (cookie.size() != k_cookie_octets) return false;
  const CookieSecret signs = load(signs_);
  const CookieSecret also = load(also_accepted_);
  return is_valid_cookie(signs, cookie, client, now_s) ||
         (also != signs && is_valid_cookie(also, cookie, client, now_s));
}

}  // namespace dnsmesh::dns
