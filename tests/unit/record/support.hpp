// SPDX-License-Identifier: Apache-2.0
// What the tests of record/ share: fixed keys and a fixed clock, and bodies that are changed and signed again, so that
// a test reaches the check it is about and not the signature.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>

#include "base/base64.hpp"
#include "base/bytes.hpp"
#include "base/error.hpp"
#include "crypto/ed25519.hpp"
#include "record/text_form.hpp"

namespace dnsmesh::record::testing {

inline constexpr std::int64_t k_now_s = 1'900'000'000;
inline constexpr std::uint64_t k_now = 1'900'000'000;

/// The key whose seed is 32 times `fill`.
inline crypto::SigningKey key_of(unsigned char fill) {
  ByteArray<32> seed;
  seed.fill(fill);
  return crypto::SigningKey(seed);
}

template <std::size_t N>
ByteArray<N> filled(unsigned char fill) {
  ByteArray<N> out;
  out.fill(fill);
  return out;
}

/// `ok`, or the name of the error.
template <class T>
std::string code_of(const Result<T>& result) {
  return std::string(result ? "ok" : error_name(result.error().code));
}

/// The text of a blob, with no regard to any cap.
inline std::string text_of(const TextForm& form, std::string_view blob) {
  return std::string(form.prefix) + base64_encode(blob);
}

/// A body with valid signatures.
inline std::string signed_text(const TextForm& form, std::string_view body,
                               std::initializer_list<crypto::SigningKey> keys) {
  std::string blob(body);
  for (const crypto::SigningKey& key : keys) blob += view(key.sign(body));
  return text_of(form, blob);
}

/// The body of a valid text.
inline std::string body_of(const TextForm& form, std::string_view text, std::size_t signature_count = 1) {
  std::string blob = open_text(form, text).value();
  blob.resize(blob.size() - signature_count * k_signature_bytes);
  return blob;
}

/// `body` with the bytes at `offset` replaced.
inline std::string patched(std::string body, std::size_t offset, std::string_view bytes) {
  return body.replace(offset, bytes.size(), bytes);
}

/// `body` with `bytes` put in place of `count` bytes at `offset`.
inline std::string spliced(std::string body, std::size_t offset, std::size_t count, std::string_view bytes) {
  return body.replace(offset, count, bytes);
}

inline std::string octets_of(std::initializer_list<int> values) {
  std::string out;
  for (const int value : values) out.push_back(static_cast<char>(value));
  return out;
}

}  // namespace dnsmesh::record::testing
