// SPDX-License-Identifier: Apache-2.0
// Where settings come from outside of this program: the environment and files. Only main uses these; everything else
// gets what they give as a parameter.
#pragma once

#include <cstddef>
#include <map>
#include <string>

#include "base/error.hpp"

namespace dnsmesh::app {

/// Names and values. Sorted, so that messages come in one order.
using Environment = std::map<std::string, std::string>;

/// The environment of this process. Before the first thread starts.
Environment read_environment();

/// All of a file. Errors: config_file, with the path, when it is missing, unreadable, a directory, or longer
/// than `bytes_max`.
Result<std::string> read_bounded_file(const std::string& path, std::size_t bytes_max);

}  // namespace dnsmesh::app
