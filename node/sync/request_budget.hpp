// SPDX-License-Identifier: Apache-2.0
// How many requests a peer sees from us: 5 a second and 40 in a burst toward an existing node, whose bucket of 10 a
// second it shares with its own users behind our address (spec/anti-entropy.md 6.3).
#pragma once

#include <cstdint>

namespace dnsmesh::sync {

/// A token bucket on the monotonic clock. Plain data of one session.
class RequestBudget {
 public:
  RequestBudget(double per_s, double burst) : per_s_(per_s), burst_(burst), tokens_(burst) {}

  /// Milliseconds until a request may be sent; 0: now.
  std::int64_t wait_ms(std::int64_t now_ms);
  /// Counts a request. Precondition: wait_ms(now_ms) gave 0.
  void take(std::int64_t now_ms);
  /// The peer said 429: half of everything for ten minutes (F18).
  void halve(std::int64_t now_ms);
  /// Another rate from now on, with a full bucket.
  void set(double per_s, double burst);

 private:
  void refill(std::int64_t now_ms);
  double factor(std::int64_t now_ms) const { return now_ms < halved_until_ms_ ? 0.5 : 1.0; }

  double per_s_;
  double burst_;
  double tokens_;
  std::int64_t refilled_ms_ = 0;
  std::int64_t halved_until_ms_ = 0;
};

}  // namespace dnsmesh::sync
