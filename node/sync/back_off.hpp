// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "base/random.hpp"

namespace dnsmesh::sync {

/// The pause after failed calls: 2 s, doubling to 60 s, each spread by a fifth so that peers of a node that returns do
/// not all come at once (spec/anti-entropy.md 6.3). Plain data of one session, on the monotonic clock.
class BackOff {
 public:
  void failed(std::int64_t now_ms, Random& random);
  void succeeded();
  /// Milliseconds until the next try; 0: now.
  std::int64_t wait_ms(std::int64_t now_ms) const;
  std::int64_t until_ms() const { return until_ms_; }
  /// Failures since the last success.
  int failures() const { return failures_; }

 private:
  int failures_ = 0;
  std::int64_t until_ms_ = 0;
};

/// `value`, spread evenly by a fifth up and down.
std::int64_t jittered(std::int64_t value, Random& random);

}  // namespace dnsmesh::sync
