// SPDX-License-Identifier: Apache-2.0
// Record checks in bulk, off the loop's thread, as a parameter: production spreads them over all cores
// (app/verify_pool.hpp), the simulation does them at once. Each value is checked alone: a batch equation gives other
// verdicts (spec/records.md 1.3).
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "record/offer.hpp"

namespace dnsmesh::sync {

struct Candidate {
  std::string name;
  std::string value;
};

struct Verdict {
  Result<void> accepted;  // record::sync_accepts
  record::Offer offer;    // record::judge_offer; only when accepted
};

/// One verdict a candidate, in their order; on the loop's thread.
using VerdictCallback = std::move_only_function<void(std::vector<Verdict>)>;

class Verifier {
 public:
  virtual ~Verifier() = default;

  /// Checks all of them as of `now_s` with the pinned operator key that the verifier was made with. `done` runs once on
  /// the loop's thread, never inside check(), and not at all when the loop ends first. Only on the loop's thread.
  virtual void check(std::vector<Candidate> candidates, std::int64_t now_s, VerdictCallback done) = 0;
};

}  // namespace dnsmesh::sync
