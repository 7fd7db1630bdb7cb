// SPDX-License-Identifier: Apache-2.0
// Restored files put in the place of those of a node: all of them, or none.
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "base/error.hpp"

namespace dnsmesh::node_admin {

/// A file on its way from a backup to a node.
struct Placement {
  std::string part;    // beside the target
  std::string target;  // what is there is moved aside
};

/// Moves what is at the targets to `<target>.before-restore-<now_s>`, then the parts to their targets, durable. After a
/// failure everything is back where it was, else the text names what is not. SIGINT, SIGTERM and SIGHUP wait meanwhile.
/// Gives a line for each file that was moved aside. Precondition: no other thread is to take those signals. Errors:
/// store_unusable.
Result<std::string> put_in_place(std::span<const Placement> files, std::int64_t now_s);

}  // namespace dnsmesh::node_admin
