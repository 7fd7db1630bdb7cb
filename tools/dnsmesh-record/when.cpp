// SPDX-License-Identifier: Apache-2.0
// Times for `dnsmesh-record show`.
#include <fmt/chrono.h>
#include <fmt/format.h>

#include <ctime>

#include "dnsmesh-record/explain.hpp"

namespace dnsmesh::record_tool {
namespace {

struct Unit {
  std::uint64_t seconds;
  std::string_view name;
};
constexpr Unit k_units[] = {{31536000, "year"}, {86400, "day"}, {3600, "hour"}, {60, "minute"}, {1, "second"}};

/// The largest unit that fits once at least.
std::string distance_in_words(std::uint64_t seconds) {
  for (const Unit& unit : k_units) {
    const std::uint64_t count = seconds / unit.seconds;
    if (count > 0) return fmt::format("{} {}{}", count, unit.name, count == 1 ? "" : "s");
  }
  return "0 seconds";
}

/// The last second of the year 9999: later times have no usual spelling.
constexpr std::uint64_t k_calendar_end_s = 253402300799;

}  // namespace

std::string when_in_words(std::uint64_t time_s, std::int64_t now_s) {
  if (time_s > k_calendar_end_s) return fmt::format("after the year 9999 (second {})", time_s);
  const auto signed_time_s = static_cast<std::int64_t>(time_s);
  const std::time_t calendar_s = signed_time_s;
  std::tm parts{};
  gmtime_r(&calendar_s, &parts);
  const std::string date = fmt::format("{:%Y-%m-%d %H:%M:%S} UTC", parts);
  const std::int64_t ahead_s = signed_time_s - now_s;
  if (ahead_s == 0) return "now, " + date;
  if (ahead_s > 0) return fmt::format("in {}, {}", distance_in_words(static_cast<std::uint64_t>(ahead_s)), date);
  return fmt::format("{} ago, {}", distance_in_words(static_cast<std::uint64_t>(-ahead_s)), date);
}

}  // namespace dnsmesh::record_tool
