// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <string>

#include "app/known_names.hpp"
#include "app/option_documents.hpp"
#include "app/sources.hpp"
#include "loading.hpp"

using namespace dnsmesh;
using namespace dnsmesh::app;

namespace {

std::string committed(const std::string& name) {
  auto contents = read_bounded_file(DNSMESH_DOCS "/" + name, 1048576);
  REQUIRE(contents.has_value());
  return *contents;
}

bool contains(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

/// The sample with every comment sign before a name removed.
std::string uncommented(std::string text) {
  for (std::size_t at = text.find("\n#DMP_"); at != std::string::npos; at = text.find("\n#DMP_", at))
    text.erase(at + 1, 1);
  return text;
}

}  // namespace

TEST_CASE("the committed documents are those that the table of options gives") {
  CHECK_MESSAGE(committed("configuration.md") == options_markdown(),
                "write it anew: dnsmesh-node --print-options markdown > docs/configuration.md");
  CHECK_MESSAGE(committed("dnsmesh-node.env.sample") == options_sample(),
                "write it anew: dnsmesh-node --print-options sample > docs/dnsmesh-node.env.sample");
}

TEST_CASE("every option is in the help, the markdown and the sample, with its other names") {
  for (const OptionRow& row : options()) {
    CAPTURE(row.name);
    const std::string name(row.name);
    CHECK(contains(options_help(), "  " + name + " "));
    CHECK(contains(options_help(), std::string(row.help)));
    CHECK(contains(options_markdown(), "| `" + name + "` |"));
    CHECK(contains(options_sample(), "\n#" + name + "="));
    if (!row.alias.empty()) CHECK(contains(options_markdown(), "`" + std::string(row.alias) + "`"));
    if (row.secret) CHECK(contains(options_sample(), "\n#" + secret_file_name(row) + "="));
  }
  for (const std::string_view name : known_later_names())
    CHECK(contains(options_markdown(), "`" + std::string(name) + "`"));
}

TEST_CASE("the sample changes nothing as it is, and gives the defaults when every line is used") {
  for (const std::string& sample : {options_sample(), uncommented(options_sample())}) {
    const Loaded from_sample = loaded({}, sample);
    const Loaded plain = loaded({});
    for (std::size_t i = 0; i < plain.values.size(); ++i) {
      CAPTURE(plain.values[i].row->name);
      CHECK(from_sample.values[i].value == plain.values[i].value);
    }
  }
}

TEST_CASE("a check shows each value with its source, and no secret") {
  const std::string report = check_report(load({{"DMP_OPERATOR_TOKEN", "0123456789abcdef0123456789abcdef"},
                                                {"DMP_HEARTBEAT_PUBLIC_SEED_URLS", "x"},
                                                {"DMP_TYPO", "x"},
                                                {"DMP_HTTP_RATE", "2.5"}},
                                               "DMP_DNS_PORT=53\n"));
  CHECK(contains(report, "DMP_DNS_PORT"));
  CHECK(contains(report, "node.env:1"));
  CHECK(contains(report, "(set, 32 characters)"));
  CHECK(contains(report, "(no NSID option)"));
  CHECK(contains(report, " 2.5 "));
  CHECK_FALSE(contains(report, "0123456789"));
  CHECK(contains(report, "note: set but not used by this version: DMP_HEARTBEAT_PUBLIC_SEED_URLS\n"));
  CHECK(contains(report, "warning: environment: unknown variable \"DMP_TYPO\"\n"));
  CHECK(report.ends_with("\nconfiguration is valid\n"));
  // The columns are aligned: every source begins at the same place.
  const std::size_t column = report.find("environment") - (report.rfind('\n', report.find("environment")) + 1);
  const std::size_t line = report.find("DMP_DB_PATH");
  CHECK(report.substr(line + column, 7) == "default");
}

TEST_CASE("a check of settings with which a node would not start shows them, says why, and calls them not valid") {
  const std::string report = check_report(load({}), Error{ErrorCode::config_refused, "too open"});
  CHECK(contains(report, "DMP_DB_PATH"));
  CHECK(report.ends_with("\nerror: too open\nconfiguration is not valid\n"));
}

TEST_CASE("a check of a bad configuration gives every fault and the verdict") {
  const std::string report = check_report(load({{"DMP_HTTP_PORT", "x"}, {"DMP_DNS_PORT", "y"}}));
  CHECK(report ==
        "error: environment: DMP_DNS_PORT: \"y\" is not accepted; give a whole number from 0 to 65535\n"
        "error: environment: DMP_HTTP_PORT: \"x\" is not accepted; give a whole number from 0 to 65535\n"
        "configuration is not valid\n");
}
