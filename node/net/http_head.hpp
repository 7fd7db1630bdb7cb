// SPDX-License-Identifier: Apache-2.0
// The head of a request, from hostile bytes (RFC 9112; spec/http-api.md 1). Strict where two readers could disagree
// about where a request ends: what is doubtful is refused, and the connection with it.
#pragma once

#include <cstddef>
#include <expected>
#include <optional>
#include <string>
#include <string_view>

#include "http/exchange.hpp"

namespace dnsmesh::net {

/// A whole, acceptable head.
struct HttpHead {
  http::Request request;        // without body and peer address
  std::string forwarded_for;    // all X-Forwarded-For lines, joined by commas; a stranger's claim
  std::size_t head_bytes = 0;   // what it took of the input
  std::size_t body_bytes = 0;   // that follow; 0 when the body is too large to be read
  bool keep_alive = false;      // the client wants another request on this connection
  bool wants_continue = false;  // and waits for `100 Continue` before it sends the body
};

/// Reads one head from a buffer that grows. One thread.
class HttpHeadReader {
 public:
  /// `body_bytes_max` decides about the bodies of the heads read; empty: limits::http_body_bytes_max for all. It must
  /// outlive the reader.
  explicit HttpHeadReader(const http::BodyBound& body_bytes_max) : body_bytes_max_(&body_bytes_max) {}

  /// `input` is all that the connection has sent since the last request, from the same first octet at every call. Gives
  /// nothing while the head is incomplete. The error is the answer after which the connection has to be closed: 400,
  /// 411, 414, 431, 501 or 505.
  std::expected<std::optional<HttpHead>, http::Response> read(std::string_view input);

 private:
  /// What ended at a line feed.
  enum class LineEnd { more, head_complete };
  std::expected<LineEnd, http::Response> end_line(std::size_t line_end);

  const http::BodyBound* body_bytes_max_;
  std::size_t scanned_ = 0;     // octets already looked at
  std::size_t line_start_ = 0;  // of the line being scanned
  std::size_t start_ = 0;       // of the request line
  std::size_t lines_ = 0;       // complete, the request line included
  std::size_t headers_start_ = 0;
};

}  // namespace dnsmesh::net
