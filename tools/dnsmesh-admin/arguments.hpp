// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <expected>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace dnsmesh::admin_tool {

inline constexpr int k_exit_not_current = 1;
inline constexpr int k_exit_usage = 2;

struct Arguments {
  std::string url;      // of the node, without trailing slash
  std::string token;    // empty: none
  std::string ca_file;  // empty: what the system trusts
  bool json = false;
};

/// What is written, and the status, when the command line ends the program.
struct CommandEnd {
  int status = 0;
  std::string out;
  std::string err;
};

/// A variable of the environment; nothing when it is not set.
using Variable = std::function<std::optional<std::string>(const char* name)>;

/// The program's name first. A token never comes from the command line, where every user of the machine could read it,
/// but from a file or the environment; the operator's wins over that of the peers.
std::expected<Arguments, CommandEnd> parse_arguments(std::span<const char* const> arguments, const Variable& variable);

}  // namespace dnsmesh::admin_tool
