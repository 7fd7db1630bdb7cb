// SPDX-License-Identifier: Apache-2.0
#include "sync/request_budget.hpp"

#include <algorithm>
#include <cassert>
#include <cmath>

#include "base/limits.hpp"

namespace dnsmesh::sync {

void RequestBudget::refill(std::int64_t now_ms) {
  const double passed_s = static_cast<double>(std::max<std::int64_t>(now_ms - refilled_ms_, 0)) / 1000;
  tokens_ = std::min(tokens_ + passed_s * per_s_ * factor(now_ms), std::max(burst_ * factor(now_ms), 1.0));
  refilled_ms_ = now_ms;
}

std::int64_t RequestBudget::wait_ms(std::int64_t now_ms) {
  refill(now_ms);
  if (tokens_ >= 1) return 0;
  return static_cast<std::int64_t>(std::ceil((1 - tokens_) / (per_s_ * factor(now_ms)) * 1000));
}

void RequestBudget::take(std::int64_t now_ms) {
  refill(now_ms);
  assert(tokens_ >= 1);
  tokens_ -= 1;
}

void RequestBudget::halve(std::int64_t now_ms) {
  refill(now_ms);
  halved_until_ms_ = now_ms + limits::sync_halved_ms;
  refill(now_ms);
}

void RequestBudget::set(double per_s, double burst) {
  per_s_ = per_s;
  burst_ = burst;
  tokens_ = burst;
}

}  // namespace dnsmesh::sync
