// SPDX-License-Identifier: Apache-2.0
// From a whole request to its handler, by cpp-httplib's routing over memory. It sees a request line made by us and
// nothing else of the client's: its own reading of headers and bodies is not meant for strangers
// (docs/architecture.md).
#pragma once

#include <memory>

#include "http/route.hpp"

namespace dnsmesh::net {

/// One thread; each worker has its own.
class HttpRouter {
 public:
  explicit HttpRouter(const http::RouteTable& routes);
  ~HttpRouter();

  /// Calls the handler of the route that takes the raw target, or answers 404.
  void handle(const http::Request& request, http::Responder respond);

 private:
  class Server;
  std::unique_ptr<Server> server_;
};

}  // namespace dnsmesh::net
