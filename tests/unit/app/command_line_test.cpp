// SPDX-License-Identifier: Apache-2.0
#include "app/command_line.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "app/option_documents.hpp"

using namespace dnsmesh::app;

namespace {

std::expected<CommandLine, CommandEnd> parse(const std::vector<const char*>& arguments) {
  std::vector<const char*> all = {"dnsmesh-node"};
  all.insert(all.end(), arguments.begin(), arguments.end());
  return parse_command_line(all);
}

}  // namespace

TEST_CASE("the node starts without arguments") {
  const auto line = parse({});
  REQUIRE(line.has_value());
  CHECK_FALSE(line->config_path.has_value());
  CHECK_FALSE(line->check_config);
}

TEST_CASE("a configuration file and a check can be asked for") {
  const auto line = parse({"--check-config", "--config", "/etc/node.env"});
  REQUIRE(line.has_value());
  CHECK(line->config_path == "/etc/node.env");
  CHECK(line->check_config);
  CHECK(parse({"--config=/etc/node.env"})->config_path == "/etc/node.env");
}

TEST_CASE("a wrong command line ends with status 2, what is wrong, and the usage line") {
  const std::vector<std::vector<const char*>> wrong = {{"--nonsense"},
                                                       {"extra"},
                                                       {"--config"},
                                                       {"--print-options"},
                                                       {"--print-options", "html"},
                                                       {"-x"},
                                                       {"--config", "a", "--config", "b"}};
  for (const auto& arguments : wrong) {
    const auto line = parse(arguments);
    REQUIRE_FALSE(line.has_value());
    CHECK(line.error().status == k_exit_usage);
    CHECK(line.error().out.empty());
    CHECK(line.error().err.starts_with("dnsmesh-node: "));
    CHECK(line.error().err.find("\nusage: dnsmesh-node ") != std::string::npos);
  }
}

TEST_CASE("help, version and the documents are printed and end well") {
  const auto help = parse({"--help"});
  REQUIRE_FALSE(help.has_value());
  CHECK(help.error().status == 0);
  CHECK(help.error().err.empty());
  CHECK(help.error().out.starts_with("usage: "));
  CHECK(help.error().out.ends_with(options_help()));
  for (const char* const flag : {"--config", "--check-config", "--print-options", "--version"}) {
    CHECK(help.error().out.find(std::string("\n  ") + flag) != std::string::npos);
  }
  CHECK(parse({"-h"}).error().out == help.error().out);
  CHECK(parse({"--version"}).error().out == "dnsmesh-node " DNSMESH_VERSION "\n");
  CHECK(parse({"--print-options", "markdown"}).error().out == options_markdown());
  CHECK(parse({"--print-options", "sample"}).error().out == options_sample());
}
