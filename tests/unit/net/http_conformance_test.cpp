// SPDX-License-Identifier: Apache-2.0
// The conformance table (spec/http-api.md 12) over a real socket. The numbers are its rows.
#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "net/raw_client.hpp"
#include "net/test_node.hpp"

using namespace dnsmesh;
using test::ask;
using test::TestNode;

namespace {

constexpr std::string_view k_not_found = R"({"error": "not found"})";
constexpr std::string_view k_ok = R"({"ok": true})";
constexpr std::string_view k_invalid_body = R"({"error": "invalid body"})";
constexpr std::string_view k_invalid_name = R"({"error": "invalid record name"})";
constexpr std::string_view k_invalid_value = R"({"error": "invalid record value"})";
constexpr std::string_view k_required = R"({"error": "value (str) and ttl (int > 0) required"})";

struct Row {
  int number;
  std::string method;
  std::string target;
  std::string body;
  int status;
  std::string_view answer;
};

void check(const TestNode& node, const std::vector<Row>& rows) {
  for (const Row& row : rows) {
    CAPTURE(row.number);
    CAPTURE(row.target);
    CAPTURE(row.body.substr(0, 100));
    const test::RawAnswer answer = ask(node.port(), row.method, row.target, row.body);
    CHECK(answer.status == row.status);
    CHECK(answer.body == row.answer);
    CHECK(answer.header("Content-Type") == (answer.body.empty() ? "-" : "application/json"));
    CHECK(answer.header("Date").ends_with(" GMT"));
  }
}

std::string with_ttl(std::string_view ttl) { return fmt::format(R"({{"value": "t", "ttl": {}}})", ttl); }
std::string with_value(std::string_view value) { return fmt::format(R"({{"value": "{}"}})", value); }

}  // namespace

TEST_CASE("rows 1 to 16: routes, names and the cap on values") {
  const TestNode node;
  const std::string a = "/v1/records/a.example.com";
  check(node,
        {
            {1, "GET", "/health", "", 200, R"({"status": "ok"})"},
            {2, "GET", "/health?x=1", "", 404, k_not_found},
            {2, "GET", "/health/", "", 404, k_not_found},
            {3, "POST", a, R"({"value":"v1","ttl":60})", 201, k_ok},
            {4, "POST", a + "/", R"({"value":"v2"})", 201, k_ok},
            {5, "POST", a + "//", R"({"value":"v2"})", 404, k_not_found},
            {6, "POST", a + "...", R"({"value":"v3"})", 201, k_ok},
            {7, "POST", a, R"({"value":"v4"})", 413, R"({"error": "RRset at a.example.com already holds 3 values"})"},
            {8, "POST", a, R"({"value":"v1"})", 201, k_ok},
            {9, "GET", a, "", 200, R"({"name": "a.example.com", "values": ["v2", "v3", "v1"]})"},
            {10, "GET", "/v1/records/a%2Fb.example.com", "", 404, R"({"name": "a/b.example.com", "values": []})"},
            {11, "GET", "/v1/records/...", "", 404, R"({"name": "", "values": []})"},
            {12, "GET", "/v1/records/", "", 404, k_not_found},
            {13, "POST", "/v1/records/%20sp.example.com%20", R"({"value":"v2"})", 201, k_ok},
            {13, "GET", "/v1/records/sp.example.com", "", 200, R"({"name": "sp.example.com", "values": ["v2"]})"},
            {14, "POST", "/v1/records/foo", R"({"value":"v"})", 201, k_ok},
            {15, "POST", "/v1/records/a_b.example.com", R"({"value":"v"})", 400, k_invalid_name},
            {15, "POST", "/v1/records/a-.example.com", R"({"value":"v"})", 400, k_invalid_name},
            {16, "POST", "/v1/records/_dmp.example.com", R"({"value":"v"})", 201, k_ok},
        });
}

