// SPDX-License-Identifier: Apache-2.0
#include "app/sources.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <string_view>

namespace dnsmesh::app {

Environment read_environment() {
  Environment out;
  for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry) {
    const std::string_view text = *entry;
    const std::size_t equals = text.find('=');
    if (equals != std::string_view::npos) out.emplace(text.substr(0, equals), text.substr(equals + 1));
  }
  return out;
}

Result<std::string> read_bounded_file(const std::string& path, std::size_t bytes_max) {
  errno = 0;
  std::ifstream file(path, std::ios::binary);
  if (!file) return fail(ErrorCode::config_file, fmt::format("{}: {}", path, std::strerror(errno)));
  std::string contents(bytes_max + 1, '\0');
  file.read(contents.data(), static_cast<std::streamsize>(contents.size()));
  if (file.bad()) return fail(ErrorCode::config_file, fmt::format("{}: {}", path, std::strerror(errno)));
  contents.resize(static_cast<std::size_t>(file.gcount()));
  if (contents.size() > bytes_max) {
    return fail(ErrorCode::config_file, fmt::format("{}: longer than {} bytes", path, bytes_max));
  }
  return contents;
}

}  // namespace dnsmesh::app
