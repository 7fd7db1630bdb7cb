// SPDX-License-Identifier: Apache-2.0
#include "dnsmesh-node-admin/run.hpp"

#include <fmt/format.h>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <charconv>
#include <filesystem>
#include <string>
#include <string_view>
#include <utility>

#include "common/text.hpp"
#include "dnsmesh-node-admin/backup.hpp"
#include "dnsmesh-node-admin/help.hpp"
#include "dnsmesh-node-admin/layout.hpp"
#include "dnsmesh-node-admin/state_paths.hpp"
#include "dnsmesh-node-admin/token_commands.hpp"
#include "dnsmesh-node-admin/tsig_commands.hpp"

namespace dnsmesh::node_admin {
namespace {

/// Of a message about the command line, which repeats words of it.
constexpr std::size_t k_error_bytes_max = 1000;

/// What the command lines of all commands may hold.
struct Request {
  std::string token_db;
  std::string tsig_db;
  std::string folder;
  std::string record_db;
  bool force = false;
  TokenRequest token;
  std::string target;
  std::optional<std::string> filter;
  bool include_revoked = false;
  std::int64_t rows_max = 50;
  std::string older_than;
};

struct House {
  const Variable& variable;
  const Clock& clock;
  Random& random;
};

/// SQLite would only say that it cannot open the file.
std::optional<CommandEnd> folder_missing(const std::string& path) {
  const std::filesystem::path folder = std::filesystem::path(path).parent_path();
  std::error_code error;
  if (folder.empty() || std::filesystem::is_directory(folder, error)) return std::nullopt;
  return refuse(k_exit_usage, fmt::format("there is no folder {} for {}", folder.string(), path));
}

std::string token_path_of(const Request& request, const House& house, std::string& remark) {
  return request.token_db.empty() ? token_path(house.variable, remark) : request.token_db;
}

template <class Command>
CommandEnd with_tokens(const Request& request, const House& house, const Command& command) {
  std::string remark;
  const std::string path = token_path_of(request, house, remark);
  if (auto missing = folder_missing(path)) return *std::move(missing);
  const auto file = store::TokenFile::open(path);
  if (!file) return refuse(file.error());
  std::string user = house.variable("USER").value_or("");
  TokenDesk desk{**file, user.empty() ? "unknown" : std::move(user), house.clock, house.random};
  CommandEnd end = command(desk);
  end.err = remark + end.err;
  return end;
}

/// The audit trail is in the token file, if the node has one.
Result<void> note_keys_ended(const Request& request, const House& house, std::span<const store::AuditRow> rows) {
  std::string remark;
  const std::string path = token_path_of(request, house, remark);
  std::error_code error;
  if (rows.empty() || !std::filesystem::exists(path, error)) return {};
  const auto file = store::TokenFile::open(path);
  if (!file) return std::unexpected(file.error());
  return (*file)->add_audit(rows);
}

template <class Command>
CommandEnd with_keys(const Request& request, const House& house, const Command& command) {
  const std::string path = request.tsig_db.empty() ? state_path(k_state_files[2], "", house.variable) : request.tsig_db;
  if (auto missing = folder_missing(path)) return *std::move(missing);
  // Only registration makes keys, so there is nothing to be done with an empty file.
  const auto is_there = store::has_state_file(path);
  if (!is_there) return refuse(is_there.error());
  if (!*is_there) {
    return refuse(k_exit_failed,
                  fmt::format("there is no file of TSIG keys {}: a node that takes DNS UPDATE makes it", path));
  }
  const auto file = store::TsigFile::open(path);
  if (!file) return refuse(file.error());
  KeyDesk desk{**file, house.clock, {}};
  CommandEnd end = command(desk);
  if (const auto noted = note_keys_ended(request, house, desk.audit); !noted) {
    end.status = k_exit_failed;
    end.err += fmt::format("error: it is done, but not in the audit log: {}\n", noted.error().text);
  }
  return end;
}

/// A decimal integer; the library would read 010 as 8, and take what is too large as the largest.
void add_whole_number(CLI::App* to, const char* name, std::int64_t& value) {
  to->add_option_function<std::string>(name, [name, &value](const std::string& text) {
    const char* end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, value);
    if (error == std::errc() && stop == end) return;
    throw CLI::ValidationError(name, tools::in_quotes(text) + " is no whole number that fits");
  });
}

using Action = std::function<CommandEnd(const House&)>;

/// Builds the command line; `chosen` becomes what it asks for.
class CommandLine {
 public:
  CommandLine() {
    app_.set_help_flag("--help,-h");
    app_.set_version_flag("--version", "dnsmesh-node-admin " DNSMESH_VERSION);
    app_.require_subcommand(1);
    app_.add_option("--db", request_.token_db);
    app_.add_option("--tsig-db", request_.tsig_db);
    add_backups();
    add_tokens();
    add_audit();
    add_denials();
    add_keys();
  }

  /// Throws CLI::ParseError.
  const Action& parse(std::span<const char* const> arguments) {
    app_.parse(static_cast<int>(arguments.size()), arguments.data());
    return chosen_;
  }

  /// The command as far as it was understood: `token issue`, or `token`, or nothing.
  std::string command() const {
    std::string out;
    for (const CLI::App* at = &app_; !at->get_subcommands().empty();) {
      at = at->get_subcommands().back();
      out += (out.empty() ? "" : " ") + at->get_name();
    }
    return out;
  }

