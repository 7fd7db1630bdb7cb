// SPDX-License-Identifier: Apache-2.0
// Unsigned message fragments: checksum, block, Reed-Solomon parity (spec/records.md 11).
#pragma once

#include <string>
#include <string_view>

#include "base/error.hpp"

namespace dnsmesh::record {

/// The blob of a block: 8 octets of its SHA-256, then the block with its parity. Clients use blocks of 128 octets.
std::string wrap_chunk(std::string_view block);

/// The repaired block of a blob, as the check of a sync does it: the length of the block is not enforced. Errors:
/// record_body_unwrap.
Result<std::string> unwrap_chunk(std::string_view blob);

/// The block of a chunk text. Errors: record_prefix, record_base64 (the strict reading), record_body_unwrap.
Result<std::string> parse_chunk(std::string_view text);

/// The text of a block.
std::string issue_chunk(std::string_view block);

}  // namespace dnsmesh::record
