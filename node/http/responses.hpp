// SPDX-License-Identifier: Apache-2.0
// The shapes of answer that routes give (spec/http-api.md 1): JSON, or nothing at all.
#pragma once

#include <string>
#include <string_view>

#include "http/exchange.hpp"

namespace dnsmesh::http {

/// `body` is JSON text already.
Response json_response(int status, std::string body);

/// `{"error": "<text>"}`; `text` is UTF-8 and may be a stranger's.
Response json_error(int status, std::string_view text);

/// No body and so no Content-Type.
Response empty_response(int status);

}  // namespace dnsmesh::http
