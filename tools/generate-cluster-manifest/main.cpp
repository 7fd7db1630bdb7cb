// SPDX-License-Identifier: Apache-2.0
// generate-cluster-manifest: makes, shows and verifies the signed node list of a cluster.
#include <cstdio>
#include <span>
#include <string>

#include "base/clock.hpp"
#include "base/random.hpp"
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

void print(std::FILE* stream, const std::string& text) { std::fputs(text.c_str(), stream); }

}  // namespace

int main(int count, char** values) {
  const auto command = parse_arguments(std::span<const char* const>(values, static_cast<std::size_t>(count)));
  if (!command) {
    print(stdout, command.error().out);
    print(stderr, command.error().err);
    return command.error().status;
  }
  const auto report = std::visit(Run{}, *command);
  if (!report) {
    print(stderr, "generate-cluster-manifest: " + report.error().text + "\n");
    return k_exit_failed;
  }
  print(stdout, report->out);
  for (const std::string& warning : report->warnings)
    print(stderr, "generate-cluster-manifest: warning: " + warning + "\n");
  return 0;
}
