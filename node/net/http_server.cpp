// SPDX-License-Identifier: Apache-2.0
#include "net/http_server.hpp"

#include <algorithm>

#include "net/http_listener.hpp"

namespace dnsmesh::net {

Result<std::unique_ptr<HttpServer>> start_http_server(const HttpServerOptions& options, const http::RouteTable& routes,
                                                      const Clock& clock) {
  auto listener = listen_tcp(options.host, options.port, limits::http_accept_backlog);
  if (!listener) return std::unexpected(listener.error());
  auto mailbox = HttpMailbox::create();
  if (!mailbox) return std::unexpected(mailbox.error());

  std::unique_ptr<HttpServer> server(new HttpServer);
  server->port_ = bound_port(*listener);
  server->workers_ = std::make_unique<HttpWorkers>(routes, std::max(options.workers, 1U), options.concurrency_max);
  auto front = HttpFront::create(options.front, std::move(*listener), *server->workers_, std::move(*mailbox),
                                 server->counters_, clock);
  if (!front) return std::unexpected(front.error());
  server->front_ = std::move(*front);
  server->front_thread_ = std::thread([front = server->front_.get()] { front->run(); });
  return server;
}

HttpServer::~HttpServer() { stop(); }

void HttpServer::stop() {
  if (!front_thread_.joinable()) return;
  front_->request_stop();
  front_thread_.join();
}

}  // namespace dnsmesh::net
