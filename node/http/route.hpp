// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string_view>
#include <vector>

#include "http/exchange.hpp"

namespace dnsmesh::http {

/// Answers through the responder, now or later. Runs on a worker thread, several at once; must not throw.
using Handler = std::function<void(const Request&, Responder)>;

/// A row of the route table. A target that no row takes is answered 404.
struct Route {
  std::string_view method;   // GET (which HEAD uses too), POST or DELETE
  std::string_view pattern;  // ECMAScript regular expression for the whole raw target
  std::string_view path;     // the same as a path of the OpenAPI document
  Handler handler;
  /// Answered even when as many requests are being handled as may be. Only for a path without parameters.
  bool always_admitted = false;
};

using RouteTable = std::vector<Route>;

}  // namespace dnsmesh::http
