// SPDX-License-Identifier: Apache-2.0
#include "http/status_routes.hpp"

#include <fmt/format.h>

#include "http/responses.hpp"

namespace dnsmesh::http {
namespace {

/// No valid owner name, so the look-up costs one index probe and never finds anything.
constexpr std::string_view k_probe_name = "__dmp_health_probe__";

Response degraded(std::string_view reason) {
  return json_response(503, fmt::format(R"({{"status": "degraded", "store": "{}"}})", reason));
}

}  // namespace

Response answer_health(const store::RecordStore& store) {
  // The probe's own outcome counts: that an earlier read failed says nothing of this moment.
  if (!store.values_at(k_probe_name)) return degraded("unavailable");
  if (!store.health().writable) return degraded("write failed");
  return json_response(200, R"({"status": "ok"})");
}

Response answer_stats(const store::RecordStore& store) {
  const auto count = store.live_count();
  return json_response(200, count ? fmt::format(R"({{"records": {}}})", *count) : R"({"records": null})");
}

}  // namespace dnsmesh::http
