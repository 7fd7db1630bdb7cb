// SPDX-License-Identifier: Apache-2.0
// The ends of ranges that options of several subjects share.
#pragma once

#include <limits>

namespace dnsmesh::app {

inline constexpr double k_no_min = -std::numeric_limits<double>::infinity();
inline constexpr double k_rate_max = 1e9;  // beyond any machine; keeps the arithmetic of buckets finite
inline constexpr double k_count_max = 2147483647;
inline constexpr double k_ttl_s_max = 2147483647;  // RFC 2181 8
inline constexpr double k_path_bytes_max = 4095;   // PATH_MAX without its final NUL
inline constexpr double k_list_bytes_max = 4096;   // a hundred names, URLs or IPv6 prefixes
inline constexpr double k_token_bytes_max = 4096;  // a header line of ours is far longer

}  // namespace dnsmesh::app
