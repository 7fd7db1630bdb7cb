// SPDX-License-Identifier: Apache-2.0
// Token buckets by key (spec/http-api.md 8): a key starts with `burst` units, gains `rate` a second up to `burst`, and
// a request costs one.
#pragma once

#include <cstddef>
#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "base/clock.hpp"
#include "base/lock_guarded.hpp"

namespace dnsmesh::access {

struct Rate {
  double per_s = 0;
  double burst = 0;
  /// A rate or burst of zero or less (or not a number) switches the limit off.
  bool limits() const { return per_s > 0 && burst > 0; }
  bool operator==(const Rate&) const = default;
};

/// Any thread. `clock` must outlive it.
class RateLimiter {
 public:
  RateLimiter(Rate rate, const Clock& clock);

  /// Takes one unit of the key's bucket; false when less than one is there (what is there stays).
  bool allow(std::string_view key);

  /// The same under a rate of the key's own, for a table whose keys differ in it.
  bool allow(std::string_view key, const Rate& rate);

  /// Takes `units` when at least one is there: what is missing is owed, so a request of any size passes at some time,
  /// and a large one is waited for afterwards.
  bool allow_units(std::string_view key, double units);

  /// Another rate; a real change forgets all buckets, so every key starts full.
  void set_rate(Rate rate);

  /// Keys remembered now; at most limits::rate_limit_keys_max.
  std::size_t keys() const;

 private:
  struct Bucket {
    double level = 0;
    std::int64_t at_ms = 0;    // when `level` was right
    std::int64_t full_ms = 0;  // when it will be full again
  };
  /// Forgetting goes by `full_ms`: a full bucket is the same as none, and a flood of new keys (each nearly full)
  /// forgets its own before one that is throttled.
  struct Table {
    Rate rate;
    std::unordered_map<std::string, Bucket> buckets;
    std::set<std::pair<std::int64_t, std::string>> by_full_ms;
  };

  static bool take(Table& table, const Rate& rate, std::string_view key, double units, std::int64_t now_ms);

  const Clock& clock_;
  LockGuarded<Table> table_;
};

}  // namespace dnsmesh::access
