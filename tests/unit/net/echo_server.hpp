// SPDX-License-Identifier: Apache-2.0
// An HTTP server whose handlers do what a test of the front needs.
#pragma once

#include <doctest/doctest.h>

#include <condition_variable>
#include <memory>
#include <mutex>
#include <vector>

#include "base/clock.hpp"
#include "http/responses.hpp"
#include "net/http_server.hpp"
#include "net/raw_client.hpp"

namespace dnsmesh::test {

class EchoServer {
 public:
  explicit EchoServer(net::HttpServerOptions options = {}) {
    options.host = "127.0.0.1";
    auto started = net::start_http_server(options, routes(), clock_);
    REQUIRE(started.has_value());
    server = std::move(*started);
  }
  ~EchoServer() {
    release_blocked();
    server->stop();
  }

  std::uint16_t port() const { return server->port(); }

  /// Requests to /park that wait for an answer; waits until there are that many.
  void wait_for_parked(std::size_t count) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return parked_.size() == count; });
  }
  std::vector<http::Responder> take_parked() {
    const std::scoped_lock lock(mutex_);
    return std::exchange(parked_, {});
  }
  /// Requests to /block hold their workers until release_blocked.
  void wait_for_blocked(int count) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return blocked_ == count; });
  }
  void release_blocked() {
    const std::scoped_lock lock(mutex_);
    released_ = true;
    changed_.notify_all();
  }

  std::unique_ptr<net::HttpServer> server;

 private:
  http::RouteTable routes() {
    const auto echo = [](const http::Request& request, http::Responder respond) {
      respond(http::json_response(200, request.method + " " + request.target + " host=" + request.host +
                                           " auth=" + request.authorization + " from=" + request.peer_address +
                                           " body=" + (request.body_too_large ? "(too large)" : request.body)));
    };
    const auto park = [this](const http::Request&, http::Responder respond) {
      const std::scoped_lock lock(mutex_);
      parked_.push_back(std::move(respond));
      changed_.notify_all();
    };
    const auto block = [this](const http::Request&, http::Responder respond) {
      std::unique_lock lock(mutex_);
      ++blocked_;
      changed_.notify_all();
      changed_.wait(lock, [&] { return released_; });
      respond(http::json_response(200, "unblocked"));
    };
    const auto big = [](const http::Request&, http::Responder respond) {
      respond(http::json_response(200, std::string(k_big_bytes, 'b')));
    };
    const auto forget = [](const http::Request&, http::Responder) {};
    const auto raise = [](const http::Request&, http::Responder) { throw std::runtime_error("a fault of a handler"); };
    return {
        {"GET", "/echo.*", "/echo", echo, false},     {"POST", "/echo", "/echo", echo, false},
        {"DELETE", "/echo", "/echo", echo, false},    {"GET", "/park", "/park", park, false},
        {"GET", "/block", "/block", block, false},    {"GET", "/big", "/big", big, false},
        {"GET", "/forget", "/forget", forget, false}, {"GET", "/raise", "/raise", raise, false},
        {"GET", "/health", "/health", echo, true},
    };
  }

 public:
  /// More than both sockets' buffers hold.
  static constexpr std::size_t k_big_bytes = 32U << 20;

 private:
  SystemClock clock_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<http::Responder> parked_;
  int blocked_ = 0;
  bool released_ = false;
};

}  // namespace dnsmesh::test
