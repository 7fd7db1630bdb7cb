// SPDX-License-Identifier: Apache-2.0
#include "dnsmesh-node-admin/layout.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <chrono>
#include <ctime>
#include <nlohmann/json.hpp>

#include "common/text.hpp"

namespace dnsmesh::node_admin {
namespace {

/// The last second of the year 9999.
constexpr std::int64_t k_shown_s_max = 253402300799;
constexpr std::size_t k_shown_bytes_max = 1000;

}  // namespace

std::string utc_time(std::optional<std::int64_t> at_s) {
  if (!at_s || *at_s < 0 || *at_s > k_shown_s_max) return "-";
  return fmt::format("{:%Y-%m-%dT%H:%M:%S}Z", fmt::gmtime(static_cast<std::time_t>(*at_s)));
}

std::string column_line(std::initializer_list<std::string_view> columns) {
  std::string line;
  for (const std::string_view column : columns) {
    if (!line.empty()) line += "  ";
    line += fmt::format("{:<20}", tools::printable(column, k_shown_bytes_max));
  }
  return line + "\n";
}

std::string json_text(const nlohmann::ordered_json& value) {
  return value.dump(2, ' ', true, nlohmann::ordered_json::error_handler_t::replace) + "\n";
}

std::string python_quoted(std::string_view text) {
  const char quote = text.contains('\'') && !text.contains('"') ? '"' : '\'';
  std::string out(1, quote);
  for (const char c : text) {
    if (c == '\\' || c == quote) {
      out += {'\\', c};
    } else if (c == '\n') {
      out += "\\n";
    } else if (c == '\r') {
      out += "\\r";
    } else if (c == '\t') {
      out += "\\t";
    } else if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) {
      out += fmt::format("\\x{:02x}", static_cast<unsigned char>(c));
    } else {
      out += c;
    }
  }
  return out + quote;
}

CommandEnd refuse(int status, std::string_view text) {
  return {status, {}, fmt::format("error: {}\n", tools::printable(text, k_shown_bytes_max))};
}

CommandEnd refuse(const Error& error) { return refuse(k_exit_failed, error.text); }

}  // namespace dnsmesh::node_admin