 private:
  CLI::App* group(const char* name) {
    CLI::App* out = app_.add_subcommand(name);
    out->require_subcommand(1);
    return out;
  }
  CLI::App* command(CLI::App* parent, const char* name, Action action) {
    CLI::App* out = parent->add_subcommand(name);
    out->callback([this, action = std::move(action)] { chosen_ = action; });
    return out;
  }
  template <class Command>
  CLI::App* token_command(CLI::App* parent, const char* name, Command run) {
    return command(parent, name, [this, run](const House& house) { return with_tokens(request_, house, run); });
  }
  template <class Command>
  CLI::App* key_command(CLI::App* parent, const char* name, Command run) {
    return command(parent, name, [this, run](const House& house) { return with_keys(request_, house, run); });
  }
  void add_target(CLI::App* to, const char* name) { to->add_option(name, request_.target)->required(); }

  /// `run` unless a file was named at the wrong place.
  CLI::App* backup_command(const char* name, std::function<CommandEnd(const House&)> run) {
    return command(&app_, name, [this, run = std::move(run)](const House& house) {
      if (request_.token_db.empty() && request_.tsig_db.empty()) return run(house);
      return refuse(k_exit_usage,
                    "--db and --tsig-db before this command mean nothing: after it, --db names the record file");
    });
  }
  void add_backups() {
    CLI::App* backup = backup_command("backup", [this](const House& house) {
      return make_backup(request_.folder, request_.record_db, house.variable, house.clock);
    });
    CLI::App* check = backup_command("backup-check",
                                     [this](const House& house) { return check_backup(request_.folder, house.clock); });
    CLI::App* restore = backup_command("restore", [this](const House& house) {
      return restore_backup(request_.folder, request_.record_db, request_.force, house.variable, house.clock,
                            house.random);
    });
    for (CLI::App* each : {backup, check, restore}) each->add_option("DIR", request_.folder)->required();
    for (CLI::App* each : {backup, restore}) each->add_option("--db", request_.record_db);
    restore->add_flag("--force", request_.force);
  }

  void add_tokens() {
    CLI::App* token = group("token");
    TokenRequest& wanted = request_.token;
    CLI::App* issue = token_command(token, "issue", [&](TokenDesk& desk) { return issue_token(desk, wanted); });
    CLI::App* rotate = token_command(token, "rotate", [&](TokenDesk& desk) { return rotate_token(desk, wanted); });
    for (CLI::App* each : {issue, rotate}) {
      each->add_option("SUBJECT", wanted.subject)->required();
      each->add_option("--expires", wanted.expires);
      each->add_option("--rate", wanted.rate_per_s);
      add_whole_number(each, "--burst", wanted.burst);
    }
    issue->add_option("--note", wanted.note);
    issue->add_option("--with-prekey-scope", wanted.prekey);
    issue->add_flag("--json", wanted.json);
    CLI::App* list = token_command(token, "list", [&](TokenDesk& desk) {
      return list_tokens(desk, request_.filter, request_.include_revoked, wanted.json);
    });
    list->add_option("--subject", request_.filter);
    list->add_flag("--include-revoked", request_.include_revoked);
    list->add_flag("--json", wanted.json);
    add_target(token_command(token, "revoke", [&](TokenDesk& desk) { return revoke_token(desk, request_.target); }),
               "TARGET");
  }

  void add_audit() {
    CLI::App* audit = group("audit");
    CLI::App* tail = token_command(audit, "tail", [this](TokenDesk& desk) {
      return show_audit(desk, request_.filter, request_.rows_max, request_.token.json);
    });
    tail->add_option("--event", request_.filter);
    add_whole_number(tail, "--limit", request_.rows_max);
    tail->add_flag("--json", request_.token.json);
    token_command(audit, "prune", [this](TokenDesk& desk) { return prune_audit(desk, request_.older_than); })
        ->add_option("--older-than", request_.older_than)
        ->required();
  }

  void add_denials() {
    CLI::App* denials = group("deny");
    add_target(token_command(denials, "add", [this](TokenDesk& desk) { return deny(desk, request_.target); }),
               "TARGET");
    add_target(token_command(denials, "remove", [this](TokenDesk& desk) { return allow(desk, request_.target); }),
               "TARGET");
    token_command(denials, "list", [](TokenDesk& desk) { return list_denied(desk); });
  }

  void add_keys() {
    CLI::App* keys = group("tsig");
    key_command(keys, "list", [](KeyDesk& desk) { return list_keys(desk); });
    add_target(key_command(keys, "show", [this](KeyDesk& desk) { return show_key(desk, request_.target); }), "NAME");
    add_target(key_command(keys, "revoke", [this](KeyDesk& desk) { return revoke_key(desk, request_.target); }),
               "TARGET");
    add_target(key_command(keys, "allow", [this](KeyDesk& desk) { return allow_key(desk, request_.target); }), "NAME");
    add_target(key_command(keys, "rotate", [this](KeyDesk& desk) { return rotate_key(desk, request_.target); }),
               "NAME");
  }

  CLI::App app_;
  Request request_;
  Action chosen_;
};

}  // namespace

CommandEnd run(std::span<const char* const> arguments, const Variable& variable, const Clock& clock, Random& random) {
  CommandLine line;
  try {
    return line.parse(arguments)({variable, clock, random});
  } catch (const CLI::CallForHelp&) {
    return {0, help_of(line.command()), {}};
  } catch (const CLI::CallForVersion& version) {
    return {0, std::string(version.what()) + "\n", {}};
  } catch (const CLI::ParseError& error) {
    const std::string command = line.command();
    return {k_exit_usage,
            {},
            fmt::format("dnsmesh-node-admin: {}\n{}Add --help to learn more.\n",
                        tools::printable(error.what(), k_error_bytes_max), usage_of(command))};
  }
}

}  // namespace dnsmesh::node_admin
