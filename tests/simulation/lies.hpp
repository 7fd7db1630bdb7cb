// SPDX-License-Identifier: Apache-2.0
// The ways in which a malicious peer misbehaves (spec/anti-entropy.md 18). A liar knows the token, but neither the
// operator's key nor users' keys.
#pragma once

#include <cstdint>
#include <set>

#include "dice.hpp"

namespace dnsmesh::simulation {

enum class Lie : std::uint8_t {
  // These spoil nothing of what it lists truly: its good rows must arrive all the same (L3).
  forged_next_cursor,
  always_more,
  duplicates,
  odd_entries,  // entries of wrong types, names and lives between the good ones
  bad_rows,     // rows that no reader can accept
  unsolicited,  // records that nobody asked for
  long_lives,   // lives of 10^18 seconds
  wrong_manifests,
  foreign_hints,
  odd_requests,  // to our server
  // With these nothing that it lists needs to arrive.
  wrong_values,
  future_stamps,
  stamps_behind,
  unsorted,
  repeated_pages,
  omissions,
  expired_records,
  huge_values,
  crowded_names,
  lone_surrogates,
  endless_answers,
  deep_json,
  garbage,
  redirects,
  no_answers,
  extended_lies,
  count_
};

inline constexpr Lie k_last_faithful = Lie::odd_requests;

using Lies = std::set<Lie>;

inline Lies draw_lies(Dice& dice) {
  Lies lies;
  const bool faithful = dice.chance(0.4);
  const auto last = static_cast<std::int64_t>(faithful ? k_last_faithful : Lie::count_) - (faithful ? 0 : 1);
  const std::int64_t count = dice.between(1, 5);
  for (std::int64_t i = 0; i < count; ++i) lies.insert(static_cast<Lie>(dice.between(0, last)));
  return lies;
}

inline bool is_faithful(const Lies& lies) { return lies.empty() || *lies.rbegin() <= k_last_faithful; }

}  // namespace dnsmesh::simulation
