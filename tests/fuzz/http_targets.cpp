// SPDX-License-Identifier: Apache-2.0
#include <nlohmann/json.hpp>
#include <string>

#include "base/json.hpp"
#include "base/limits.hpp"
#include "http/record_body.hpp"
#include "http/record_name.hpp"
#include "net/http_head.hpp"
#include "targets.hpp"

namespace dnsmesh::fuzz {
namespace {

const http::BodyBound k_no_bound;

/// What a reader makes of `input` when it comes in pieces of `piece` octets.
std::string outcome(std::string_view input, std::size_t piece) {
  net::HttpHeadReader reader(k_no_bound);
  for (std::size_t size = std::min(piece, input.size());; size = std::min(size + piece, input.size())) {
    const auto read = reader.read(input.substr(0, size));
    if (!read) return "refused " + std::to_string(read.error().status);
    if (*read) {
      const net::HttpHead& head = **read;
      require(head.head_bytes <= size, "a head ends in the input");
      require(head.body_bytes <= limits::http_body_bytes_max, "a body that is read is within its bound");
      return head.request.method + ' ' + head.request.target + ' ' + std::to_string(head.head_bytes) + ' ' +
             std::to_string(head.body_bytes) + (head.keep_alive ? " stays" : " goes");
    }
    if (size == input.size()) return "incomplete";
  }
}

}  // namespace

/// How the octets arrive must not matter; what decides is only the whole.
void http_head(std::string_view input) {
  const std::string at_once = outcome(input, input.size() + 1);
  const std::string in_ones = outcome(input, 1);
  const std::string in_sevens = outcome(input, 7);
  require(in_ones == in_sevens, "pieces of one and of seven octets are read as the same");
  require(at_once == in_ones, "a head at once and in pieces is read as the same");
}

void http_body(std::string_view input) {
  http::Request request;
  request.method = "POST";
  request.target = "/v1/records/x.mesh.test";
  request.body = input;
  const http::PublishLimits caps;
  if (const auto body = http::read_publish("x.mesh.test", request, caps)) {
    require(body->ttl_s >= 1 && body->ttl_s <= caps.ttl_s_max, "a TTL is within its bounds");
    require(std::cmp_less_equal(body->value.size(), caps.value_bytes_max), "a value is within its bound");
    require(!body->value.contains('"') && !body->value.contains('\n'), "a value has no quote and no line");
  }
  request.method = "DELETE";
  if (const auto value = http::read_delete("x.mesh.test", request)) {
    require(*value || input.empty() || input.contains('{'), "only an absent body or an object deletes all");
  }
  request.target = "/v1/records/" + std::string(input);
  static_cast<void>(http::record_name_in(request.target));
}

void json(std::string_view input) {
  static_cast<void>(null_for_unpaired_surrogates(input));
  const auto value = parse_json(input, limits::json_depth_max);
  if (!value) return;
  const std::string written = write_json(*value);
  const auto again = parse_json(written, limits::json_depth_max);
  require(again && write_json(*again) == written, "what was written is read as the same");
}

}  // namespace dnsmesh::fuzz
