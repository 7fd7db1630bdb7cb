// SPDX-License-Identifier: Apache-2.0
// Values by pair or by id (spec/anti-entropy.md 15.3).
#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "base/json.hpp"
#include "sync/flat_json.hpp"
#include "sync/wire_parts.hpp"
#include "sync/wire_server.hpp"

namespace dnsmesh::sync {
namespace {

using Json = nlohmann::ordered_json;

enum Column { k_name, k_value, k_ttl_ms };
constexpr std::array<std::string_view, 3> k_columns = {"name", "value", "ttl_ms"};
constexpr std::array<std::string_view, 1> k_members = {"done"};
constexpr FlatShape k_shape = {.rows = "r", .columns = k_columns, .rows_are_arrays = true, .members = k_members};

/// What follows the rows, with the longest number.
constexpr std::size_t k_end_bytes_max = 32;

std::unexpected<Error> malformed() { return fail(ErrorCode::sync_malformed, "invalid body"); }

std::optional<PulledRecord> read_record(std::optional<std::span<Scalar>> columns) {
  if (!columns) return std::nullopt;
  auto& name = (*columns)[k_name];
  auto& value = (*columns)[k_value];
  const auto ttl_ms = (*columns)[k_ttl_ms].natural();
  if (!name.is_text() || !value.is_text() || ttl_ms.value_or(0) == 0) return std::nullopt;
  return PulledRecord{std::move(name.text), std::move(value.text), *ttl_ms};
}

std::optional<PairKey> read_pair(const Json& item) {
  if (!item.is_array() || item.size() != 2 || !item[0].is_string() || !item[1].is_string()) return std::nullopt;
  const auto hash = parse_hash(item[1].get_ref<const std::string&>());
  if (!hash) return std::nullopt;
  return PairKey{item[0].get<std::string>(), *hash};
}

std::optional<crypto::Hash256> read_id(const Json& item) {
  return item.is_string() ? parse_hash(item.get_ref<const std::string&>()) : std::nullopt;
}

/// False when it is no list of at most k_get_items_max such items.
template <class Item>
bool read_items(const Json& list, std::optional<Item> (*read)(const Json&), std::vector<Item>& out) {
  if (!list.is_array() || list.size() > k_get_items_max) return false;
  for (const Json& item : list) {
    auto value = read(item);
    if (!value) return false;
    out.push_back(std::move(*value));
  }
  return true;
}

}  // namespace

std::string write_get_request(const std::vector<PairKey>& want) {
  std::string out = R"({"want": [)";
  for (const PairKey& pair : want) {
    out += &pair == &want.front() ? "[" : ", [";
    append_json_quoted(out, pair.name);
    out += ", ";
    append_quoted_hash(out, pair.hash);
    out.push_back(']');
  }
  return out += "]}";
}

std::string write_get_request_by_id(const std::vector<crypto::Hash256>& ids) {
  std::string out = R"({"ids": [)";
  for (const crypto::Hash256& id : ids) {
    if (&id != &ids.front()) out += ", ";
    append_quoted_hash(out, id);
  }
  return out += "]}";
}

Result<GetRequest> parse_get_request(std::string_view body) {
  const auto parsed = parse_body(body);
  if (!parsed || !parsed->is_object() || parsed->contains("want") == parsed->contains("ids")) return malformed();
  GetRequest out;
  const bool read = parsed->contains("want") ? read_items(parsed->at("want"), read_pair, out.want)
                                             : read_items(parsed->at("ids"), read_id, out.ids);
  if (!read) return malformed();
  return out;
}

std::string write_get_answer(std::span<const store::Record* const> rows, std::int64_t now_ms, std::size_t bytes_max) {
  std::string out = R"({"r": [)";
  std::size_t done = 0;
  bool first = true;
  for (; done < rows.size(); ++done) {
    if (rows[done] == nullptr) continue;
    const store::Record& record = *rows[done];
    const std::size_t before = out.size();
    out += first ? "[" : ", [";
    append_json_quoted(out, record.name);
    out += ", ";
    append_json_quoted(out, record.value);
    out += ", ";
    append_number(out, left_ms(record.expires_s, now_ms));
    out.push_back(']');
    if (!first && out.size() + k_end_bytes_max > bytes_max) {
      out.resize(before);
      break;
    }
    first = false;
  }
  out += R"(], "done": )";
  append_number(out, static_cast<std::int64_t>(done));
  return out += "}";
}

Result<GetAnswer> parse_get_answer(std::string_view body, std::size_t asked) {
  GetAnswer out;
  const FlatRows rows = rows_into(out, &GetAnswer::records, read_record);
  const auto answer = read_flat(body, k_shape, asked, rows);
  if (!answer) return std::unexpected(answer.error());
  const auto done = answer->members[0].natural();
  if (!answer->has_rows || !done || *done < 1 || static_cast<std::uint64_t>(*done) > asked) {
    return fail(ErrorCode::sync_malformed, "not the answer to a get");
  }
  out.done = static_cast<std::size_t>(*done);
  return out;
}

}  // namespace dnsmesh::sync
