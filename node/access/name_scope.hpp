// SPDX-License-Identifier: Apache-2.0
// How the scope entries of a key match a name (spec/dns-update.md 4).
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace dnsmesh::access {

/// True when `entry` covers `owner`: itself and what is below it; an entry with `*` label by label from the right, `*`
/// standing for zero or more octets of one label. Both in text form; case, blanks around and outer dots do not matter.
bool covers(std::string_view entry, std::string_view owner);

/// True when some entry covers `owner`.
bool may_add(std::span<const std::string> entries, std::string_view owner);

/// True when some entry without `*` covers `owner`.
bool may_delete(std::span<const std::string> entries, std::string_view owner);

}  // namespace dnsmesh::access
