// SPDX-License-Identifier: Apache-2.0
// Log lines in the two formats of spec/configuration.md 6, on standard output. What a stranger sends never logs an
// unconditional line: such events are counted, or logged at debug.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <variant>

namespace dnsmesh::log {

enum class Level { debug, info, warning, error, critical };
enum class Format { text, json };

/// An extra field of a JSON line (top level); text lines do not show it, so the message must say it too.
struct Field {
  std::string_view key;
  std::variant<std::int64_t, std::string_view> value;
};

/// Logger names that operators filter on (spec/configuration.md 6).
inline constexpr std::string_view k_node = "dmp.server.node";
inline constexpr std::string_view k_http = "dmp.server.http_api";
inline constexpr std::string_view k_dns = "dmp.server.dns_server";
inline constexpr std::string_view k_sync = "dmp.server.anti_entropy";
inline constexpr std::string_view k_heartbeat = "dmp.server.heartbeat_worker";
inline constexpr std::string_view k_cleanup = "dmp.server.cleanup";

/// Sets level and format; may be called again at any time (SIGHUP). Before the first call: info, text.
void configure(Level level, Format format);

/// `DEBUG`, `INFO`, `WARNING`/`WARN`, `ERROR`, `CRITICAL`/`FATAL`, `NOTSET` in any case; anything else is info.
Level level_from(std::string_view name);

bool enabled(Level level);

/// Writes one line. Control characters in text lines are escaped, since names and peers' texts reach messages. Any
/// thread.
void write(Level level, std::string_view logger, std::string_view message, std::initializer_list<Field> fields = {});

inline void debug(std::string_view logger, std::string_view message, std::initializer_list<Field> fields = {}) {
  write(Level::debug, logger, message, fields);
}
inline void info(std::string_view logger, std::string_view message, std::initializer_list<Field> fields = {}) {
  write(Level::info, logger, message, fields);
}
inline void warning(std::string_view logger, std::string_view message, std::initializer_list<Field> fields = {}) {
  write(Level::warning, logger, message, fields);
}
inline void error(std::string_view logger, std::string_view message, std::initializer_list<Field> fields = {}) {
  write(Level::error, logger, message, fields);
}

/// Writes out what is buffered; before the process ends.
void flush();

}  // namespace dnsmesh::log
