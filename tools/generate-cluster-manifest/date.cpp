// SPDX-License-Identifier: Apache-2.0
#include "generate-cluster-manifest/date.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <ctime>

namespace dnsmesh::manifest_tool {
namespace {

constexpr std::uint64_t k_year_10000_s = 253402300800;

}  // namespace

std::string date_text(std::uint64_t seconds) {
  if (seconds >= k_year_10000_s) return fmt::format("{}", seconds);
  return fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", fmt::gmtime(static_cast<std::time_t>(seconds)));
}

}  // namespace dnsmesh::manifest_tool
