// SPDX-License-Identifier: Apache-2.0
// The node's HTTP interface: every route it has, over a store and an access decision (spec/http-api.md).
#pragma once

#include <array>
#include <atomic>
#include <cstdint>

#include "access/access.hpp"
#include "base/lock_guarded.hpp"
#include "http/landing_page.hpp"
#include "http/node_view.hpp"
#include "http/record_body.hpp"
#include "http/route.hpp"
#include "store/offer_judge.hpp"
#include "store/record_store.hpp"

namespace dnsmesh::http {

/// All functions may be called from any thread. The store and the access decision must outlive it, and it must outlive
/// the server that runs its routes.
class Api {
 public:
  /// `judge` says whether peers may be offered a pair that is being published; several workers call it at once.
  Api(store::RecordStore& store, access::Access& access, store::OfferJudge judge, PublishLimits caps);

  /// The route table; its handlers refer to this object. `view` is what the routes about the node itself show.
  RouteTable routes(NodeView view = {});

  /// For later requests.
  void set_limits(PublishLimits caps);

  /// How many published pairs peers are not offered, by reason; only reasons that occurred.
  OfferCounts offers_refused() const;

 private:
  void publish(const Request& request, Responder respond);
  void read(const Request& request, Responder respond);
  void remove(const Request& request, Responder respond);

  store::RecordStore& store_;
  access::Access& access_;
  store::OfferJudge judge_;
  LockGuarded<PublishLimits> caps_;
  std::array<std::atomic<std::uint64_t>, static_cast<std::size_t>(ErrorCode::count_)> offers_refused_{};
};

}  // namespace dnsmesh::http