TEST_CASE("rows 17 to 25: the body of a publish") {
  const TestNode node({}, 0);
  const std::string b = "/v1/records/b.example.com";
  std::string full = R"({"value":"v","pad":")";
  full += std::string(16384 - full.size() - 2, 'x') + "\"}";
  check(node,
        {
            {17, "POST", b, "", 400, k_required},
            {17, "POST", b, "{}", 400, k_required},
            {18, "POST", b, "null", 400, k_invalid_body},
            {18, "POST", b, "{", 400, k_invalid_body},
            {18, "POST", b, "\xEF\xBB\xBF{\"value\":\"v\"}", 400, k_invalid_body},
            {19, "POST", b, "[]", 400, k_invalid_body},
            {19, "POST", b, "\"x\"", 400, k_invalid_body},
            {19, "POST", b, "5", 400, k_invalid_body},
            {20, "POST", b, with_ttl("0"), 400, k_required},
            {20, "POST", b, with_ttl("-1"), 400, k_required},
            {20, "POST", b, with_ttl("60.0"), 400, k_required},
            {20, "POST", b, with_ttl("1e2"), 400, k_required},
            {20, "POST", b, with_ttl("\"60\""), 400, k_required},
            {20, "POST", b, with_ttl("null"), 400, k_required},
            {21, "POST", b, with_ttl("86400"), 201, k_ok},
            {21, "POST", b, with_ttl("86401"), 400, R"({"error": "ttl exceeds cap of 86400s"})"},
            {22, "POST", b, with_value(std::string(2048, 'v')), 201, k_ok},
            {22, "POST", b, with_value(std::string(2049, 'v')), 400, R"({"error": "value exceeds cap of 2048 bytes"})"},
            {23, "POST", b, with_value("a\\\"b"), 400, k_invalid_value},
            {23, "POST", b, with_value("a\x7F"), 400, k_invalid_value},
            {23, "POST", b, with_value("a\\n"), 400, k_invalid_value},
            {24, "POST", b, with_value(""), 201, k_ok},
            {24, "POST", b, with_value("\u00e9"), 201, k_ok},
            {24, "POST", b, with_value("\u0080"), 201, k_ok},
            {25, "POST", b, full, 201, k_ok},
            {25, "POST", b, full + " ", 400, k_invalid_body},
        });
}

TEST_CASE("rows 26 to 30, 32 and 33: delete, what is not there, and methods") {
  const TestNode node;
  const std::string a = "/v1/records/a.example.com";
  check(node, {
                  {3, "POST", a, R"({"value":"v1"})", 201, k_ok},
                  {3, "POST", a, R"({"value":"v2"})", 201, k_ok},
                  {26, "DELETE", a, R"({"value":"nope"})", 404, ""},
                  {27, "DELETE", a, R"({"value":"v2"})", 204, ""},
                  {28, "DELETE", a, R"({"value":5})", 400, k_invalid_value},
                  {29, "DELETE", a, "{nope", 400, k_invalid_body},
                  {29, "GET", a, "", 200, R"({"name": "a.example.com", "values": ["v1"]})"},
                  {30, "DELETE", "/v1/records/absent.example.com", "", 404, ""},
                  {32, "GET", "/v1/registration/challenge", "", 404, k_not_found},
                  {32, "POST", "/v1/registration/confirm", "", 404, k_not_found},
                  {33, "PUT", a, "", 501, R"({"error": "method not supported"})"},
              });
}

TEST_CASE("row 34: in open mode with an operator token everybody writes and only the operator reads") {
  access::Policy policy;
  policy.operator_token = "secret";
  const TestNode node(policy);
  check(node, {
                  {34, "POST", "/v1/records/x.y", R"({"value":"v"})", 201, k_ok},
                  {34, "GET", "/v1/records/x.y", "", 401, R"({"error": "unauthorized"})"},
              });
  CHECK(ask(node.port(), "GET", "/v1/records/x.y", "", "Authorization: Bearer secret\r\n").status == 200);
}

TEST_CASE("row 35: in legacy mode without a token everybody reads and nobody writes") {
  access::Policy policy;
  policy.mode = access::AuthMode::legacy;
  const TestNode node(policy);
  check(node, {
                  {35, "POST", "/v1/records/x.y", R"({"value":"v"})", 401, R"({"error": "unauthorized"})"},
                  {35, "GET", "/v1/records/x.y", "", 404, R"({"name": "x.y", "values": []})"},
              });
  CHECK(ask(node.port(), "GET", "/metrics").status == 200);
}

TEST_CASE("rows 31 and 37: a node without peers has no synchronisation routes") {
  const TestNode node;
  check(node, {
                  {31, "GET", "/v1/sync/digest", "", 404, k_not_found},
                  {37, "POST", "/v1/sync/pull", "", 404, k_not_found},
              });
}

TEST_CASE("row 36: the rate limit comes before authorisation, row 37: health is not limited") {
  access::Policy policy;
  policy.mode = access::AuthMode::legacy;
  policy.operator_token = "secret";
  policy.rate = {0.01, 2};
  const TestNode node(policy);
  check(node, {
                  {36, "GET", "/v1/records/x.y", "", 401, R"({"error": "unauthorized"})"},
                  {36, "GET", "/v1/records/x.y", "", 401, R"({"error": "unauthorized"})"},
                  {36, "GET", "/v1/records/x.y", "", 429, R"({"error": "rate limit exceeded"})"},
                  {37, "GET", "/health", "", 200, R"({"status": "ok"})"},
              });
}
