// SPDX-License-Identifier: Apache-2.0
// What the program says about itself.
#pragma once

#include <string>
#include <string_view>

namespace dnsmesh::node_admin {

/// The help of a command (`token issue`), of a group of them (`token`), or of the whole program (empty).
std::string help_of(std::string_view command);

/// Only how the command, or each of the group, is written: a line or two for each.
std::string usage_of(std::string_view command);

}  // namespace dnsmesh::node_admin
