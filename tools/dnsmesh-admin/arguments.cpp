// SPDX-License-Identifier: Apache-2.0
#include "dnsmesh-admin/arguments.hpp"

#include <fmt/format.h>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <utility>

#include "base/error.hpp"
#include "base/utf8.hpp"

namespace dnsmesh::admin_tool {
namespace {

constexpr std::string_view k_help =
    R"(Asks a running node how it is.

usage: dnsmesh-admin cluster status [--url URL] [--token-file FILE] [--ca-file FILE] [--json]

  cluster status     how the node stands with its peers

  --url URL          of the node [http://127.0.0.1 with the port of DMP_HTTP_PORT, else 8053]
  --token-file FILE  a file with the token of the operator or of the peers; without one of
                     DMP_OPERATOR_TOKEN and DMP_SYNC_PEER_TOKEN, or what their _FILE names.
                     Without a token the node shows only what everybody may see.
  --ca-file FILE     certificates (PEM) that vouch for an https node [what the system trusts]
  --json             what the node answered, as it is
  --help, --version

Exit status: 0 when every peer is current, 1 when one is not or the node cannot be asked,
2 for a wrong command line.
)";
constexpr std::size_t k_token_bytes_max = 4096;

/// The first line of a file.
Result<std::string> token_of_file(const std::string& path) {
  errno = 0;
  std::ifstream file(path);
  std::string text(k_token_bytes_max + 1, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(std::max<std::streamsize>(file.gcount(), 0)));
  if (text.empty()) {
    return fail(ErrorCode::config_file, fmt::format("{}: {}", path, errno == 0 ? "is empty" : std::strerror(errno)));
  }
  text.resize(std::min(text.size(), text.find_first_of("\r\n")));
  const bool is_token = text.size() <= k_token_bytes_max && !text.empty() &&
                        std::ranges::all_of(text, [](char c) { return c >= 0x20 && c < 0x7F; });
  if (!is_token) return fail(ErrorCode::config_file, fmt::format("{}: holds no token", path));
  return text;
}

Result<std::string> find_token(const std::string& token_file, const Variable& variable) {
  if (!token_file.empty()) return token_of_file(token_file);
  for (const std::string name : {"DMP_OPERATOR_TOKEN", "DMP_HTTP_TOKEN", "DMP_SYNC_PEER_TOKEN"}) {
    if (const auto token = variable(name.c_str()); token && !token->empty()) return *token;
    if (const auto path = variable((name + "_FILE").c_str()); path && !path->empty()) return token_of_file(*path);
  }
  return std::string();
}

std::unexpected<CommandEnd> complain(std::string_view text) {
  return std::unexpected(
      CommandEnd{k_exit_usage, {}, fmt::format("dnsmesh-admin: {}; see dnsmesh-admin --help\n", text)});
}

}  // namespace

std::expected<Arguments, CommandEnd> parse_arguments(std::span<const char* const> arguments, const Variable& variable) {
  Arguments out;
  const auto port = variable("DMP_HTTP_PORT");
  out.url = fmt::format("http://127.0.0.1:{}", port && !port->empty() ? *port : "8053");
  std::string token_file;
  CLI::App app;
  app.set_help_flag("--help,-h");
  app.set_version_flag("--version", "dnsmesh-admin " DNSMESH_VERSION);
  app.require_subcommand(1);
  CLI::App* cluster = app.add_subcommand("cluster");
  cluster->require_subcommand(1);
  CLI::App* status = cluster->add_subcommand("status");
  status->add_option("--url", out.url);
  status->add_option("--token-file", token_file);
  status->add_option("--ca-file", out.ca_file);
  status->add_flag("--json", out.json);
  try {
    app.parse(static_cast<int>(arguments.size()), arguments.data());
  } catch (const CLI::CallForHelp&) {
    return std::unexpected(CommandEnd{0, std::string(k_help), {}});
  } catch (const CLI::CallForVersion& version) {
    return std::unexpected(CommandEnd{0, std::string(version.what()) + "\n", {}});
  } catch (const CLI::ParseError& error) {
    return complain(error.what());
  }
  while (out.url.ends_with('/')) out.url.pop_back();
  auto token = find_token(token_file, variable);
  if (!token) return complain(token.error().text);
  out.token = std::move(*token);
  return out;
}

}  // namespace dnsmesh::admin_tool
