// SPDX-License-Identifier: Apache-2.0
// The TSIG algorithms that this node takes (RFC 8945 6, spec/dns-update.md 3): MD5 and SHA-1 never.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "crypto/hmac.hpp"

namespace dnsmesh::access {

enum class TsigAlgorithm : std::uint8_t {
  hmac_sha256,
  hmac_sha256_128,
  hmac_sha384,
  hmac_sha384_192,
  hmac_sha512,
  hmac_sha512_256,
};

/// The algorithm of a name in text form, any case, with or without the final dot; nothing for others.
std::optional<TsigAlgorithm> tsig_algorithm_of(std::string_view name);

/// The name in lower case without the final dot.
std::string_view tsig_algorithm_name(TsigAlgorithm algorithm);

/// The hash behind it, and the octets of its MAC: those of the hash or, for a truncated name, half of them.
crypto::HmacHash tsig_hash(TsigAlgorithm algorithm);
std::size_t tsig_mac_octets(TsigAlgorithm algorithm);

}  // namespace dnsmesh::access
