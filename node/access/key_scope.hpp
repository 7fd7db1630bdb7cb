// SPDX-License-Identifier: Apache-2.0
// The name of a TSIG key that is minted for a subject, and the names it may write (spec/registration.md 7.2 to 7.4).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "access/subject.hpp"
#include "base/bytes.hpp"
#include "crypto/ed25519.hpp"

namespace dnsmesh::access {

enum class KeyScope : std::uint8_t {
  standard,  // own names, and the shared mailbox, chunk and claim names
  tight,     // own names alone (`DMP_TSIG_TIGHT_SCOPE`)
  loose,     // the whole zone (`DMP_TSIG_LOOSE_SCOPE`)
};

/// `alice-03a107bf-ff8d98.example.com.`; nothing when the label before the zone would be longer than 63 characters, or
/// the name longer than a DNS name. `zone` is lower case without a final dot, not empty.
std::optional<std::string> key_name(const Subject& subject, const crypto::PublicKey& spk, std::string_view zone);

/// The names that hold the identity of `subject`; they depend on the local part alone.
std::vector<std::string> identity_suffixes(const Subject& subject, std::string_view zone);

/// What the key may write, in byte order without duplicates. `x25519_public` only when its possession was proven.
std::vector<std::string> allowed_suffixes(const Subject& subject, const crypto::PublicKey& spk,
                                          const std::optional<ByteArray<32>>& x25519_public, std::string_view zone,
                                          KeyScope scope);

}  // namespace dnsmesh::access
