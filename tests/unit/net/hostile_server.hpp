// SPDX-License-Identifier: Apache-2.0
// A server on loopback that does with each connection what a test tells it: no HTTP of its own.
#pragma once

#include <doctest/doctest.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <array>
#include <atomic>
#include <functional>
#include <list>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <utility>

#include "net/descriptor.hpp"
#include "net/socket.hpp"

namespace dnsmesh::net::test {

/// One accepted connection.
class HostileConnection {
 public:
  explicit HostileConnection(Descriptor socket) : socket_(std::move(socket)) {}

  int fd() const { return socket_.get(); }

  /// The bytes up to the end of the next header; what the client sent when it closed earlier.
  std::string read_head() {
    while (!buffer_.contains("\r\n\r\n") && receive()) {
    }
    const std::size_t end = buffer_.find("\r\n\r\n");
    return take(end == std::string::npos ? buffer_.size() : end + 4);
  }
  std::string read_body(std::size_t size) {
    while (buffer_.size() < size && receive()) {
    }
    return take(std::min(size, buffer_.size()));
  }
  /// False once the client has gone.
  bool send(std::string_view bytes) {
    while (!bytes.empty()) {
      const ssize_t sent = ::send(fd(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent <= 0) return false;
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
    return true;
  }
  void wait_until_closed() {
    while (receive()) {
    }
  }

 private:
  bool receive() {
    std::array<char, 16384> chunk;
    const ssize_t size = ::recv(fd(), chunk.data(), chunk.size(), 0);
    if (size <= 0) return false;
    buffer_.append(chunk.data(), static_cast<std::size_t>(size));
    return true;
  }
  std::string take(std::size_t size) {
    std::string out = buffer_.substr(0, size);
    buffer_.erase(0, size);
    return out;
  }

  Descriptor socket_;
  std::string buffer_;
};

/// Runs `behave` on a thread of its own for each connection, and closes it afterwards.
class HostileServer {
 public:
  using Behaviour = std::function<void(HostileConnection&)>;

  explicit HostileServer(Behaviour behave)
      : behave_(std::move(behave)), listener_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    const SocketAddress address = parse_address("127.0.0.1", 0).value();
    REQUIRE(::bind(listener_.get(), address.raw(), address.size) == 0);
    REQUIRE(::listen(listener_.get(), 64) == 0);
    accepting_ = std::thread([this] { accept(); });
  }
  /// Answers every request of a connection with the same bytes, then closes.
  explicit HostileServer(std::string answer)
      : HostileServer([answer = std::move(answer)](HostileConnection& connection) {
          connection.read_head();
          connection.send(answer);
        }) {}
  ~HostileServer() {
    ::shutdown(listener_.get(), SHUT_RDWR);
    accepting_.join();
    for (Served& each : served_) {
      ::shutdown(each.connection.fd(), SHUT_RDWR);
      each.thread.join();
    }
  }

  std::uint16_t port() const { return bound_address(listener_.get()).port(); }
  std::string endpoint(std::string_view scheme = "http") const {
    return std::string(scheme) + "://127.0.0.1:" + std::to_string(port());
  }
  int connections() const { return connections_; }

 private:
  struct Served {
    HostileConnection connection;
    std::thread thread;
  };

  void accept() {
    while (true) {
      Descriptor socket(::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC));
      if (!socket.is_open()) return;
      ++connections_;
      Served& served = served_.emplace_back(Served{HostileConnection(std::move(socket)), {}});
      served.thread = std::thread([this, &connection = served.connection] {
        behave_(connection);
        ::shutdown(connection.fd(), SHUT_RDWR);
      });
    }
  }

  Behaviour behave_;
  Descriptor listener_;
  std::atomic<int> connections_{0};
  std::list<Served> served_;  // only the accepting thread, and the destructor after it
  std::thread accepting_;
};

}  // namespace dnsmesh::net::test
