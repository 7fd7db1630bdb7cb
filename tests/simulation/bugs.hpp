// SPDX-License-Identifier: Apache-2.0
// Bugs that can be put in, by name: each must be found, or the checks are not worth much (spec/anti-entropy.md 18,
// "Mutation check").
#pragma once

#include <array>
#include <string_view>

#include "our_node.hpp"

namespace dnsmesh::simulation {

struct InjectableBug {
  std::string_view name;
  void (*inject)(OurOptions&);
};

inline constexpr std::array k_bugs = {
    InjectableBug{"watermark-from-next-cursor", [](OurOptions& o) { o.bugs.watermark_from_next_cursor = true; }},
    InjectableBug{"no-hash-gate", [](OurOptions& o) { o.bugs.no_hash_gate = true; }},
    InjectableBug{"no-prefix-rule", [](OurOptions& o) { o.bugs.no_prefix_rule = true; }},
    InjectableBug{"no-ttl-clamp", [](OurOptions& o) { o.bugs.no_ttl_clamp = true; }},
    InjectableBug{"no-elapsed", [](OurOptions& o) { o.bugs.no_elapsed = true; }},
    InjectableBug{"no-quarantine-limit", [](OurOptions& o) { o.bugs.no_quarantine_limit = true; }},
    InjectableBug{"no-look-back", [](OurOptions& o) { o.bugs.no_look_back = true; }},
    InjectableBug{"open-millisecond", [](OurOptions& o) { o.open_millisecond = true; }},
    InjectableBug{"equal-seq-replaces", [](OurOptions& o) { o.cluster_bugs.equal_seq_replaces = true; }},
    InjectableBug{"no-name-binding", [](OurOptions& o) { o.cluster_bugs.no_name_binding = true; }},
    InjectableBug{"no-self-filter", [](OurOptions& o) { o.knows_itself = false; }},
    InjectableBug{"ref-races", [](OurOptions&) {}},  // of the existing nodes: see plan.cpp
};

/// True when there is a bug of this name; the empty name is none.
inline bool apply_bug(std::string_view name, OurOptions& options) {
  for (const InjectableBug& bug : k_bugs) {
    if (bug.name != name) continue;
    bug.inject(options);
    return true;
  }
  return name.empty();
}

}  // namespace dnsmesh::simulation
