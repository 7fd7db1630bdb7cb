// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>

#include "base/clock.hpp"
#include "base/random.hpp"
#include "dnsmesh-node-admin/command_end.hpp"

namespace dnsmesh::node_admin {

/// Reads the command line, the program's name first, and does what it says. Exit status: 0, 1 when it could not be
/// done, 2 for a wrong command line.
CommandEnd run(std::span<const char* const> arguments, const Variable& variable, const Clock& clock, Random& random);

}  // namespace dnsmesh::node_admin
