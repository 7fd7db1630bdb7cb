// SPDX-License-Identifier: Apache-2.0
#include "http/status_routes.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/json.hpp"
#include "http/metrics_text.hpp"
#include "http/responses.hpp"

namespace dnsmesh::http {
namespace {

/// No valid owner name, so the look-up costs one index probe and never finds anything.
constexpr std::string_view k_probe_name = "__dmp_health_probe__";

/// The probe's own outcome counts: that an earlier read failed says nothing of this moment.
bool is_readable(const store::RecordStore& store) { return store.values_at(k_probe_name).has_value(); }

Response degraded(std::string_view reason) {
  return json_response(503, fmt::format(R"({{"status": "degraded", "store": "{}"}})", reason));
}

}  // namespace

Response answer_health(const store::RecordStore& store) {
  if (!is_readable(store)) return degraded("unavailable");
  if (!store.health().writable) return degraded("write failed");
  return json_response(200, R"({"status": "ok"})");
}

Response answer_stats(const store::RecordStore& store) {
  const auto count = store.live_count();
  return json_response(200, count ? fmt::format(R"({{"records": {}}})", *count) : R"({"records": null})");
}

Response answer_live() { return json_response(200, R"({"status": "live"})"); }

std::vector<std::string_view> not_ready(const store::RecordStore& store, const NodeView& view) {
  std::vector<std::string_view> out;
  if (!is_readable(store)) out.push_back("store_read");
  if (!store.health().writable) out.push_back("store_write");
  for (const std::string_view word : view.not_ready()) out.push_back(word);
  return out;
}

Response answer_ready(const store::RecordStore& store, const NodeView& view) {
  std::vector<std::string> words;
  for (const std::string_view word : not_ready(store, view)) words.push_back(json_quote(word));
  return json_response(words.empty() ? 200 : 503,
                       fmt::format(R"({{"status": "{}", "not_ready": [{}]}})", words.empty() ? "ready" : "not ready",
                                   fmt::join(words, ", ")));
}

Response answer_metrics(const Request& request, const access::Access& access, const NodeView& view) {
  if (!access.allows_operator(request.authorization)) return json_error(401, "unauthorized");
  return {200, std::string(k_metrics_type), metrics_text(view.metrics()), {}};
}

}  // namespace dnsmesh::http
