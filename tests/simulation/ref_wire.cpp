// SPDX-License-Identifier: Apache-2.0
#include "ref_wire.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <nlohmann/json.hpp>

#include "base/hex.hpp"
#include "base/json.hpp"
#include "base/utf8.hpp"

namespace dnsmesh::simulation {
namespace {

using Json = nlohmann::json;

constexpr std::int64_t k_future_ms_max = 60000;
constexpr std::int64_t k_ttl_s_max = 2147483648;
constexpr std::size_t k_name_bytes_max = 253;

std::string percent_decoded(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%' && i + 2 < text.size()) {
      if (const auto byte = from_hex(text.substr(i + 1, 2))) {
        out += *byte;
        i += 2;
        continue;
      }
    }
    out += text[i] == '+' ? ' ' : text[i];
  }
  return out;
}

bool is_hash(std::string_view text) {
  return text.size() == 64 && text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

bool is_name(std::string_view text) {
  return !text.empty() && text.size() <= k_name_bytes_max &&
         text.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-") ==
             std::string_view::npos;
}

/// An integer as that reader sees one: no bool, no float. Beyond 64 bits it is held at the end of the range.
std::optional<std::int64_t> integer(const Json& object, const char* member) {
  const auto found = object.find(member);
  if (found == object.end()) return std::nullopt;
  if (found->is_number_unsigned()) {
    return static_cast<std::int64_t>(
        std::min<std::uint64_t>(found->get<std::uint64_t>(), std::numeric_limits<std::int64_t>::max()));
  }
  if (found->is_number_integer()) return found->get<std::int64_t>();
  return std::nullopt;
}

const std::string* text(const Json& object, const char* member) {
  const auto found = object.find(member);
  return found != object.end() && found->is_string() ? found->get_ptr<const std::string*>() : nullptr;
}

/// The list `records` of an answer; nothing when there is none.
std::optional<Json> records_of(const std::string& body) {
  Json answer = Json::parse(body, nullptr, false);
  if (!answer.is_object()) return std::nullopt;
  const auto records = answer.find("records");
  if (records == answer.end() || !records->is_array()) return std::nullopt;
  return std::move(*records);
}

}  // namespace

std::string_view path_of(std::string_view target) { return target.substr(0, target.find('?')); }

std::optional<std::string> query_value(std::string_view target, std::string_view parameter) {
  const std::size_t mark = target.find('?');
  if (mark == std::string_view::npos) return std::nullopt;
  std::string_view rest = target.substr(mark + 1);
  while (!rest.empty()) {
    const std::string_view one = rest.substr(0, rest.find('&'));
    rest.remove_prefix(std::min(rest.size(), one.size() + 1));
    if (one.size() > parameter.size() && one.starts_with(parameter) && one[parameter.size()] == '=') {
      if (one.size() > parameter.size() + 1) return percent_decoded(one.substr(parameter.size() + 1));
    }
  }
  return std::nullopt;
}

std::optional<RefStore::Position> parse_cursor(std::string_view text) {
  const std::size_t first = text.find(':');
  if (first == std::string_view::npos) return std::nullopt;
  const std::size_t second = text.find(':', first + 1);
  const bool whole = second != std::string_view::npos;
  const std::string_view name = text.substr(first + 1, whole ? second - first - 1 : std::string_view::npos);
  const std::string_view hash = whole ? text.substr(second + 1) : std::string_view();
  std::int64_t ts_ms = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + first, ts_ms);
  if (error != std::errc() || end != text.data() + first || ts_ms < 0) return std::nullopt;
  if (name.size() > k_name_bytes_max || !(hash.empty() || is_hash(hash))) return std::nullopt;
  return RefStore::Position{ts_ms, name, hash};
}

std::string write_cursor(const RefStore::Position& position) {
  return fmt::format("{}:{}:{}", std::get<0>(position), std::get<1>(position), std::get<2>(position));
}

