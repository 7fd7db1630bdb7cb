// SPDX-License-Identifier: Apache-2.0
// dnsmesh-node-admin: works on the files of a node, which may run meanwhile.
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <optional>
#include <span>
#include <string>

#include "common/output.hpp"
#include "dnsmesh-node-admin/run.hpp"

using namespace dnsmesh;

namespace {

std::optional<std::string> variable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? std::nullopt : std::optional<std::string>(value);
}

}  // namespace

int main(int count, char** values) {
  std::signal(SIGPIPE, SIG_IGN);
  const SystemClock clock;
  SystemRandom random;
  const std::span<const char* const> arguments(values, static_cast<std::size_t>(count));
  const node_admin::CommandEnd end = node_admin::run(arguments, variable, clock, random);
  const bool written = tools::write_out("dnsmesh-node-admin", end.out);
  std::fputs(end.err.c_str(), stderr);
  return written || end.status != 0 ? end.status : node_admin::k_exit_failed;
}
