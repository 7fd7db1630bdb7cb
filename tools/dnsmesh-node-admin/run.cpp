// SPDX-License-Identifier: Apache-2.0
#include "dnsmesh-node-admin/run.hpp"

#include <fmt/format.h>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <string>
#include <string_view>

#include "dnsmesh-node-admin/backup.hpp"

namespace dnsmesh::node_admin {
namespace {

constexpr std::string_view k_help =
    R"(Works on the files of a node of this machine.

usage: dnsmesh-node-admin backup DIR [--db PATH]
       dnsmesh-node-admin backup-check DIR
       dnsmesh-node-admin restore DIR [--db PATH] [--force]

  backup        copies a node's files, while it runs or not, into the new folder DIR
  backup-check  says whether a copy is whole and what is in it
  restore       puts a copy in the place of the files of a node that does not run; to its peers
                the node is then a new one, so they compare all they have with it

  --db PATH     the node's record file [DMP_DB_PATH, else /var/lib/dmp/dmp.db]. The others lie
                beside it, or where DMP_TOKEN_DB_PATH, DMP_TSIG_DB_PATH and
                DMP_HEARTBEAT_DB_PATH say.
  --force       moves files that are there aside, as PATH.before-restore-<time>
  --help, --version

Exit status: 0, 1 when it could not be done or the copy is bad, 2 for a wrong command line.
Run it as the user of the node, who must be able to read what it restores.
)";

}  // namespace

CommandEnd run(std::span<const char* const> arguments, const Variable& variable, const Clock& clock, Random& random) {
  CLI::App app;
  app.set_help_flag("--help,-h");
  app.set_version_flag("--version", "dnsmesh-node-admin " DNSMESH_VERSION);
  app.require_subcommand(1);
  std::string folder;
  std::string record_path;
  bool force = false;
  CLI::App* backup = app.add_subcommand("backup");
  CLI::App* check = app.add_subcommand("backup-check");
  CLI::App* restore = app.add_subcommand("restore");
  for (CLI::App* command : {backup, check, restore}) command->add_option("DIR", folder)->required();
  for (CLI::App* command : {backup, restore}) command->add_option("--db", record_path);
  restore->add_flag("--force", force);
  try {
    app.parse(static_cast<int>(arguments.size()), arguments.data());
  } catch (const CLI::CallForHelp&) {
    return {0, std::string(k_help), {}};
  } catch (const CLI::CallForVersion& version) {
    return {0, std::string(version.what()) + "\n", {}};
  } catch (const CLI::ParseError& error) {
    return {k_exit_usage, {}, fmt::format("dnsmesh-node-admin: {}; see dnsmesh-node-admin --help\n", error.what())};
  }
  if (*backup) return make_backup(folder, record_path, variable, clock);
  if (*check) return check_backup(folder, clock);
  return restore_backup(folder, record_path, force, variable, clock, random);
}

}  // namespace dnsmesh::node_admin
