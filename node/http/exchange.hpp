// SPDX-License-Identifier: Apache-2.0
// A request and its answer, without sockets: `net/` reads and writes them, `http/` handles them.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <utility>
#include <vector>

namespace dnsmesh::http {

/// One whole request, already within the bounds of limits.hpp.
struct Request {
  std::string method;           // GET, HEAD, POST or DELETE
  std::string target;           // as sent, not decoded; several leading slashes collapsed to one
  std::string authorization;    // the header's value without surrounding blanks; empty when absent
  std::string host;             // the Host header; hostile text
  std::string accept_encoding;  // all Accept-Encoding lines, joined by commas
  std::string body;
  /// Numeric, of the client: of the connection, or behind a trusted proxy the one that the proxy names. An IPv4 address
  /// as such, also on an IPv6 listener.
  std::string peer_address;
  /// The declared body is longer than this request may have. It was not read: `body` is empty, and a route that looks
  /// at bodies has to refuse it, never to take it for an absent one.
  bool body_too_large = false;
};

struct Response {
  int status = 200;
  std::string content_type;  // empty: no such header (answers without a body)
  std::string body;
  std::vector<std::pair<std::string, std::string>> headers;  // beyond Content-Type, Content-Length, Date, Connection
};

/// How long a body may be, by its request's head; longer ones are not read. Called by the thread that reads requests.
using BodyBound = std::function<std::size_t(const Request& head)>;

/// Answers the request it came with: exactly once, at once or later, from any thread. While it is held, the connection
/// waits without a worker. Destroying it unanswered answers 503.
using Responder = std::move_only_function<void(Response)>;

}  // namespace dnsmesh::http
