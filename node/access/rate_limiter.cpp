// SPDX-License-Identifier: Apache-2.0
#include "access/rate_limiter.hpp"

#include <algorithm>
#include <cmath>

#include "base/limits.hpp"

namespace dnsmesh::access {
namespace {

/// A rate near zero would put the refill beyond what an integer holds; a year is as good as never.
constexpr double k_refill_ms_max = 366.0 * 86400 * 1000;

std::int64_t refill_ms(const Rate& rate, double level) {
  return static_cast<std::int64_t>(std::ceil(std::min((rate.burst - level) / rate.per_s * 1000, k_refill_ms_max)));
}

}  // namespace

RateLimiter::RateLimiter(Rate rate, const Clock& clock) : clock_(clock), table_(Table{rate, {}, {}}) {}

bool RateLimiter::allow(std::string_view key) {
  const std::int64_t now_ms = clock_.monotonic_ms();
  return table_.with([&](Table& table) { return take(table, table.rate, key, 1, now_ms); });
}

bool RateLimiter::allow_units(std::string_view key, double units) {
  const std::int64_t now_ms = clock_.monotonic_ms();
  return table_.with([&](Table& table) { return take(table, table.rate, key, units, now_ms); });
}

bool RateLimiter::allow(std::string_view key, const Rate& rate) {
  const std::int64_t now_ms = clock_.monotonic_ms();
  return table_.with([&](Table& table) { return take(table, rate, key, 1, now_ms); });
}

bool RateLimiter::take(Table& table, const Rate& rate, std::string_view key, double units, std::int64_t now_ms) {
  if (!rate.limits()) return true;
  auto found = table.buckets.find(std::string(key));
  if (found == table.buckets.end()) {
    if (table.buckets.size() >= limits::rate_limit_keys_max) {
      table.buckets.erase(table.by_full_ms.begin()->second);
      table.by_full_ms.erase(table.by_full_ms.begin());
    }
    found = table.buckets.emplace(key, Bucket{rate.burst, now_ms, now_ms}).first;
  } else {
    table.by_full_ms.erase({found->second.full_ms, found->first});
  }
  Bucket& bucket = found->second;
  // Threads may bring their readings out of order: time never runs back for a bucket.
  const std::int64_t passed_ms = std::max<std::int64_t>(now_ms - bucket.at_ms, 0);
  bucket.level = std::min(rate.burst, bucket.level + static_cast<double>(passed_ms) * rate.per_s / 1000);
  bucket.at_ms += passed_ms;
  const bool allowed = bucket.level >= 1;
  if (allowed) bucket.level -= units;
  bucket.full_ms = bucket.at_ms + refill_ms(rate, bucket.level);
  table.by_full_ms.emplace(bucket.full_ms, found->first);
  return allowed;
}

void RateLimiter::set_rate(Rate rate) {
  table_.with([&](Table& table) {
    if (table.rate == rate) return;
    table = Table{rate, {}, {}};
  });
}

std::size_t RateLimiter::keys() const {
  return table_.with([](const Table& table) { return table.buckets.size(); });
}

}  // namespace dnsmesh::access
