// SPDX-License-Identifier: Apache-2.0
// IP literals, and which of them a heartbeat's endpoint may name (spec/records.md 9.1). The tables are the protocol's,
// fixed so that all nodes give one verdict; they are not a registry's latest.
#pragma once

#include <optional>
#include <string_view>

#include "base/bytes.hpp"

namespace dnsmesh::record {

/// Four decimal parts 0..255 of 1..3 digits without leading zeros; nothing for any other spelling.
std::optional<ByteArray<4>> parse_ipv4(std::string_view text);

/// RFC 4291 text, an embedded IPv4 tail included, without a zone; nothing for anything else.
std::optional<ByteArray<16>> parse_ipv6(std::string_view text);

/// False for the private, reserved and special ranges that the protocol refuses.
bool is_public_ipv4(const ByteArray<4>& address);
bool is_public_ipv6(const ByteArray<16>& address);

}  // namespace dnsmesh::record
