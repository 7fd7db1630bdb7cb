// SPDX-License-Identifier: Apache-2.0
#include "http/api.hpp"

#include "http/openapi.hpp"
#include "http/responses.hpp"
#include "http/status_routes.hpp"

namespace dnsmesh::http {
namespace {

constexpr std::string_view k_record_pattern = "/v1/records/[^/]+/?";
constexpr std::string_view k_record_path = "/v1/records/{name}";

}  // namespace

Api::Api(store::RecordStore& store, access::Access& access, store::OfferJudge judge, PublishLimits caps)
    : store_(store), access_(access), judge_(std::move(judge)), caps_(caps) {}

RouteTable Api::routes() {
  const auto records = [this](void (Api::*handle)(const Request&, Responder)) -> Handler {
    return [this, handle](const Request& request, Responder respond) { (this->*handle)(request, std::move(respond)); };
  };
  const auto status = [this](Response (*answer)(const store::RecordStore&)) -> Handler {
    return [this, answer](const Request&, Responder respond) { respond(answer(store_)); };
  };
  return {
      {"GET", "/health", "/health", status(answer_health), true},
      {"GET", "/stats", "/stats", status(answer_stats)},
      {"GET", k_record_pattern, k_record_path, records(&Api::read)},
      {"POST", k_record_pattern, k_record_path, records(&Api::publish)},
      {"DELETE", k_record_pattern, k_record_path, records(&Api::remove)},
      {"GET", "/v1/openapi\\.json", "/v1/openapi.json",
       [](const Request&, Responder respond) { respond(json_response(200, std::string(openapi_document()))); }},
  };
}

void Api::set_limits(PublishLimits caps) {
  caps_.with([&](PublishLimits& current) { current = caps; });
}

std::vector<std::pair<ErrorCode, std::uint64_t>> Api::offers_refused() const {
  std::vector<std::pair<ErrorCode, std::uint64_t>> out;
  for (std::size_t i = 0; i < offers_refused_.size(); ++i) {
    const std::uint64_t count = offers_refused_[i].load(std::memory_order_relaxed);
    if (count > 0) out.emplace_back(static_cast<ErrorCode>(i), count);
  }
  return out;
}

}  // namespace dnsmesh::http
