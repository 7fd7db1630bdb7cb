// SPDX-License-Identifier: Apache-2.0
// An HTTP client that sends exactly the bytes a test wants and reads whatever comes.
#pragma once

#include <arpa/inet.h>
#include <doctest/doctest.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

#include <array>
#include <cstdlib>
#include <string>
#include <string_view>

#include "net/descriptor.hpp"

namespace dnsmesh::test {

/// A parsed answer; status 0 when the connection ended without one.
struct RawAnswer {
  int status = 0;
  std::string head;
  std::string body;

  /// The value of a header, or `-` when it is absent.
  std::string header(std::string_view name) const {
    const std::size_t at = head.find("\r\n" + std::string(name) + ": ");
    if (at == std::string::npos) return "-";
    const std::size_t begin = at + name.size() + 4;
    return head.substr(begin, head.find("\r\n", begin) - begin);
  }
};

class RawClient {
 public:
  /// Connects from 127.0.0.`host`.
  explicit RawClient(std::uint16_t port, std::uint32_t host = 1)
      : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in own{};
    own.sin_family = AF_INET;
    own.sin_addr.s_addr = htonl(0x7F000000 + host);
    REQUIRE(::bind(socket_.get(), reinterpret_cast<const sockaddr*>(&own), sizeof own) == 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    REQUIRE(::connect(socket_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
  }

  /// False when the server has ended the connection.
  bool send(std::string_view bytes) {
    while (!bytes.empty()) {
      const ssize_t size = ::send(socket_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (size <= 0) return false;
      bytes.remove_prefix(static_cast<std::size_t>(size));
    }
    return true;
  }
  void end_sending() { ::shutdown(socket_.get(), SHUT_WR); }

  /// The next answer; a body comes as long as Content-Length says, unless the request was a HEAD.
  RawAnswer read_answer(bool head_request = false) {
    RawAnswer answer;
    while (!buffer_.contains("\r\n\r\n")) {
      if (!receive()) return answer;
    }
    const std::size_t head_size = buffer_.find("\r\n\r\n") + 4;
    answer.head = take(head_size);
    answer.status = std::atoi(answer.head.substr(9, 3).c_str());
    const std::string length = answer.header("Content-Length");
    const auto body_size = length == "-" || head_request ? 0 : static_cast<std::size_t>(std::atol(length.c_str()));
    while (buffer_.size() < body_size) {
      if (!receive()) return answer;
    }
    answer.body = take(body_size);
    return answer;
  }
  /// All until the server ends the connection.
  std::string read_to_end() {
    while (receive()) {
    }
    return take(buffer_.size());
  }
  bool readable(int timeout_ms) const {
    pollfd waiting{socket_.get(), POLLIN, 0};
    return ::poll(&waiting, 1, timeout_ms) == 1;
  }
  int socket() const { return socket_.get(); }

 private:
  bool receive() {
    if (!readable(k_patience_ms)) FAIL("the server did not answer in time");
    std::array<char, 16384> chunk;
    const ssize_t size = ::recv(socket_.get(), chunk.data(), chunk.size(), 0);
    if (size <= 0) return false;
    buffer_.append(chunk.data(), static_cast<std::size_t>(size));
    return true;
  }
  std::string take(std::size_t size) {
    std::string out = buffer_.substr(0, size);
    buffer_.erase(0, size);
    return out;
  }

  /// Far beyond what any test needs, so that only a hang reaches it.
  static constexpr int k_patience_ms = 20000;

  net::Descriptor socket_;
  std::string buffer_;
};

/// A request as an ordinary client writes it.
inline std::string request_text(std::string_view method, std::string_view target, std::string_view body = {},
                                std::string_view headers = {}) {
  const std::string length = body.empty() ? "" : fmt::format("Content-Length: {}\r\n", body.size());
  return fmt::format("{} {} HTTP/1.1\r\nHost: node\r\n{}{}\r\n{}", method, target, length, headers, body);
}

/// One request on a connection of its own.
inline RawAnswer ask(std::uint16_t port, std::string_view method, std::string_view target, std::string_view body = {},
                     std::string_view headers = {}) {
  RawClient client(port);
  client.send(request_text(method, target, body, headers));
  return client.read_answer(method == "HEAD");
}

}  // namespace dnsmesh::test
