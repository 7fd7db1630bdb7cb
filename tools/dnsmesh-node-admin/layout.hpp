// SPDX-License-Identifier: Apache-2.0
// How the commands write times, columns and JSON (spec/registration.md 8).
#pragma once

#include <cstdint>
#include <initializer_list>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.hpp"
#include "dnsmesh-node-admin/command_end.hpp"

namespace dnsmesh::node_admin {

/// `2026-11-25T09:00:00Z`; `-` for none and for what no calendar has.
std::string utc_time(std::optional<std::int64_t> at_s);

/// A line of columns, each at least 20 wide with two spaces between. Control characters are made visible.
std::string column_line(std::initializer_list<std::string_view> columns);

/// Two-space indented ASCII, and a line end.
std::string json_text(const nlohmann::ordered_json& value);

/// A text as the existing tool writes it into the audit log: in quotes, escaped.
std::string python_quoted(std::string_view text);

/// `error: <text>` on standard error.
CommandEnd refuse(int status, std::string_view text);
CommandEnd refuse(const Error& error);

}  // namespace dnsmesh::node_admin
