// SPDX-License-Identifier: Apache-2.0
#include "app/command_line.hpp"

#include <fmt/format.h>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <string_view>
#include <vector>

#include "app/option_documents.hpp"

namespace dnsmesh::app {
namespace {

constexpr std::string_view k_usage =
    "usage: dnsmesh-node [--config FILE] [--check-config | --print-options markdown|sample | --help | --version]\n";

constexpr std::string_view k_flags = R"(
Keeps small signed records, answers them over DNS and takes new ones over HTTP.

  --config FILE             read settings from FILE as well; the environment beats it
  --check-config            print every setting with its source, say whether all are valid, and end
  --print-options FORM      write all settings as documentation: markdown or sample
  --help                    this text
  --version                 the version

)";

struct Flags {
  CommandLine command_line;
  std::string print_options;
  bool help = false;
  bool version = false;
};

CommandEnd usage_error(std::string_view what) {
  return {k_exit_usage, {}, fmt::format("dnsmesh-node: {}\n{}", what, k_usage)};
}

/// Throws CLI::ParseError.
Flags parse_flags(std::span<const char* const> arguments) {
  Flags flags;
  std::string config_path;
  CLI::App app;
  app.set_help_flag();
  const CLI::Option* config = app.add_option("--config", config_path)->type_name("FILE");
  app.add_flag("--check-config", flags.command_line.check_config);
  app.add_option("--print-options", flags.print_options)->check(CLI::IsMember({"markdown", "sample"}));
  app.add_flag("--help,-h", flags.help);
  app.add_flag("--version", flags.version);
  app.parse(static_cast<int>(arguments.size()), arguments.data());
  if (*config) flags.command_line.config_path = config_path;
  return flags;
}

}  // namespace

std::expected<CommandLine, CommandEnd> parse_command_line(std::span<const char* const> arguments) {
  Flags flags;
  try {
    flags = parse_flags(arguments);
  } catch (const CLI::ParseError& error) {
    return std::unexpected(usage_error(error.what()));
  }
  if (flags.help) return std::unexpected(CommandEnd{0, fmt::format("{}{}{}", k_usage, k_flags, options_help()), {}});
  if (flags.version) return std::unexpected(CommandEnd{0, "dnsmesh-node " DNSMESH_VERSION "\n", {}});
  if (flags.print_options == "markdown") return std::unexpected(CommandEnd{0, options_markdown(), {}});
  if (flags.print_options == "sample") return std::unexpected(CommandEnd{0, options_sample(), {}});
  return flags.command_line;
}

}  // namespace dnsmesh::app
