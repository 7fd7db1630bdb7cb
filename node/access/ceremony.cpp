// SPDX-License-Identifier: Apache-2.0
#include "access/ceremony.hpp"

#include "crypto/hmac.hpp"
#include "crypto/x25519.hpp"

namespace dnsmesh::access {
namespace {

constexpr char k_version = 0x01;

}  // namespace

std::string signed_message(const Challenge& challenge, std::string_view subject) {
  std::string out(view(challenge.nonce));
  out += subject;
  out += challenge.node;
  out += k_version;
  return out;
}

bool verify_signature(const Challenge& challenge, std::string_view subject, const crypto::PublicKey& public_key,
                      const crypto::Signature& signature) {
  return crypto::verify(view(public_key), view(signature), signed_message(challenge, subject));
}

bool verify_possession(const Challenge& challenge, std::string_view subject, const ByteArray<32>& x25519_public,
                       const ByteArray<32>& proof) {
  std::string message(view(challenge.nonce));
  message += subject;
  message += view(x25519_public);
  const auto expected = crypto::x25519_mac(challenge.x25519_private, x25519_public, message);
  return expected && crypto::equal_mac(view(*expected), view(proof));
}

}  // namespace dnsmesh::access
