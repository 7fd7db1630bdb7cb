// SPDX-License-Identifier: Apache-2.0
// Is everybody equal? The liveness rules L1 to L6 and L8 of spec/anti-entropy.md 17, asked of a quiet world.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "node.hpp"

namespace dnsmesh::simulation {

struct Equality {
  std::int64_t life_s_min = 60;  // pairs that end sooner do not count
  bool existing_nodes = true;    // they too must hold everything
};

/// The first difference between two honest nodes, for people; nothing when all hold the same: every pair that lives
/// long enough at one of them, that all may take and that a node does not have to leave alone.
std::optional<std::string> first_difference(const std::vector<std::unique_ptr<Node>>& nodes, const Equality& wanted);

}  // namespace dnsmesh::simulation
