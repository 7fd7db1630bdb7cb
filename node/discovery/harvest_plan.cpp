// SPDX-License-Identifier: Apache-2.0
#include "discovery/harvest_plan.hpp"

#include <algorithm>
#include <utility>

#include "base/discovery_limits.hpp"
#include "discovery/zone_entry.hpp"

namespace dnsmesh::discovery {
namespace {

constexpr std::int64_t k_jitter_parts = 10;

}  // namespace

std::vector<std::string> zones_to_ask(std::span<const std::string> seeds, std::span<const std::string> peer_hosts,
                                      std::span<const store::SeenRow> seen, std::string_view own_zone,
                                      std::size_t zones_max) {
  std::vector<std::string> out;
  const auto add = [&](const std::string& zone) {
    if (out.size() >= zones_max || zone == own_zone || std::ranges::find(out, zone) != out.end()) return;
    out.push_back(zone);
  };
  std::ranges::for_each(seeds, add);
  std::ranges::for_each(peer_hosts, add);
  std::vector<std::string> leads;
  for (const store::SeenRow& row : seen) {
    const auto zone = zone_of_row(row);
    if (!zone) continue;
    if (*zone == row.source_zone) {
      add(*zone);
    } else {
      leads.push_back(*zone);
    }
  }
  std::ranges::for_each(leads, add);
  return out;
}

void HarvestPlan::begin(std::span<const std::string> zones, std::int64_t now_ms) {
  std::map<std::string, CoolDown> kept;
  std::vector<std::string> asked;
  for (const std::string& zone : zones) {
    const auto cooling = cool_downs_.find(zone);
    const bool is_left_alone = cooling != cool_downs_.end() && cooling->second.periods_left > 0;
    if (is_left_alone) --cooling->second.periods_left;
    if (cooling != cool_downs_.end()) kept.insert(*cooling);
    if (!is_left_alone) asked.push_back(zone);
  }
  cool_downs_ = std::move(kept);

  due_.clear();
  const std::int64_t step_ms = has_begun_ && !asked.empty() ? period_ms_ / static_cast<std::int64_t>(asked.size()) : 0;
  const std::int64_t jitter_ms = step_ms / k_jitter_parts;
  std::int64_t at_ms = now_ms;
  for (std::string& zone : asked) {
    const auto spread = static_cast<std::int64_t>(random_.below(static_cast<std::uint64_t>(2 * jitter_ms + 1)));
    due_.push_back({std::max(now_ms, at_ms + spread - jitter_ms), std::move(zone)});
    at_ms += step_ms;
  }
  next_period_ms_ = now_ms + period_ms_;
  has_begun_ = true;
}

std::optional<std::string> HarvestPlan::take_due(std::int64_t now_ms) {
  if (due_.empty() || due_.front().at_ms > now_ms) return std::nullopt;
  std::string zone = std::move(due_.front().zone);
  due_.pop_front();
  return zone;
}

std::int64_t HarvestPlan::next_ms() const {
  return due_.empty() ? next_period_ms_ : due_.front().at_ms;
}

void HarvestPlan::finished(const std::string& zone, bool succeeded) {
  if (succeeded) {
    cool_downs_.erase(zone);
    return;
  }
  CoolDown& cooling = cool_downs_[zone];
  cooling.periods_left = cooling.next_periods;
  cooling.next_periods = std::min(2 * cooling.next_periods, limits::harvest_cool_down_periods_max);
}

}  // namespace dnsmesh::discovery
