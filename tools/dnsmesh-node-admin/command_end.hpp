// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <optional>
#include <string>

namespace dnsmesh::node_admin {

inline constexpr int k_exit_failed = 1;
inline constexpr int k_exit_usage = 2;

/// What a command writes, and the exit status.
struct CommandEnd {
  int status = 0;
  std::string out;
  std::string err;
};

/// A variable of the environment; nothing when it is not set.
using Variable = std::function<std::optional<std::string>(const char* name)>;

}  // namespace dnsmesh::node_admin
