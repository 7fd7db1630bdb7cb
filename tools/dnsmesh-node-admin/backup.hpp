// SPDX-License-Identifier: Apache-2.0
// `backup`, `backup-check` and `restore` (docs/backup.md).
#pragma once

#include <string>

#include "base/clock.hpp"
#include "base/random.hpp"
#include "dnsmesh-node-admin/command_end.hpp"

namespace dnsmesh::node_admin {

/// Copies the files of a node, running or not, into the new folder `folder`: all of them, or there is no such folder.
CommandEnd make_backup(const std::string& folder, const std::string& record_path, const Variable& variable,
                       const Clock& clock);

/// Status 1 when the copy is not whole or not what it was.
CommandEnd check_backup(const std::string& folder, const Clock& clock);

/// Puts a checked copy in the place of a node's files, as another database to its peers. `force` moves files that are
/// there aside.
CommandEnd restore_backup(const std::string& folder, const std::string& record_path, bool force,
                          const Variable& variable, const Clock& clock, Random& random);

}  // namespace dnsmesh::node_admin
