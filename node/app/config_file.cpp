// SPDX-License-Identifier: Apache-2.0
#include "app/config_file.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/limits.hpp"
#include "base/utf8.hpp"

namespace dnsmesh::app {
namespace {

bool is_key(std::string_view key) {
  const auto is_letter = [](char c) { return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_'; };
  if (key.empty() || !is_letter(key.front())) return false;
  return std::ranges::all_of(key, [&](char c) { return is_letter(c) || (c >= '0' && c <= '9'); });
}

Result<std::string> unquoted(std::string_view value) {
  value = strip_ascii_whitespace(value);
  if (value.empty() || (value.front() != '"' && value.front() != '\'')) return std::string(value);
  const char quote = value.front();
  if (value.find(quote, 1) != value.size() - 1) {
    return fail(ErrorCode::config_file,
                "a value that begins with a quote must end with the same quote and hold no other");
  }
  return std::string(value.substr(1, value.size() - 2));
}

/// One line that is neither blank nor a comment.
Result<FileEntry> parse_line(std::string_view line) {
  constexpr std::string_view k_export = "export ";
  if (line.starts_with(k_export)) line = strip_ascii_whitespace(line.substr(k_export.size()));
  const std::size_t equals = line.find('=');
  if (equals == std::string_view::npos) return fail(ErrorCode::config_file, "KEY=VALUE is expected, and there is no =");
  const std::string_view key = line.substr(0, equals);
  if (!is_key(key)) {
    return fail(ErrorCode::config_file,
                "before = there must be a name of letters, digits and _, without blanks around it");
  }
  auto value = unquoted(line.substr(equals + 1));
  if (!value) return std::unexpected(std::move(value.error()));
  return FileEntry{std::string(key), std::move(*value), {}};
}

}  // namespace

std::expected<std::vector<FileEntry>, std::vector<Error>> parse_config_file(std::string_view path,
                                                                            std::string_view contents) {
  std::vector<Error> errors;
  if (contents.size() > limits::config_file_bytes_max) {
    errors.push_back({ErrorCode::config_file, fmt::format("{}: {} bytes; a configuration file has at most {}", path,
                                                          contents.size(), limits::config_file_bytes_max)});
    return std::unexpected(std::move(errors));
  }
  std::vector<FileEntry> entries;
  for (std::size_t number = 1; !contents.empty(); ++number) {
    const std::size_t end = std::min(contents.find('\n'), contents.size());
    const std::string_view line = strip_ascii_whitespace(contents.substr(0, end));
    contents.remove_prefix(std::min(end + 1, contents.size()));
    if (line.empty() || line.front() == '#') continue;
    const std::string where = fmt::format("{}:{}", path, number);
    auto entry = parse_line(line);
    if (!entry) {
      errors.push_back({entry.error().code, fmt::format("{}: {}", where, entry.error().text)});
      continue;
    }
    entry->where = where;
    entries.push_back(std::move(*entry));
  }
  if (!errors.empty()) return std::unexpected(std::move(errors));
  return entries;
}

}  // namespace dnsmesh::app
