// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/error.hpp"
#include "store/sqlite.hpp"

namespace dnsmesh::store {

/// Brings a token file of any older layout up to date; an empty file gets the tables (spec/storage.md 3). Errors:
/// store_newer_schema when it says it is newer than what we know, with both numbers; those of the connection.
Result<void> prepare_token_file(sqlite::Connection& connection);

}  // namespace dnsmesh::store
