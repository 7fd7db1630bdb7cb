// SPDX-License-Identifier: Apache-2.0
// The node's HTTP interface: every route it has, over a store and an access decision (spec/http-api.md).
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <string_view>
#include <utility>
#include <vector>

#include "access/access.hpp"
#include "base/lock_guarded.hpp"
#include "http/record_body.hpp"
#include "http/route.hpp"
#include "record/offer.hpp"
#include "store/record_store.hpp"

namespace dnsmesh::http {

/// Says whether peers may be offered a pair that is being published: record::judge_offer with the node's time and key.
/// Called by several workers at once; no I/O.
using OfferJudge = std::function<record::Offer(std::string_view owner_name, std::string_view value)>;

/// All functions may be called from any thread. The store and the access decision must outlive it, and it must outlive
/// the server that runs its routes.
class Api {
 public:
  Api(store::RecordStore& store, access::Access& access, OfferJudge judge, PublishLimits caps);

  /// The route table; its handlers refer to this object.
  RouteTable routes();

  /// For later requests.
  void set_limits(PublishLimits caps);

  /// How many published pairs peers are not offered, by reason; only reasons that occurred.
  std::vector<std::pair<ErrorCode, std::uint64_t>> offers_refused() const;

 private:
  void publish(const Request& request, Responder respond);
  void read(const Request& request, Responder respond);
  void remove(const Request& request, Responder respond);

  store::RecordStore& store_;
  access::Access& access_;
  OfferJudge judge_;
  LockGuarded<PublishLimits> caps_;
  std::array<std::atomic<std::uint64_t>, static_cast<std::size_t>(ErrorCode::count_)> offers_refused_{};
};

}  // namespace dnsmesh::http
