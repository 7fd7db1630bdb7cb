// SPDX-License-Identifier: Apache-2.0
// The door of peers: their token, their own rate, and the routes behind it (spec/anti-entropy.md 2, 15.7 rows 14 and
// 17; spec/http-api.md 6 and 8). What is answered is the sync server's.
#pragma once

#include <cstddef>
#include <memory>
#include <string>

#include "access/access.hpp"
#include "access/rate_limiter.hpp"
#include "base/clock.hpp"
#include "base/lock_guarded.hpp"
#include "http/route.hpp"
#include "sync/server.hpp"

namespace dnsmesh::http {

/// What an operator sets; may be replaced while the node runs.
struct SyncPolicy {
  std::string token;              // `DMP_SYNC_PEER_TOKEN`; empty: none
  std::string token_alternative;  // `DMP_SYNC_PEER_TOKEN_ALT`; accepted too, so that tokens can be rolled
  access::Rate public_rate;       // peers get limits::sync_rate_factor times this
};

/// A request with a matching token is charged to the peers' bucket of its address, every other one to the public
/// bucket and answered 403. Any thread.
class SyncDoor {
 public:
  /// All references must outlive it.
  SyncDoor(SyncPolicy policy, sync::Server& server, access::Access& access, const Clock& clock);

  /// The routes; their handlers refer to this object. Without `extended` those of the extension are not there.
  RouteTable routes(bool extended = true);

  /// How long a body may be: longer for a sync route with a matching token. For HttpFrontOptions.
  std::size_t body_bytes_max(const Request& head) const;

  /// Does the request carry a token of the peers? Charges nothing.
  bool is_peer(const Request& request) const;

  /// For later requests.
  void set_policy(SyncPolicy policy);

 private:
  void handle(const Request& request, Responder respond);

  sync::Server& server_;
  access::Access& access_;
  access::RateLimiter by_peer_address_;
  LockGuarded<std::shared_ptr<const SyncPolicy>> policy_;
};

/// The same routes for a listener that serves no peers, because they have one of their own: all answer 403. `access`
/// must outlive them.
RouteTable closed_sync_routes(access::Access& access);

}  // namespace dnsmesh::http
