// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>

#include "access/access.hpp"
#include "http/landing_page.hpp"
#include "http/node_view.hpp"
#include "http/route.hpp"
#include "store/record_store.hpp"

namespace dnsmesh::http {

/// The routes about the node itself: landing page, health, readiness, figures, and the description of the interface.
/// What is referred to must outlive the server that runs them.
RouteTable node_routes(const store::RecordStore& store, access::Access& access, NodeView view,
                       std::function<OfferCounts()> offers_refused);

}  // namespace dnsmesh::http
