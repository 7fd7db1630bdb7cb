// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>
#include <stdlib.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <string>
#include <vector>

#include "dnsmesh-admin/arguments.hpp"
#include "dnsmesh-admin/cluster_status.hpp"

using namespace dnsmesh;
using namespace dnsmesh::admin_tool;

namespace {

constexpr std::int64_t k_now_s = 1800000000;

using Variables = std::map<std::string, std::string>;

std::expected<Arguments, CommandEnd> parse(std::vector<const char*> arguments, const Variables& variables = {}) {
  arguments.insert(arguments.begin(), "dnsmesh-admin");
  return parse_arguments(arguments, [&](const char* name) {
    const auto found = variables.find(name);
    return found == variables.end() ? std::nullopt : std::optional(found->second);
  });
}

/// A file with this content, gone with the object.
struct TestFile {
  explicit TestFile(std::string_view content) {
    std::string name = (std::filesystem::temp_directory_path() / "dnsmesh-admin-XXXXXX").string();
    const int descriptor = ::mkstemp(name.data());
    REQUIRE(descriptor >= 0);
    ::close(descriptor);
    path = name;
    std::ofstream(path) << content;
  }
  ~TestFile() { std::filesystem::remove(path); }
  std::string path;
};

std::string answer(std::string_view peers, std::string_view manifest = R"({"applied_seq": 7, "best_seq": 7,
    "exp": 1830000000, "conflict": false, "lists_this_node": true})") {
  return R"({"node_id": "node-a", "cluster": "mesh.test", "complete": true, "manifest": )" + std::string(manifest) +
         R"(, "peers": [)" + std::string(peers) + "]}";
}

const std::string k_current = R"({"node_id": "node-b", "endpoint": "http://b:8053", "state": "current",
    "mode": "extended", "lag_seconds": 0.0, "backlog": 0, "last_success": 1799999998, "clock_offset_seconds": -0.25,
    "quarantine": {"unverifiable": 2, "missing": 1}, "last_error": null, "last_error_at": null})";
const std::string k_unreachable = R"({"node_id": "node-c", "endpoint": null, "state": "unreachable",
    "mode": "unknown", "last_error": "connect: \u001b[31mrefused", "last_error_at": 1799999400})";

}  // namespace

TEST_CASE("a status is a heading, a line a peer in columns, and what needs more room") {
  const auto status = read_cluster_status(answer(k_current + "," + k_unreachable), k_now_s);
  REQUIRE(status.has_value());
  CHECK(status->table ==
        "node     node-a\n"
        "cluster  mesh.test\n"
        "manifest 7, in force until 2027-12-28 13:20:00 UTC\n"
        "\n"
        "PEER    STATE        MODE      BACKLOG  LAG    CLOCK   LAST SUCCESS  QUARANTINE\n"
        "node-b  current      extended  0        0.0 s  -0.2 s  2 s ago       3\n"
        "node-c  unreachable  unknown   -        -      -       -             -\n"
        "\n"
        "node-b: http://b:8053\n"
        "node-c: last error 10 min ago: connect: \\x1b[31mrefused\n");
  CHECK_FALSE(status->all_current);
  CHECK(status->complete);
}

TEST_CASE("all is well when every peer is current, and when there is none") {
  CHECK(read_cluster_status(answer(k_current), k_now_s)->all_current);
  const auto alone = read_cluster_status(answer(""), k_now_s);
  CHECK(alone->all_current);
  CHECK(alone->table.ends_with("\nno peers\n"));
}

TEST_CASE("what is unusual about the manifest is said") {
  const auto table = [](std::string_view manifest) {
    return read_cluster_status(answer("", manifest), k_now_s)->table;
  };
  CHECK(table(R"({"applied_seq": null})").contains("manifest none applied\n"));
  const std::string unusual = table(
      R"({"applied_seq": 7, "best_seq": 18446744073709551615, "exp": 99999999999999, "conflict": true,
          "lists_this_node": false})");
  CHECK(
      unusual.contains("manifest 7, in force until 9999-12-31 23:59:59 UTC, best known 18446744073709551615, "
                       "CONFLICT"));
  CHECK(unusual.contains("this node is not in it\n"));
}

