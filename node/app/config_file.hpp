// SPDX-License-Identifier: Apache-2.0
// The configuration file: KEY=VALUE lines, the form of systemd's EnvironmentFile and docker's --env-file. Blank lines
// and lines that begin with `#` are skipped, `export ` before a key is allowed, quotes around a whole value are
// dropped, CRLF ends a line too. A `#` within a value belongs to it.
#pragma once

#include <expected>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"

namespace dnsmesh::app {

struct FileEntry {
  std::string key;
  std::string value;
  std::string where;  // `node.env:12`, for messages
};

/// The entries of a file in their order; `path` is for messages only. Keys are checked for their form, not for being
/// known. Errors, one a bad line: config_file, with file and line. Any thread.
std::expected<std::vector<FileEntry>, std::vector<Error>> parse_config_file(std::string_view path,
                                                                            std::string_view contents);

}  // namespace dnsmesh::app
