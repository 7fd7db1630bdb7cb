// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace dnsmesh {

/// Lower-case hex of `bytes`.
std::string to_hex(std::string_view bytes);

/// The bytes of a hex text of either case; nothing on an odd length or a foreign character (blanks included).
std::optional<std::string> from_hex(std::string_view text);

}  // namespace dnsmesh
