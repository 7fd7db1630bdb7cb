// SPDX-License-Identifier: Apache-2.0
// What publish and delete carry in their bodies, and the checks that need nothing but the request (spec/http-api.md 4.2
// and 4.3). Nothing here touches a store.
#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>

#include "base/limits.hpp"
#include "http/exchange.hpp"

namespace dnsmesh::http {

/// What an operator sets for publish and delete.
struct PublishLimits {
  std::int64_t ttl_s_max = limits::ttl_s_max_default;
  std::int64_t value_bytes_max = limits::value_bytes_max_default;
  std::int64_t values_per_name_max = limits::values_per_name_max_default;  // 0 or less: no cap
  /// For how long a peer must not bring a deleted value that was not here: the longest life that sync gives,
  /// `DMP_SYNC_MAX_TTL` (spec/anti-entropy.md 15.6). 0: not at all.
  std::int64_t absent_tombstone_s = 0;
};

struct PublishBody {
  std::string value;
  std::int64_t ttl_s = 0;
};

/// Steps 5 to 8, 10 and 11 of publish, in that order; the error is the answer to give. `name` is what record_name_in
/// found in the request's target.
std::expected<PublishBody, Response> read_publish(std::string_view name, const Request& request,
                                                  const PublishLimits& caps);

/// Steps 4 (the body) to 6 of delete: the value to remove, or nothing for all values. Only an absent body, an object
/// without `value` and `"value": null` mean all; whatever else cannot be read is an error, never "all".
std::expected<std::optional<std::string>, Response> read_delete(std::string_view name, const Request& request);

}  // namespace dnsmesh::http
