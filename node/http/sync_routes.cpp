// SPDX-License-Identifier: Apache-2.0
#include "http/sync_routes.hpp"

#include <array>
#include <utility>

#include "access/address_key.hpp"
#include "base/limits.hpp"
#include "http/accept_encoding.hpp"
#include "http/responses.hpp"

namespace dnsmesh::http {
namespace {

struct SyncRoute {
  std::string_view method;
  std::string_view pattern;
  std::string_view path;
  bool extended;
};
constexpr std::array<SyncRoute, 7> k_routes = {{
    {"GET", R"(/v1/sync/digest(\?.*)?)", "/v1/sync/digest", false},
    {"POST", R"(/v1/sync/pull(\?.*)?)", "/v1/sync/pull", false},
    {"GET", R"(/v1/sync/cluster-manifest(\?.*)?)", "/v1/sync/cluster-manifest", false},
    {"GET", R"(/v1/sync/x1/feed(\?.*)?)", "/v1/sync/x1/feed", true},
    {"POST", R"(/v1/sync/x1/get(\?.*)?)", "/v1/sync/x1/get", true},
    {"POST", R"(/v1/sync/x1/reconcile(\?.*)?)", "/v1/sync/x1/reconcile", true},
    {"POST", R"(/v1/sync/x1/hint(\?.*)?)", "/v1/sync/x1/hint", true},
}};
constexpr std::string_view k_sync_prefix = "/v1/sync/";

RouteTable table_of(bool extended, const Handler& handler) {
  RouteTable table;
  for (const SyncRoute& route : k_routes) {
    if (extended || !route.extended) table.push_back({route.method, route.pattern, route.path, handler});
  }
  return table;
}

Response throttled() { return json_error(429, "rate limit exceeded"); }

Response refusal(access::Access& access, const Request& request) {
  return access.allows_request(request.peer_address) ? json_error(403, "forbidden") : throttled();
}

access::Rate peers_rate(const access::Rate& public_rate) {
  return {public_rate.per_s * limits::sync_rate_factor, public_rate.burst * limits::sync_rate_factor};
}

Response to_response(sync::ServeAnswer answer) {
  return {answer.status, std::move(answer.content_type), std::move(answer.body), std::move(answer.headers)};
}

}  // namespace

SyncDoor::SyncDoor(SyncPolicy policy, sync::Server& server, access::Access& access, const Clock& clock)
    : server_(server),
      access_(access),
      by_peer_address_(peers_rate(policy.public_rate), clock),
      policy_(std::make_shared<const SyncPolicy>(std::move(policy))) {}

RouteTable SyncDoor::routes(bool extended) {
  return table_of(extended, [this](const Request& request, Responder respond) { handle(request, std::move(respond)); });
}

bool SyncDoor::is_peer(const Request& request) const {
  const auto policy = policy_.with([](const auto& current) { return current; });
  // Both are compared always, so that time does not tell which one is near.
  const bool first = access::is_bearer(request.authorization, policy->token);
  const bool second = access::is_bearer(request.authorization, policy->token_alternative);
  return first || second;
}

std::size_t SyncDoor::body_bytes_max(const Request& head) const {
  return head.target.starts_with(k_sync_prefix) && is_peer(head) ? limits::sync_body_bytes_max
                                                                 : limits::http_body_bytes_max;
}

void SyncDoor::handle(const Request& request, Responder respond) {
  if (!is_peer(request)) return respond(refusal(access_, request));
  if (!by_peer_address_.allow(access::address_key(request.peer_address))) return respond(throttled());
  if (request.body_too_large) return respond(json_error(400, "invalid body"));
  server_.handle(
      {.method = request.method,
       .target = request.target,
       .body = request.body,
       .peer_address = request.peer_address,
       .accepts_gzip = accepts_gzip(request.accept_encoding)},
      [respond = std::move(respond)](sync::ServeAnswer answer) mutable { respond(to_response(std::move(answer))); });
}

void SyncDoor::set_policy(SyncPolicy policy) {
  by_peer_address_.set_rate(peers_rate(policy.public_rate));
  policy_.with([&](auto& current) { current = std::make_shared<const SyncPolicy>(std::move(policy)); });
}

RouteTable closed_sync_routes(access::Access& access) {
  return table_of(true, [&access](const Request& request, Responder respond) { respond(refusal(access, request)); });
}

}  // namespace dnsmesh::http
