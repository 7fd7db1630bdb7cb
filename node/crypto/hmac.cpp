// SPDX-License-Identifier: Apache-2.0
#include "crypto/hmac.hpp"

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <sodium.h>

#include <array>
#include <cassert>
#include <cstddef>
#include <memory>
#include <string>

namespace dnsmesh::crypto {
namespace {

constexpr std::array k_digests = {"SHA256", "SHA384", "SHA512"};  // in the order of HmacHash

struct ContextDeleter {
  void operator()(EVP_MAC_CTX* context) const { EVP_MAC_CTX_free(context); }
};
using Context = std::unique_ptr<EVP_MAC_CTX, ContextDeleter>;

Context make_context(HmacHash hash) {
  EVP_MAC* method = EVP_MAC_fetch(nullptr, "HMAC", nullptr);
  Context context(method != nullptr ? EVP_MAC_CTX_new(method) : nullptr);
  EVP_MAC_free(method);  // the context holds it
  std::string digest = k_digests.at(static_cast<std::size_t>(hash));
  const std::array params = {OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest.data(), 0),
                             OSSL_PARAM_construct_end()};
  const bool is_ready = context != nullptr && EVP_MAC_CTX_set_params(context.get(), params.data()) == 1;
  assert(is_ready);
  return context;
}

/// Looking a digest up costs more than a short MAC, so each thread does it once.
EVP_MAC_CTX* context_of(HmacHash hash) {
  thread_local std::array<Context, k_digests.size()> contexts;
  Context& context = contexts.at(static_cast<std::size_t>(hash));
  if (context == nullptr) context = make_context(hash);
  return context.get();
}

}  // namespace

Mac hmac(HmacHash hash, std::string_view key, std::span<const std::string_view> parts) {
  EVP_MAC_CTX* context = context_of(hash);
  // A null key would mean the one of the last time.
  const std::string_view named = key.data() != nullptr ? key : std::string_view("");
  bool is_done = EVP_MAC_init(context, octets(named), named.size(), nullptr) == 1;
  for (const std::string_view part : parts) {
    is_done = is_done && (part.empty() || EVP_MAC_update(context, octets(part), part.size()) == 1);
  }
  Mac mac{};
  std::size_t size = 0;
  is_done = is_done && EVP_MAC_final(context, mac.data(), &size, mac.size()) == 1;
  assert(is_done);
  return mac;
}

bool equal_mac(std::string_view a, std::string_view b) {
  assert(a.size() == b.size());
  return sodium_memcmp(a.data(), b.data(), a.size()) == 0;
}

}  // namespace dnsmesh::crypto
