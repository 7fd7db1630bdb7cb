// SPDX-License-Identifier: Apache-2.0
// Foreign text in messages and on terminals.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace dnsmesh::tools {

/// What a message shows of a foreign text: more than any name, and still one line or two.
inline constexpr std::size_t k_message_bytes_max = 200;

/// `text` with control characters, marks that reorder what is read, and what is not UTF-8 as \xNN; what is longer than
/// `bytes_max` is cut and says so. Fit for a line of a terminal.
std::string printable(std::string_view text, std::size_t bytes_max = k_message_bytes_max);

/// The same in double quotes.
std::string in_quotes(std::string_view text);

}  // namespace dnsmesh::tools
