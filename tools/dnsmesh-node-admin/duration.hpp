// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace dnsmesh::node_admin {

/// A hundred thousand years: no sum with a time of ours overflows.
inline constexpr std::int64_t k_duration_s_max = 3'155'760'000'000;

/// Seconds of `30`, `30s`, `5m`, `2h`, `1d` or `1w`, blanks around it allowed; nothing for any other text, and for what
/// is too long to count (spec/registration.md 8). At most k_duration_s_max.
std::optional<std::int64_t> parse_duration(std::string_view text);

}  // namespace dnsmesh::node_admin
