// SPDX-License-Identifier: Apache-2.0
#include "access/key_scope.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/hex.hpp"
#include "base/limits.hpp"
#include "crypto/hash.hpp"

namespace dnsmesh::access {
namespace {

constexpr std::array<std::string_view, 4> k_shared_names = {"_dnsmesh-claim-*", "slot-*.mb-*", "chunk-*-*",
                                                            "claim-*.mb-*"};

std::string under(std::string_view zone, std::string_view label) { return fmt::format("{}.{}", label, zone); }

}  // namespace

std::optional<std::string> key_name(const Subject& subject, const crypto::PublicKey& spk, std::string_view zone) {
  const std::string key_digits = to_hex(view(spk)).substr(0, 8);
  const std::string tag = crypto::sha256_hex(subject.text()).substr(0, 6);
  const std::string label = fmt::format("{}-{}-{}", subject.local, key_digits, tag);
  std::string name = under(zone, label);
  if (label.size() > limits::label_bytes_max || name.size() > limits::owner_name_bytes_max) return std::nullopt;
  return name + ".";
}

std::vector<std::string> identity_suffixes(const Subject& subject, std::string_view zone) {
  const std::string hash = crypto::sha256_hex(subject.local);
  return {under(zone, "id-" + hash.substr(0, 12)), under(zone, "id-" + hash.substr(0, 16))};
}

std::vector<std::string> allowed_suffixes(const Subject& subject, const crypto::PublicKey& spk,
                                          const std::optional<ByteArray<32>>& x25519_public, std::string_view zone,
                                          KeyScope scope) {
  if (scope == KeyScope::loose) return {std::string(zone)};
  std::vector<std::string> out = identity_suffixes(subject, zone);
  out.push_back(under(zone, "_dnsmesh-claim-" + to_hex(view(spk)).substr(0, 16)));
  if (scope == KeyScope::standard) {
    for (const std::string_view shared : k_shared_names) out.push_back(under(zone, shared));
  }
  if (x25519_public) {
    const std::string twice = crypto::sha256_hex(view(crypto::sha256(view(*x25519_public))));
    out.push_back(under(zone, "mb-" + twice.substr(0, 12)));
  }
  std::ranges::sort(out);
  const auto [first, last] = std::ranges::unique(out);
  out.erase(first, last);
  return out;
}

}  // namespace dnsmesh::access
