// SPDX-License-Identifier: Apache-2.0
#include "http/api.hpp"

#include <algorithm>
#include <iterator>

#include "http/node_routes.hpp"

namespace dnsmesh::http {
namespace {

constexpr std::string_view k_record_pattern = "/v1/records/[^/]+/?";
constexpr std::string_view k_record_path = "/v1/records/{name}";

}  // namespace

Api::Api(store::RecordStore& store, access::Access& access, store::OfferJudge judge, PublishLimits caps)
    : store_(store), access_(access), judge_(std::move(judge)), caps_(caps) {}

RouteTable Api::routes(NodeView view) {
  const auto records = [this](void (Api::*handle)(const Request&, Responder)) -> Handler {
    return [this, handle](const Request& request, Responder respond) { (this->*handle)(request, std::move(respond)); };
  };
  RouteTable table = {
      {"GET", k_record_pattern, k_record_path, records(&Api::read)},
      {"POST", k_record_pattern, k_record_path, records(&Api::publish)},
      {"DELETE", k_record_pattern, k_record_path, records(&Api::remove)},
  };
  RouteTable about_node = node_routes(store_, access_, std::move(view), [this] { return offers_refused(); });
  std::ranges::move(about_node, std::back_inserter(table));
  return table;
}

void Api::set_limits(PublishLimits caps) {
  caps_.with([&](PublishLimits& current) { current = caps; });
}

OfferCounts Api::offers_refused() const {
  OfferCounts out;
  for (std::size_t i = 0; i < offers_refused_.size(); ++i) {
    const std::uint64_t count = offers_refused_[i].load(std::memory_order_relaxed);
    if (count > 0) out.emplace_back(static_cast<ErrorCode>(i), count);
  }
  return out;
}

}  // namespace dnsmesh::http
