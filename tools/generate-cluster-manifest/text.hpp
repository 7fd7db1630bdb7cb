// SPDX-License-Identifier: Apache-2.0
// Foreign text in messages.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace dnsmesh::manifest_tool {

/// `text` with control characters and invalid UTF-8 as \xNN, cut at 200 bytes: fit for one line of a terminal.
std::string printable(std::string_view text);

/// The same in double quotes.
std::string in_quotes(std::string_view text);

/// `seconds` since 1970 as `2027-03-01T12:00:00Z`; the plain number when no calendar date fits it.
std::string date_text(std::uint64_t seconds);

}  // namespace dnsmesh::manifest_tool
