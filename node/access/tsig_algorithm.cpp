// SPDX-License-Identifier: Apache-2.0
#include "access/tsig_algorithm.hpp"

#include <array>

#include "base/utf8.hpp"

namespace dnsmesh::access {
namespace {

struct Row {
  std::string_view name;
  crypto::HmacHash hash;
  std::size_t mac_octets;
};

/// In the order of TsigAlgorithm.
constexpr std::array<Row, 6> k_rows = {{
    {"hmac-sha256", crypto::HmacHash::sha256, 32},
    {"hmac-sha256-128", crypto::HmacHash::sha256, 16},
    {"hmac-sha384", crypto::HmacHash::sha384, 48},
    {"hmac-sha384-192", crypto::HmacHash::sha384, 24},
    {"hmac-sha512", crypto::HmacHash::sha512, 64},
    {"hmac-sha512-256", crypto::HmacHash::sha512, 32},
}};

const Row& row_of(TsigAlgorithm algorithm) { return k_rows.at(static_cast<std::size_t>(algorithm)); }

}  // namespace

std::optional<TsigAlgorithm> tsig_algorithm_of(std::string_view name) {
  if (name.ends_with('.')) name.remove_suffix(1);
  const std::string folded = fold_ascii(name);
  for (std::size_t i = 0; i < k_rows.size(); ++i) {
    if (k_rows[i].name == folded) return static_cast<TsigAlgorithm>(i);
  }
  return std::nullopt;
}

std::string_view tsig_algorithm_name(TsigAlgorithm algorithm) { return row_of(algorithm).name; }
crypto::HmacHash tsig_hash(TsigAlgorithm algorithm) { return row_of(algorithm).hash; }
std::size_t tsig_mac_octets(TsigAlgorithm algorithm) { return row_of(algorithm).mac_octets; }

}  // namespace dnsmesh::access
