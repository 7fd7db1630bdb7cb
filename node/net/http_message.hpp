// SPDX-License-Identifier: Apache-2.0
// The one place where answers become bytes (RFC 9112 4).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "http/exchange.hpp"

namespace dnsmesh::net {

/// How an answer travels, beyond what it says.
struct AnswerFraming {
  bool keep_alive = false;
  bool head_only = false;  // the request was a HEAD: all headers, no body
};

/// The whole answer. Content-Length is absent from a 204, as RFC 9110 8.6 wants it, and present everywhere else.
std::string write_answer(const http::Response& response, AnswerFraming framing, std::int64_t now_s);

/// `Sun, 06 Nov 1994 08:49:37 GMT` (RFC 9110 5.6.7).
std::string http_date(std::int64_t unix_s);

/// The interim answer to `Expect: 100-continue`.
inline constexpr std::string_view k_http_continue = "HTTP/1.1 100 Continue\r\n\r\n";

}  // namespace dnsmesh::net
