// SPDX-License-Identifier: Apache-2.0
// The command line of the node. It starts without any argument; the flags help an operator.
#pragma once

#include <expected>
#include <optional>
#include <span>
#include <string>

namespace dnsmesh::app {

/// Exit status of a wrong command line or configuration.
inline constexpr int k_exit_usage = 2;

struct CommandLine {
  std::optional<std::string> config_path;
  bool check_config = false;
};

/// The program has said all that it was asked for: print the texts and end.
struct CommandEnd {
  int status = 0;
  std::string out;  // to standard output
  std::string err;  // to standard error
};

/// `arguments` as main got them, the program's name first. A wrong one ends with k_exit_usage and the usage line.
std::expected<CommandLine, CommandEnd> parse_command_line(std::span<const char* const> arguments);

}  // namespace dnsmesh::app
