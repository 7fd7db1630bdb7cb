// SPDX-License-Identifier: Apache-2.0
// generate-cluster-manifest: makes, shows and verifies the signed node list of a cluster.
#include <fmt/format.h>

#include <cstdio>
#include <span>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "base/random.hpp"
#include "common/output.hpp"
#include "generate-cluster-manifest/arguments.hpp"
#include "generate-cluster-manifest/inspect.hpp"
#include "generate-cluster-manifest/issue.hpp"

using namespace dnsmesh;
using namespace dnsmesh::manifest_tool;

namespace {

struct Run {
  Result<Report> operator()(const IssueArguments& arguments) const {
    SystemRandom random;
    return issue(arguments, SystemClock{}, random);
  }
  Result<Report> operator()(const ShowArguments& arguments) const { return report(show(arguments, SystemClock{})); }
  Result<Report> operator()(const VerifyArguments& arguments) const { return report(verify(arguments, SystemClock{})); }

  static Result<Report> report(Result<std::string> text) {
    if (!text) return std::unexpected(std::move(text.error()));
    return Report{std::move(*text), {}};
  }
};

constexpr std::string_view k_program = "generate-cluster-manifest";

void complain(const std::string& text) { std::fputs(text.c_str(), stderr); }

}  // namespace

int main(int count, char** values) {
  const auto command = parse_arguments(std::span<const char* const>(values, static_cast<std::size_t>(count)));
  if (!command) {
    complain(command.error().err);
    return tools::write_out(k_program, command.error().out) ? command.error().status : k_exit_failed;
  }
  const auto report = std::visit(Run{}, *command);
  if (!report) {
    complain(fmt::format("{}: {}\n", k_program, report.error().text));
    return k_exit_failed;
  }
  for (const std::string& warning : report->warnings) complain(fmt::format("{}: warning: {}\n", k_program, warning));
  return tools::write_out(k_program, report->out) ? 0 : k_exit_failed;
}