TEST_CASE("what is no answer of a node is an error, whatever it is") {
  for (const std::string_view body : {"", "<html>", "[]", "{}", R"({"manifest": {}, "peers": 5})",
                                      R"({"manifest": {}, "peers": [5]})", R"({"manifest": 5, "peers": []})"}) {
    CAPTURE(body);
    CHECK_FALSE(read_cluster_status(body, k_now_s).has_value());
  }
  // Members of the wrong type are shown as unknown.
  const auto odd = read_cluster_status(
      answer(R"({"node_id": 5, "state": null, "lag_seconds": "x", "backlog": 1.5, "last_success": -9223372036854775808,
                 "quarantine": {"a": -1}})"),
      k_now_s);
  REQUIRE(odd.has_value());
  CHECK_FALSE(odd->all_current);
}

TEST_CASE("the node of this machine is asked when none is named") {
  CHECK(parse({"cluster", "status"})->url == "http://127.0.0.1:8053");
  CHECK(parse({"cluster", "status"}, {{"DMP_HTTP_PORT", "80"}})->url == "http://127.0.0.1:80");
  CHECK(parse({"cluster", "status", "--url", "https://a.test/x//"})->url == "https://a.test/x");
  CHECK(parse({"cluster", "status", "--json"})->json);
  CHECK(parse({"cluster", "status", "--ca-file", "/x"})->ca_file == "/x");
}

TEST_CASE("the token comes from a file or the environment, the operator's first") {
  const TestFile file("from-the-file\nsecond line\n");
  CHECK(parse({"cluster", "status"})->token.empty());
  CHECK(parse({"cluster", "status"}, {{"DMP_SYNC_PEER_TOKEN", "peers"}})->token == "peers");
  CHECK(parse({"cluster", "status"}, {{"DMP_SYNC_PEER_TOKEN", "peers"}, {"DMP_HTTP_TOKEN", "old"}})->token == "old");
  CHECK(parse({"cluster", "status"}, {{"DMP_OPERATOR_TOKEN", ""}, {"DMP_OPERATOR_TOKEN_FILE", file.path}})->token ==
        "from-the-file");
  CHECK(parse({"cluster", "status", "--token-file", file.path.c_str()}, {{"DMP_OPERATOR_TOKEN", "operator"}})->token ==
        "from-the-file");
}

TEST_CASE("a wrong command line and a token file without a token end with status 2 and one line") {
  const TestFile empty("");
  const TestFile control("a\x01b\n");
  const TestFile too_long(std::string(5000, 'x'));
  for (const std::vector<const char*>& arguments :
       std::vector<std::vector<const char*>>{{},
                                             {"cluster"},
                                             {"cluster", "stop"},
                                             {"cluster", "status", "--token", "x"},
                                             {"cluster", "status", "extra"},
                                             {"cluster", "status", "--token-file", "/no/such/file"},
                                             {"cluster", "status", "--token-file", empty.path.c_str()},
                                             {"cluster", "status", "--token-file", control.path.c_str()},
                                             {"cluster", "status", "--token-file", too_long.path.c_str()}}) {
    const auto end = parse(arguments);
    REQUIRE_FALSE(end.has_value());
    CHECK(end.error().status == k_exit_usage);
    CHECK(end.error().err.starts_with("dnsmesh-admin: "));
    CHECK(end.error().err.find('\n') == end.error().err.size() - 1);
    CHECK(end.error().out.empty());
  }
}

TEST_CASE("help and version are printed and end well") {
  for (const char* flag : {"--help", "--version"}) {
    const auto end = parse({flag});
    REQUIRE_FALSE(end.has_value());
    CHECK(end.error().status == 0);
    CHECK(end.error().out.contains("dnsmesh-admin"));
  }
}
