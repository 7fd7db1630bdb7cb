// SPDX-License-Identifier: Apache-2.0
// The two base64 readings of the protocol (spec/records.md 1.2). Both ignore non-zero unused bits in the last symbol,
// so several texts decode to the same bytes: texts are stored and forwarded verbatim, never re-encoded.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace dnsmesh {

/// Standard alphabet, `=` padding, no line breaks.
std::string base64_encode(std::string_view bytes);

/// Refuses foreign characters and anything after the padding; superfluous `=` after whole groups is accepted.
std::optional<std::string> base64_decode_strict(std::string_view text);

/// Skips foreign ASCII characters and ignores everything after complete padding; non-ASCII fails.
std::optional<std::string> base64_decode_lenient(std::string_view text);

}  // namespace dnsmesh
