// SPDX-License-Identifier: Apache-2.0
#include "http/node_routes.hpp"

#include <memory>

#include "http/cluster_report.hpp"
#include "http/openapi.hpp"
#include "http/responses.hpp"
#include "http/status_routes.hpp"

namespace dnsmesh::http {

RouteTable node_routes(const store::RecordStore& store, access::Access& access, NodeView view,
                       std::function<OfferCounts()> offers_refused) {
  const auto page = std::make_shared<LandingPage>(store, view, std::move(offers_refused));
  const Handler landing = [page](const Request& request, Responder respond) { respond(page->answer(request)); };
  const Handler ready = [&store, view](const Request&, Responder respond) { respond(answer_ready(store, view)); };
  return {
      {"GET", "/", "/", landing},
      {"GET", "/index\\.html", "/index.html", landing},
      {"GET", "/health", "/health", [&store](const Request&, Responder respond) { respond(answer_health(store)); },
       true},
      {"GET", "/livez", "/livez", [](const Request&, Responder respond) { respond(answer_live()); }, true},
      {"GET", "/readyz", "/readyz", ready, true},
      {"GET", "/ready", "/ready", ready, true},
      {"GET", "/stats", "/stats", [&store](const Request&, Responder respond) { respond(answer_stats(store)); }},
      {"GET", "/metrics", "/metrics",
       [&access, view](const Request& request, Responder respond) { respond(answer_metrics(request, access, view)); }},
      {"GET", "/v1/cluster", "/v1/cluster",
       [&access, view](const Request& request, Responder respond) { respond(answer_cluster(request, access, view)); }},
      {"GET", "/v1/openapi\\.json", "/v1/openapi.json",
       [](const Request&, Responder respond) { respond(json_response(200, std::string(openapi_document()))); }},
  };
}

}  // namespace dnsmesh::http
