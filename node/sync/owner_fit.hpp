// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

namespace dnsmesh::sync {

/// Whether a record lies at an owner name that belongs to its type, and to its content where that says whose it is
/// (spec/records.md 13): existing nodes take a valid record at any name (spec/anti-entropy.md 15.7, 10). Text that is
/// no record fits everywhere. Case of the name does not matter.
bool owner_fits(std::string_view owner_name, std::string_view value);

}  // namespace dnsmesh::sync
