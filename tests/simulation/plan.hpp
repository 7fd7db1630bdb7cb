// SPDX-License-Identifier: Apache-2.0
// What kind of world a seed makes: who lives in it, how fast they are, and which troubles it knows. Each trouble is
// there in about half of the worlds, so that rare ones are not always hidden behind common ones.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "dice.hpp"

namespace dnsmesh::simulation {

struct Options {
  std::uint64_t seed = 1;
  std::int64_t minutes = 10;
  bool real_checks = false;
  std::string bug;   // of the table in bugs.hpp; empty: none
  std::string only;  // "ref" or "ours": nobody else lives in the world
  bool verbose = false;
};

enum class Kind { ours, ref, liar };

struct NodePlan {
  Kind kind = Kind::ours;
  std::int64_t interval_ms = 5000;
  std::int64_t clock_offset_ms = 0;
  std::int64_t clock_drift_ppm = 0;
};

struct Plan {
  std::vector<NodePlan> nodes;
  // Troubles.
  bool loss = false;
  bool slow = false;
  bool partitions = false;
  bool refusals = false;
  bool crashes = false;
  bool skew = false;  // clocks are two minutes off
  bool clock_steps = false;
  bool disk_full = false;
  bool old_copies = false;   // a database is replaced by an old copy of itself
  bool lost_stores = false;  // a database is deleted
  bool races = false;        // bursts within a millisecond, late commits
  // Load.
  bool odd_records = false;
  bool deletes = false;
  bool manifests = false;
  bool peer_tombstones = false;
  bool extended = true;
  std::int64_t gap_ms_max = 4000;  // between two operations of users

  bool has(Kind kind) const {
    for (const NodePlan& node : nodes) {
      if (node.kind == kind) return true;
    }
    return false;
  }
};

Plan draw_plan(const Options& options, Dice& dice);

}  // namespace dnsmesh::simulation
