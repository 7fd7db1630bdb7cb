// SPDX-License-Identifier: Apache-2.0
// DNS cookies (RFC 7873) with the server cookie that all implementations share (RFC 9018): a client that returns one
// has received an answer at its address, so its address is not forged.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/bytes.hpp"
#include "dns/client_address.hpp"

namespace dnsmesh::dns {

/// Nodes with the same secret take each other's cookies.
using CookieSecret = ByteArray<16>;

inline constexpr std::size_t k_client_cookie_octets = 8;
inline constexpr std::size_t k_cookie_octets = 24;  // client cookie and version 1 server cookie
/// Server cookies of other makers have 8 to 32 octets (RFC 7873 4).
inline constexpr std::size_t k_cookie_octets_min = 16;
inline constexpr std::size_t k_cookie_octets_max = 40;

/// The content of the COOKIE option in an answer. Precondition: `client_cookie` has 8 octets.
ByteArray<k_cookie_octets> make_cookie(const CookieSecret& secret, std::string_view client_cookie,
                                       const ClientAddress& client, std::int64_t now_s);

/// True when the content of a COOKIE option ends in a server cookie that this secret made for this client at most an
/// hour ago, or at most five minutes ahead (another node's clock).
bool is_valid_cookie(const CookieSecret& secret, std::string_view cookie, const ClientAddress& client,
                     std::int64_t now_s);

/// The secrets of a node, which may change while it answers: the one that signs, and a second one that is accepted too,
/// so that nodes behind one address can roll over one after the other (RFC 9018 5). A reader in the middle of a change
/// may see half of it; the cookie is then no good, and its client gets another one.
class CookieSecrets {
 public:
  explicit CookieSecrets(const CookieSecret& signs) { set(signs, signs); }

  /// Any thread, one at a time.
  void set(const CookieSecret& signs, const CookieSecret& also_accepted);

  /// make_cookie with the one that signs. Any thread.
  ByteArray<k_cookie_octets> make(std::string_view client_cookie, const ClientAddress& client,
                                  std::int64_t now_s) const;
  /// is_valid_cookie with either. Any thread.
  bool accepts(std::string_view cookie, const ClientAddress& client, std::int64_t now_s) const;

 private:
  using Words = std::array<std::atomic<std::uint64_t>, 2>;
  static void store(Words& words, const CookieSecret& secret);
  static CookieSecret load(const Words& words);

  Words signs_;
  Words also_accepted_;
};

}  // namespace dnsmesh::dns
