// SPDX-License-Identifier: Apache-2.0
// Values that a zone gave, judged and stored (spec/heartbeat.md 5 and 7).
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "base/error.hpp"
#include "store/seen_file.hpp"

namespace dnsmesh::discovery {

/// Which node this is: several nodes of one operator share a key, so it takes both.
struct NodeName {
  std::string operator_spk_hex;
  std::string endpoint;

  bool operator==(const NodeName&) const = default;
};

/// What became of the values of one answer.
struct Taken {
  std::size_t accepted = 0;  // verified now, or stored before with the same text
  std::size_t known = 0;     // of them: the same text was there, no signature was checked
  std::size_t refused = 0;   // no heartbeat, a bad signature, or times beyond the rules
  std::size_t stored = 0;    // rows that the store wrote
};

/// Stores the heartbeats among the first limits::harvest_values_max of `values` that verify and are not `self`'s.
/// Errors: those of the store.
Result<Taken> take_values(store::SeenStore& seen, const NodeName& self, std::string_view zone,
                          std::span<const std::string> values, std::int64_t now_s);

}  // namespace dnsmesh::discovery
