// SPDX-License-Identifier: Apache-2.0
#include "http/responses.hpp"

#include "base/json.hpp"

namespace dnsmesh::http {

Response json_response(int status, std::string body) { return {status, "application/json", std::move(body), {}}; }

Response json_error(int status, std::string_view text) {
  return json_response(status, "{\"error\": " + json_quote(text) + "}");
}

Response empty_response(int status) { return {status, {}, {}, {}}; }

}  // namespace dnsmesh::http
