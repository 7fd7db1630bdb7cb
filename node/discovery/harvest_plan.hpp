// SPDX-License-Identifier: Apache-2.0
// Which zone is asked when (spec/heartbeat.md 5 and 7). All times are milliseconds of a clock that nobody sets.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/random.hpp"
#include "store/seen_file.hpp"

namespace dnsmesh::discovery {

/// The zones to ask in their order, each once, without `own_zone`, at most `zones_max`: seeds, hosts of sync peers,
/// then those of the rows that were heard at their own zone, then those that others tell of.
std::vector<std::string> zones_to_ask(std::span<const std::string> seeds, std::span<const std::string> peer_hosts,
                                      std::span<const store::SeenRow> seen, std::string_view own_zone,
                                      std::size_t zones_max);

/// Not for use by two threads at once.
class HarvestPlan {
 public:
  HarvestPlan(std::int64_t period_ms, Random& random) : period_ms_(period_ms), random_(random) {}

  /// True when a period is over, or none has begun.
  bool period_is_over(std::int64_t now_ms) const { return now_ms >= next_period_ms_; }

  /// Begins a period: the zones that are not left alone, spread evenly with a jitter of a tenth. Those of the first
  /// period are due at once. Zones of the last period that were not asked are dropped.
  void begin(std::span<const std::string> zones, std::int64_t now_ms);

  /// The next zone when it is due; it is given once.
  std::optional<std::string> take_due(std::int64_t now_ms);

  /// When the next zone is due; with none left, when the period is over.
  std::int64_t next_ms() const;

  bool is_empty() const { return due_.empty(); }

  /// How asking went. After a failure the zone is left alone for 1, 2, 4 ... 32 periods; success clears.
  void finished(const std::string& zone, bool succeeded);

 private:
  struct Due {
    std::int64_t at_ms;
    std::string zone;
  };
  struct CoolDown {
    int periods_left = 0;
    int next_periods = 1;
  };

  const std::int64_t period_ms_;
  Random& random_;
  std::int64_t next_period_ms_ = 0;
  bool has_begun_ = false;
  std::deque<Due> due_;
  std::map<std::string, CoolDown> cool_downs_;
};

}  // namespace dnsmesh::discovery
