// SPDX-License-Identifier: Apache-2.0
// The signed end of a value whose signer is not at hand (spec/anti-entropy.md 7.1 and 15.7, 11).
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace dnsmesh::record {

/// `exp` of a slot manifest, prekey, cluster manifest, bootstrap, claim or rotation record, read at its place without
/// any signature check when the text decodes and the blob has the size and magic of its type. Nothing otherwise: such a
/// value counts as one without a signed end.
std::optional<std::uint64_t> read_signed_exp(std::string_view value);

}  // namespace dnsmesh::record
