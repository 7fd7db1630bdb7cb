// SPDX-License-Identifier: Apache-2.0
// Range-based set reconciliation in the message format Negentropy V1, all timestamps 0 (spec/anti-entropy.md 15.4,
// docs/protocol/reconciliation.md). The server keeps no session; the asker uses only what it needs. Part "pairs".
#pragma once

#include <cstddef>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "crypto/hash.hpp"
#include "sync/pair_set.hpp"

namespace dnsmesh::sync {

inline constexpr std::size_t k_reconcile_frame_bytes_max = 65536;
inline constexpr int k_reconcile_rounds_max = 32;

/// The answer of the side that was asked; a message of an unknown protocol version gives our version octet alone.
/// Error: sync_malformed. Any thread.
Result<std::string> reconcile_answer(const PairSet& pairs, std::string_view message);

/// The asker's side of one run. One thread at a time.
class Reconciliation {
 public:
  /// `pairs` must outlive it.
  explicit Reconciliation(const PairSet& pairs) : pairs_(pairs) {}

  /// The first message.
  std::string open() const;

  struct Step {
    std::vector<crypto::Hash256> need;  // ids that the peer has and we lack, new in this step
    std::string next;                   // the next message; empty: done
    bool gave_up = false;               // done because the rounds are used up: the sets may still differ
  };
  /// Takes the peer's answer. Error: sync_malformed, also after k_reconcile_rounds_max answers.
  Result<Step> take(std::string_view answer);

 private:
  const PairSet& pairs_;
  int rounds_ = 0;
  std::set<crypto::Hash256> needed_;  // so far; bounded by the rounds and the frame
};

}  // namespace dnsmesh::sync
