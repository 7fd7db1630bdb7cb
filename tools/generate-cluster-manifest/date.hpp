// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

namespace dnsmesh::manifest_tool {

/// `seconds` since 1970 as `2027-03-01T12:00:00Z`; the plain number when no calendar date fits it.
std::string date_text(std::uint64_t seconds);

}  // namespace dnsmesh::manifest_tool
