// SPDX-License-Identifier: Apache-2.0
#include "dnsmesh-record/fields.hpp"

#include <fmt/format.h>

#include <cmath>

#include "base/hex.hpp"

namespace dnsmesh::record_tool {
namespace {

const Json k_null;
const Json k_empty_object = Json::object();
const Json k_empty_list = Json::array();
constexpr double k_beyond_u64 = 18446744073709551616.0;

/// A whole number that no 64-bit integer holds: the JSON reader gives those as floating point.
bool is_huge(const Json& value) { return value.is_number_float() && std::abs(value.get<double>()) >= k_beyond_u64; }

}  // namespace

const Json* Fields::find(std::string_view key) const {
  const auto found = object_.find(std::string(key));
  return found == object_.end() || found->is_null() ? nullptr : &*found;
}

bool Fields::has(std::string_view key) const { return find(key) != nullptr; }

const Json& Fields::required(std::string_view key) {
  if (const Json* value = find(key)) return *value;
  not_understood(key, "is missing");
  return k_null;
}

void Fields::not_understood(std::string_view key, std::string_view why) {
  if (!notes_.not_understood) notes_.not_understood = fmt::format("{} {}", key, why);
}

void Fields::out_of_range(std::string_view key) {
  if (!notes_.out_of_range) notes_.out_of_range = fmt::format("{} is out of range", key);
}

std::string Fields::text(std::string_view key) {
  const Json& value = required(key);
  if (value.is_string()) return value.get<std::string>();
  not_understood(key, "is not a string");
  return {};
}

std::optional<std::string> Fields::optional_text(std::string_view key) {
  if (!has(key)) return std::nullopt;
  return text(key);
}

std::int64_t Fields::integer(std::string_view key) {
  const Json& value = required(key);
  if (value.is_number_unsigned() && value.get<std::uint64_t>() > std::numeric_limits<std::int64_t>::max()) {
    not_understood(key, "is beyond 2^63-1");
    return 0;
  }
  if (value.is_number_integer()) return value.get<std::int64_t>();
  not_understood(key, "is not an integer of 64 bits");
  return 0;
}

std::uint64_t Fields::natural_of(std::string_view key, const Json& value, std::uint64_t max) {
  if (value.is_number_unsigned() && value.get<std::uint64_t>() <= max) return value.get<std::uint64_t>();
  if (value.is_number_integer() || is_huge(value)) {
    out_of_range(key);
  } else {
    not_understood(key, "is not an integer");
  }
  return 0;
}

std::uint64_t Fields::natural(std::string_view key, std::uint64_t max) { return natural_of(key, required(key), max); }

std::optional<std::uint64_t> Fields::optional_natural(std::string_view key) {
  const Json* value = find(key);
  if (!value) return std::nullopt;
  if (value->is_number_unsigned()) return value->get<std::uint64_t>();
  not_understood(key, "is not an unsigned integer of 64 bits");
  return std::nullopt;
}

std::string Fields::hex(std::string_view key, const Json& value) {
  if (value.is_string()) {
    if (auto bytes = from_hex(value.get_ref<const std::string&>())) return std::move(*bytes);
  }
  not_understood(key, "is not hex");
  return {};
}

std::string Fields::bytes(std::string_view key) { return hex(key, required(key)); }

std::optional<std::string> Fields::optional_bytes(std::string_view key) {
  if (!has(key)) return std::nullopt;
  return bytes(key);
}

const Json& Fields::list(std::string_view key) {
  const Json& value = required(key);
  if (value.is_array()) return value;
  not_understood(key, "is not a list");
  return k_empty_list;
}

std::vector<std::string> Fields::optional_bytes_list(std::string_view key) {
  std::vector<std::string> out;
  if (!has(key)) return out;
  for (const Json& member : list(key)) out.push_back(hex(key, member));
  return out;
}

std::vector<std::uint64_t> Fields::naturals(std::string_view key, std::uint64_t max) {
  std::vector<std::uint64_t> out;
  for (const Json& member : list(key)) out.push_back(natural_of(key, member, max));
  return out;
}

std::vector<Fields> Fields::objects(std::string_view key) {
  std::vector<Fields> out;
  for (const Json& member : list(key)) {
    if (!member.is_object()) not_understood(key, "holds something else than objects");
    out.emplace_back(member.is_object() ? member : k_empty_object, notes_);
  }
  return out;
}

Fields Fields::object(std::string_view key) {
  const Json& value = required(key);
  if (value.is_object()) return {value, notes_};
  not_understood(key, "is not an object");
  return {k_empty_object, notes_};
}

}  // namespace dnsmesh::record_tool
