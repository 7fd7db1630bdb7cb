// SPDX-License-Identifier: Apache-2.0
// The HTTP server: a bounded front, workers, and the routes they run.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <thread>

#include "base/clock.hpp"
#include "base/error.hpp"
#include "base/limits.hpp"
#include "http/route.hpp"
#include "net/http_counters.hpp"
#include "net/http_front.hpp"

namespace dnsmesh::net {

struct HttpServerOptions {
  std::string host;        // a literal or a name; empty: all addresses
  std::uint16_t port = 0;  // 0: a free one
  unsigned workers = 4;    // threads that handle requests; at least one
  std::size_t concurrency_max = limits::http_concurrency_max_default;
  HttpFrontOptions front;
};

/// Runs from start_http_server until stop. All functions may be called from any thread, stop from one at a time.
class HttpServer {
 public:
  ~HttpServer();

  std::uint16_t port() const { return port_; }
  const HttpCounters& counters() const { return counters_; }
  void set_concurrency_max(std::size_t concurrency_max) { workers_->set_concurrency_max(concurrency_max); }

  /// Accepts no more, answers what was asked, within the stop deadline; then closes. Idempotent. Responders that are
  /// still held may be called later, without effect.
  void stop();

 private:
  friend Result<std::unique_ptr<HttpServer>> start_http_server(const HttpServerOptions& options,
                                                               const http::RouteTable& routes, const Clock& clock);
  HttpServer() = default;

  std::uint16_t port_ = 0;
  HttpCounters counters_;
  std::unique_ptr<HttpWorkers> workers_;
  std::unique_ptr<HttpFront> front_;
  std::thread front_thread_;
};

/// Binds, then serves on threads of its own. What the handlers refer to, and `clock`, must outlive the server.
/// Errors: net_bind, net_io.
Result<std::unique_ptr<HttpServer>> start_http_server(const HttpServerOptions& options, const http::RouteTable& routes,
                                                      const Clock& clock);

}  // namespace dnsmesh::net
