// SPDX-License-Identifier: Apache-2.0
// Values by name (spec/anti-entropy.md 4) and the manifest (5).
#include <fmt/format.h>

#include <array>
#include <limits>
#include <nlohmann/json.hpp>
#include <unordered_set>

#include "base/json.hpp"
#include "base/utf8.hpp"
#include "sync/flat_json.hpp"
#include "sync/wire_parts.hpp"
#include "sync/wire_server.hpp"

namespace dnsmesh::sync {
namespace {

enum Column { k_name, k_value, k_ttl };
constexpr std::array<std::string_view, 3> k_columns = {"name", "value", "ttl"};
constexpr FlatShape k_shape = {.rows = "records", .columns = k_columns};

constexpr std::string_view k_pull_begin = R"({"names": [)";
constexpr std::string_view k_pull_end = "]}";
constexpr std::string_view k_separator = ", ";

std::int64_t ms_of(std::uint64_t seconds) {
  constexpr std::uint64_t k_ms_per_s = 1000;
  constexpr auto k_ms_max = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
  return static_cast<std::int64_t>(seconds > k_ms_max / k_ms_per_s ? k_ms_max : seconds * k_ms_per_s);
}

std::optional<PulledRecord> read_record(std::optional<std::span<Scalar>> columns) {
  if (!columns) return std::nullopt;
  auto& name = (*columns)[k_name];
  auto& value = (*columns)[k_value];
  const auto ttl_s = (*columns)[k_ttl].natural_u64();
  if (!name.is_text() || !value.is_text() || !ttl_s || *ttl_s == 0) return std::nullopt;
  return PulledRecord{std::move(name.text), std::move(value.text), ms_of(*ttl_s)};
}

std::unexpected<Error> refuse(std::string_view text) { return fail(ErrorCode::sync_malformed, std::string(text)); }

std::string_view without_final_dots(std::string_view name) {
  while (name.ends_with('.')) name.remove_suffix(1);
  return name;
}

}  // namespace

Result<PullAnswer> parse_pull_answer(std::string_view body) {
  PullAnswer out;
  const FlatRows rows = rows_into(out, &PullAnswer::records, read_record);
  const auto answer = read_flat(body, k_shape, std::numeric_limits<std::size_t>::max(), rows);
  if (!answer) return std::unexpected(answer.error());
  if (!answer->has_rows) return refuse("no list of records");
  return out;
}

std::string write_pull_request(const std::vector<std::string>& names) {
  std::string out(k_pull_begin);
  for (const std::string& name : names) {
    if (&name != &names.front()) out += k_separator;
    append_json_quoted(out, name);
  }
  return out += k_pull_end;
}

std::size_t pull_request_bytes_of(std::string_view name) { return json_quote(name).size() + k_separator.size(); }

Result<std::vector<std::string>> parse_pull_request(std::string_view body) {
  if (body.empty()) return refuse("names must be a list");
  const auto parsed = parse_body(body);
  if (!parsed) return refuse("invalid body");
  const auto found = parsed->is_object() ? parsed->find("names") : parsed->end();
  if (!parsed->is_object() || found == parsed->end() || !found->is_array()) return refuse("names must be a list");
  if (found->size() > k_pull_names_max) return refuse("at most 256 names per request");
  std::vector<std::string> out;
  std::unordered_set<std::string_view> seen;
  out.reserve(found->size());
  for (const auto& entry : *found) {
    if (!entry.is_string()) return refuse("names must be strings");
    const std::string_view name = without_final_dots(strip_whitespace(entry.get_ref<const std::string&>()));
    if (seen.insert(name).second) out.emplace_back(name);
  }
  return out;
}

std::string write_pull_answer(std::span<const store::Record> records, std::int64_t now_s) {
  std::string out = R"({"records": [)";
  for (const store::Record& record : records) {
    if (&record != &records.front()) out += ", ";
    out += R"({"name": )";
    append_json_quoted(out, record.name);
    out += R"(, "value": )";
    append_json_quoted(out, record.value);
    out += R"(, "ttl": )";
    append_number(out, left_s(record.expires_s, now_s));
    out.push_back('}');
  }
  return out += "]}";
}

Result<std::string> parse_manifest_answer(std::string_view body) {
  const auto parsed = parse_body(body);
  if (!parsed) return std::unexpected(parsed.error());
  const std::string* wire = text_member(*parsed, "wire");
  if (wire == nullptr || wire->empty()) return refuse("no wire");
  return *wire;
}

std::string write_manifest_answer(const ServedManifest& manifest) {
  return fmt::format(R"({{"wire": {}, "seq": {}, "exp": {}, "cluster_name": {}}})", json_quote(manifest.wire),
                     manifest.seq, manifest.exp, json_quote(manifest.cluster_name));
}

}  // namespace dnsmesh::sync