std::string write_digest_page(const RefStore::Page& page, const RefStore::Position& after, std::int64_t now_s) {
  std::string out = R"({"records": [)";
  for (const RefRow* row : page.rows) {
    out += fmt::format(R"({}{{"name": {}, "hash": "{}", "ts": {}, "ttl": {}}})", row == page.rows.front() ? "" : ", ",
                       json_quote(row->name), row->hash, row->ts_ms, std::max<std::int64_t>(1, row->expires_s - now_s));
  }
  const RefStore::Position next =
      page.rows.empty() ? after
                        : RefStore::Position{page.rows.back()->ts_ms, page.rows.back()->name, page.rows.back()->hash};
  return out + fmt::format(R"(], "has_more": {}, "next_cursor": {}}})", page.has_more, json_quote(write_cursor(next)));
}

std::string write_pull_page(const std::vector<const RefRow*>& rows, std::int64_t now_s) {
  std::string out = R"({"records": [)";
  for (const RefRow* row : rows) {
    out +=
        fmt::format(R"({}{{"name": {}, "value": {}, "ttl": {}}})", row == rows.front() ? "" : ", ",
                    json_quote(row->name), json_quote(row->value), std::max<std::int64_t>(1, row->expires_s - now_s));
  }
  return out + "]}";
}

PullRequest parse_pull_request(const std::string& body, std::size_t body_bytes_max) {
  if (body.size() > body_bytes_max) return {.refused_status = 400, .names = {}};
  const Json request = Json::parse(body, nullptr, false);
  if (!request.is_object() || !request.contains("names") || !request["names"].is_array()) {
    return {.refused_status = 400, .names = {}};
  }
  PullRequest out;
  for (const Json& name : request["names"]) {
    if (!name.is_string() || out.names.size() == 256) return {.refused_status = 400, .names = {}};
    std::string text = name;
    while (!text.empty() && (text.back() == '.' || text.back() == ' ')) text.pop_back();
    if (std::ranges::find(out.names, text) == out.names.end()) out.names.push_back(text);
  }
  return out;
}

std::string write_pull_body(const std::vector<std::string>& names) {
  std::string out = R"({"names": [)";
  for (const std::string& name : names) out += (out.back() == '[' ? "" : ", ") + json_quote(name);
  return out + "]}";
}

std::optional<RefDigest> read_digest(const std::string& body, std::int64_t now_ms) {
  const auto records = records_of(body);
  if (!records) return std::nullopt;
  RefDigest out;
  for (const Json& record : *records) {
    const std::string* name = record.is_object() ? text(record, "name") : nullptr;
    const std::string* hash = name == nullptr ? nullptr : text(record, "hash");
    const auto ts_ms = hash == nullptr ? std::nullopt : integer(record, "ts");
    const auto ttl_s = hash == nullptr ? std::nullopt : integer(record, "ttl");
    if (!ts_ms || !ttl_s || !is_name(*name) || !is_hash(*hash) || *ts_ms < 0 || *ts_ms > now_ms + k_future_ms_max ||
        *ttl_s < 0 || *ttl_s > k_ttl_s_max) {
      ++out.dropped;
      continue;
    }
    out.entries.push_back({*name, *hash, *ts_ms, *ttl_s});
  }
  return out;
}

std::optional<std::vector<RefPulled>> read_pull(const std::string& body) {
  const auto records = records_of(body);
  if (!records) return std::nullopt;
  std::vector<RefPulled> out;
  for (const Json& record : *records) {
    if (!record.is_object()) continue;
    const std::string* name = text(record, "name");
    const std::string* value = text(record, "value");
    auto ttl_s = integer(record, "ttl");
    if (!ttl_s && record.contains("ttl") && record["ttl"] == true) ttl_s = 1;
    if (name != nullptr && value != nullptr && ttl_s && *ttl_s > 0) out.push_back({*name, *value, *ttl_s});
  }
  return out;
}

std::optional<std::string> read_manifest(const std::string& body) {
  const Json answer = Json::parse(body, nullptr, false);
  if (!answer.is_object()) return std::nullopt;
  const std::string* wire = text(answer, "wire");
  if (wire == nullptr || wire->empty()) return std::nullopt;
  return *wire;
}

std::string ref_normalised(std::string endpoint) {
  while (endpoint.ends_with('/')) endpoint.pop_back();
  return fold_ascii(endpoint);
}

}  // namespace dnsmesh::simulation
