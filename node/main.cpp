// SPDX-License-Identifier: Apache-2.0
// The program: command line and settings, then the node until a signal ends it.
#include <fmt/format.h>
#include <signal.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cstdio>
#include <optional>
#include <span>
#include <string>
#include <utility>

#include "access/open_bind.hpp"
#include "app/command_line.hpp"
#include "app/load_settings.hpp"
#include "app/node.hpp"
#include "app/option_documents.hpp"
#include "app/sources.hpp"
#include "base/limits.hpp"
#include "base/log.hpp"

namespace {

using namespace dnsmesh;
using app::Loaded;
using Load = std::expected<Loaded, std::vector<Error>>;

constexpr int k_exit_failed = 1;

void complain(std::string_view reason) { fmt::print(stderr, "dnsmesh-node: {}\n", reason); }

Load load(const app::Environment& environment, const std::optional<std::string>& config_path) {
  const auto read_file = [](const std::string& path) {
    return app::read_bounded_file(path, limits::config_file_bytes_max);
  };
  std::optional<app::ConfigText> file;
  if (config_path) {
    auto contents = read_file(*config_path);
    if (!contents) return std::unexpected(std::vector{contents.error()});
    file = app::ConfigText{*config_path, std::move(*contents)};
  }
  return app::load_settings(environment, file, read_file);
}

sigset_t handled_signals() {
  sigset_t set;
  sigemptyset(&set);
  for (const int signal : {SIGTERM, SIGINT, SIGHUP}) sigaddset(&set, signal);
  return set;
}

/// Before the first thread starts, so that every thread leaves the signals to the main one. Writes to a closed
/// connection (SIGPIPE) and beyond a file size limit (SIGXFSZ) fail with an error where they happen.
void set_up_signals() {
  for (const int ignored : {SIGPIPE, SIGXFSZ, SIGUSR1, SIGUSR2}) signal(ignored, SIG_IGN);
  const sigset_t set = handled_signals();
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
}

/// As many descriptors as the system grants: else the caps on connections (limits.hpp) could not be reached, and what
/// the store opens would compete with what strangers open.
void allow_many_descriptors() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
}

void end_at_once(int /*signal*/) { _exit(k_exit_failed); }

/// From now on a second SIGTERM or SIGINT does not wait for the orderly stop.
void let_a_second_signal_end_the_process() {
  signal(SIGTERM, end_at_once);
  signal(SIGINT, end_at_once);
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGTERM);
  sigaddset(&set, SIGINT);
  pthread_sigmask(SIG_UNBLOCK, &set, nullptr);
}

void log_remarks(const Loaded& loaded) {
  for (const std::string& warning : loaded.warnings) log::warning(log::k_node, warning);
  for (const std::string& note : loaded.notes) log::info(log::k_node, note);
}

void reload(app::Node& node, const Loaded& started, const Load& next) {
  if (!next) {
    for (const Error& error : next.error()) {
      log::error(log::k_node, fmt::format("configuration not taken over, the running one stays: {}", error.text));
    }
    return;
  }
  for (const std::string_view name : app::changes_that_need_a_restart(started, *next)) {
    log::warning(log::k_node, fmt::format("{} has changed; the new value counts after a restart", name));
  }
  log_remarks(*next);
  node.reload(next->settings);
}

void serve_until_stopped(app::Node& node, const Loaded& started, const app::Environment& environment,
                         const std::optional<std::string>& config_path) {
  const sigset_t set = handled_signals();
  while (true) {
    int signal = 0;
    if (sigwait(&set, &signal) != 0) continue;
    log::info(log::k_node, fmt::format("received signal {}", signal));
    if (signal != SIGHUP) break;
    reload(node, started, load(environment, config_path));
  }
  let_a_second_signal_end_the_process();
  node.stop();
  log::info(log::k_node, "node stopped");
}

Result<void> check_bind(const app::HttpSettings& http) {
  return access::check_open_bind(http.auth_mode, http.host, http.allow_open_public_bind);
}

int complain_of_settings(const std::vector<Error>& errors) {
  for (const Error& error : errors) complain(error.text);
  return app::k_exit_usage;
}

int check_config(const Load& loaded) {
  std::vector<Error> faults = loaded ? std::vector<Error>{} : loaded.error();
  std::optional<Error> refused;
  if (loaded) {
    if (auto bind = check_bind(loaded->settings.http); !bind) refused = faults.emplace_back(bind.error());
  }
  fmt::print("{}", app::check_report(loaded, refused));
  return faults.empty() ? 0 : complain_of_settings(faults);
}

int run(const app::CommandLine& command) {
  const app::Environment environment = app::read_environment();
  const Load loaded = load(environment, command.config_path);
  if (command.check_config) return check_config(loaded);
  if (!loaded) return complain_of_settings(loaded.error());
  const app::NodeSettings& settings = loaded->settings;
  log::configure(settings.log.level, settings.log.format);
  set_up_signals();
  allow_many_descriptors();
  log_remarks(*loaded);
  if (const auto bind = check_bind(settings.http); !bind) {
    complain(bind.error().text);
    return k_exit_failed;
  }
  const SystemClock clock;
  SystemRandom random;
  const auto node = app::Node::start(settings, clock, random);
  if (!node) {
    complain(node.error().text);
    return k_exit_failed;
  }
  serve_until_stopped(**node, *loaded, environment, command.config_path);
  log::flush();
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  const auto command = app::parse_command_line(std::span<const char* const>(argv, static_cast<std::size_t>(argc)));
  if (!command) {
    fmt::print("{}", command.error().out);
    fmt::print(stderr, "{}", command.error().err);
    return command.error().status;
  }
  return run(*command);
}
