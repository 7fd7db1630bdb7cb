// SPDX-License-Identifier: Apache-2.0
#include "base/log.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <array>
#include <atomic>
#include <chrono>
#include <ctime>
#include <memory>

#include "base/json.hpp"
#include "base/utf8.hpp"

namespace dnsmesh::log {
namespace {

struct LevelRow {
  std::string_view name;
  Level level;
};
constexpr std::array k_levels = {
    LevelRow{"DEBUG", Level::debug},    LevelRow{"INFO", Level::info},         LevelRow{"WARNING", Level::warning},
    LevelRow{"ERROR", Level::error},    LevelRow{"CRITICAL", Level::critical}, LevelRow{"WARN", Level::warning},
    LevelRow{"FATAL", Level::critical}, LevelRow{"NOTSET", Level::debug},
};

std::string_view level_name(Level level) { return k_levels[static_cast<std::size_t>(level)].name; }

std::atomic<Level> g_level{Level::info};
std::atomic<Format> g_format{Format::text};

/// spdlog brings the locked, buffered sink; the two line formats are the protocol's own.
spdlog::logger& sink() {
  static const std::shared_ptr<spdlog::logger> logger = [] {
    auto made = std::make_shared<spdlog::logger>("dnsmesh", std::make_shared<spdlog::sinks::stdout_sink_mt>());
    made->set_formatter(std::make_unique<spdlog::pattern_formatter>("%v"));
    made->set_level(spdlog::level::trace);
    made->flush_on(spdlog::level::trace);
    return made;
  }();
  return *logger;
}

std::string without_controls(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (const char c : text) {
    const auto octet = static_cast<unsigned char>(c);
    if (octet >= 0x20 && octet != 0x7F) {
      out.push_back(c);
    } else {
      fmt::format_to(std::back_inserter(out), "\\x{:02x}", octet);
    }
  }
  return out;
}

struct Now {
  std::tm parts{};
  int ms = 0;
};

Now broken_down(bool utc) {
  const auto now = std::chrono::system_clock::now();
  const std::time_t seconds = std::chrono::system_clock::to_time_t(now);
  Now out;
  if (utc) {
    gmtime_r(&seconds, &out.parts);
  } else {
    localtime_r(&seconds, &out.parts);
  }
  const auto since_epoch = std::chrono::duration_cast<std::chrono::milliseconds>(now.time_since_epoch()).count();
  out.ms = static_cast<int>(since_epoch % 1000);
  return out;
}

std::string text_line(Level level, std::string_view logger, std::string_view message) {
  const Now now = broken_down(false);
  return fmt::format("{:%Y-%m-%d %H:%M:%S},{:03} {} {}: {}", now.parts, now.ms, level_name(level), logger,
                     without_controls(message));
}

std::string json_line(Level level, std::string_view logger, std::string_view message,
                      std::initializer_list<Field> fields) {
  const Now now = broken_down(true);
  std::string line = fmt::format(R"({{"ts":"{:%Y-%m-%dT%H:%M:%S}.{:03}Z","level":"{}","logger":{},"msg":{})", now.parts,
                                 now.ms, level_name(level), json_quote(logger), json_quote(message));
  for (const Field& field : fields) {
    const std::string value = std::holds_alternative<std::int64_t>(field.value)
                                  ? fmt::format("{}", std::get<std::int64_t>(field.value))
                                  : json_quote(std::get<std::string_view>(field.value));
    fmt::format_to(std::back_inserter(line), ",{}:{}", json_quote(field.key), value);
  }
  line.push_back('}');
  return line;
}

}  // namespace

void configure(Level level, Format format) {
  g_level = level;
  g_format = format;
}

Level level_from(std::string_view name) {
  std::string upper;
  for (const char c : name) upper.push_back(c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c);
  for (const LevelRow& row : k_levels) {
    if (row.name == upper) return row.level;
  }
  return Level::info;
}

bool enabled(Level level) { return level >= g_level.load(std::memory_order_relaxed); }

void write(Level level, std::string_view logger, std::string_view message, std::initializer_list<Field> fields) {
  if (!enabled(level)) return;
  const std::string line = g_format.load(std::memory_order_relaxed) == Format::json
                               ? json_line(level, logger, message, fields)
                               : text_line(level, logger, message);
  sink().log(spdlog::level::info, spdlog::string_view_t(line.data(), line.size()));
}

void flush() { sink().flush(); }

}  // namespace dnsmesh::log
