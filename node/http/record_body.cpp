// SPDX-License-Identifier: Apache-2.0
#include "http/record_body.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <nlohmann/json.hpp>

#include "base/hex.hpp"
#include "base/json.hpp"
#include "http/record_name.hpp"
#include "http/responses.hpp"

namespace dnsmesh::http {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::int64_t k_ttl_s_default = 300;
constexpr std::string_view k_invalid_value = "invalid record value";

std::unexpected<Response> refuse(int status, std::string_view text) {
  return std::unexpected(json_error(status, text));
}

/// The code unit of a `\uXXXX` escape at the start of `text`.
std::optional<unsigned> escaped_unit(std::string_view text) {
  if (text.size() < 6 || !text.starts_with("\\u")) return std::nullopt;
  const auto octets = from_hex(text.substr(2, 4));
  if (!octets) return std::nullopt;
  return static_cast<unsigned char>((*octets)[0]) * 256U + static_cast<unsigned char>((*octets)[1]);
}

bool in_range(std::optional<unsigned> unit, unsigned first, unsigned last) {
  return unit && *unit >= first && *unit <= last;
}

/// Unpaired surrogates are a fault of the value, not of the body (spec/http-api.md 1.1), but the JSON library refuses
/// both alike. So each becomes U+0001, which no value may contain, and the value check answers in its turn.
std::string without_lone_surrogates(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    const auto unit = escaped_unit(text);
    std::size_t taken = text[0] == '\\' && text.size() > 1 ? 2 : 1;
    if (in_range(unit, 0xD800, 0xDBFF) && in_range(escaped_unit(text.substr(6)), 0xDC00, 0xDFFF)) {
      taken = 12;
    } else if (in_range(unit, 0xD800, 0xDFFF)) {
      out += "\\u0001";
      text.remove_prefix(6);
      continue;
    }
    out += text.substr(0, taken);
    text.remove_prefix(taken);
  }
  return out;
}

/// An object; an empty body counts as an empty one.
std::expected<Json, Response> read_object(const Request& request) {
  if (request.body_too_large) return refuse(400, "invalid body");
  if (request.body.empty()) return Json::object();
  auto parsed = parse_json(without_lone_surrogates(request.body), limits::json_depth_max);
  if (!parsed || !parsed->is_object()) return refuse(400, "invalid body");
  return std::move(*parsed);
}

/// Step 6: a whole number above zero, or the default; saturated to what an int64 holds. An integer that 64 bits do not
/// hold comes as infinity: it is above every cap, so the cap's answer is right.
std::optional<std::int64_t> ttl_of(const Json& object) {
  const auto found = object.find("ttl");
  if (found == object.end()) return k_ttl_s_default;
  if (found->is_number_float() && found->get<double>() == std::numeric_limits<double>::infinity()) {
    return std::numeric_limits<std::int64_t>::max();
  }
  if (!found->is_number_integer()) return std::nullopt;
  if (!found->is_number_unsigned()) {
    const auto ttl_s = found->get<std::int64_t>();
    return ttl_s > 0 ? std::optional(ttl_s) : std::nullopt;
  }
  const auto ttl_s = found->get<std::uint64_t>();
  if (ttl_s == 0) return std::nullopt;
  return static_cast<std::int64_t>(std::min<std::uint64_t>(ttl_s, std::numeric_limits<std::int64_t>::max()));
}

bool is_valid_value(std::string_view value) {
  return std::ranges::none_of(value, [](char c) {
    const auto octet = static_cast<unsigned char>(c);
    return octet < 0x20 || octet == 0x7F || octet == '"';
  });
}

}  // namespace

std::expected<PublishBody, Response> read_publish(std::string_view name, const Request& request,
                                                  const PublishLimits& caps) {
  const auto object = read_object(request);
  if (!object) return std::unexpected(object.error());
  const auto value = object->find("value");
  const auto ttl_s = ttl_of(*object);
  if (value == object->end() || !value->is_string() || !ttl_s) {
    return refuse(400, "value (str) and ttl (int > 0) required");
  }
  if (*ttl_s > caps.ttl_s_max) return refuse(400, fmt::format("ttl exceeds cap of {}s", caps.ttl_s_max));
  const auto& text = value->get_ref<const std::string&>();
  if (static_cast<std::int64_t>(text.size()) > caps.value_bytes_max) {
    return refuse(400, fmt::format("value exceeds cap of {} bytes", caps.value_bytes_max));
  }
  if (!is_valid_record_name(name)) return refuse(400, "invalid record name");
  if (!is_valid_value(text)) return refuse(400, k_invalid_value);
  return PublishBody{text, *ttl_s};
}

std::expected<std::optional<std::string>, Response> read_delete(std::string_view name, const Request& request) {
  const auto object = read_object(request);
  if (!object) return std::unexpected(object.error());
  if (!is_valid_record_name(name)) return refuse(400, "invalid record name");
  const auto value = object->find("value");
  if (value == object->end() || value->is_null()) return std::nullopt;
  if (!value->is_string() || !is_valid_value(value->get_ref<const std::string&>())) return refuse(400, k_invalid_value);
  return value->get<std::string>();
}

}  // namespace dnsmesh::http
