// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "base/metrics.hpp"

namespace dnsmesh::http {

/// The Content-Type of the text below.
inline constexpr std::string_view k_metrics_type = "text/plain; version=0.0.4";

/// The snapshot in Prometheus' text exposition format 0.0.4; every family has its HELP and TYPE, samples or not.
std::string metrics_text(const MetricsSnapshot& snapshot);

}  // namespace dnsmesh::http
