// SPDX-License-Identifier: Apache-2.0
// The OpenAPI document and the running routes say the same, in both directions.
#include "http/openapi.hpp"

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>
#include <set>
#include <string>

#include "base/hex.hpp"
#include "base/json.hpp"
#include "base/utf8.hpp"
#include "net/raw_client.hpp"
#include "net/test_node.hpp"

using namespace dnsmesh;
using Json = nlohmann::ordered_json;

namespace {

constexpr std::string_view k_peer = "Authorization: Bearer sync-token-of-16\r\n";

Json document() {
  constexpr int k_depth_max = 32;
  auto parsed = parse_json(http::openapi_document(), k_depth_max);
  REQUIRE(parsed.has_value());
  return std::move(*parsed);
}

std::string upper(std::string text) {
  for (char& c : text) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  return text;
}

std::string target_of(std::string path) {
  const std::size_t at = path.find("{name}");
  return at == std::string::npos ? path : path.replace(at, 6, "a.example.com");
}

/// The first example of a request's body; octets are written in hex.
std::string example_body(const Json& operation) {
  if (!operation.contains("requestBody")) return "";
  const auto content = operation["requestBody"]["content"].items().begin();
  const Json& example = content.value()["examples"].front()["value"];
  return content.key() == "application/json" ? write_json(example) : from_hex(example.get<std::string>()).value();
}

void check_references(const Json& root, const Json& value) {
  if (value.is_object() && value.contains("$ref")) {
    const auto pointer = value["$ref"].get<std::string>();
    CAPTURE(pointer);
    CHECK(root.contains(Json::json_pointer(pointer.substr(1))));
  }
  if (value.is_structured()) {
    for (const Json& member : value) check_references(root, member);
  }
}

}  // namespace

TEST_CASE("every operation of the OpenAPI document is answered by the node, with a status that it lists") {
  const test::TestNode node;
  const Json root = document();
  for (const auto& [path, operations] : root["paths"].items()) {
    for (const auto& [method, operation] : operations.items()) {
      CAPTURE(path);
      CAPTURE(method);
      test::ask(node.port(), "POST", "/v1/records/a.example.com", R"({"value": "v=dmp1;t=identity"})");
      const auto answer = test::ask(node.port(), upper(method), target_of(path), example_body(operation),
                                    path.starts_with("/v1/sync/") ? k_peer : "");
      CHECK(answer.status != 404);
      CHECK(answer.status != 501);
      const std::string status = std::to_string(answer.status);
      REQUIRE(operation["responses"].contains(status));
      const bool described = operation["responses"][status].contains("content");
      CHECK(described == !answer.body.empty());
      if (described) CHECK(operation["responses"][status]["content"].begin().key() == answer.header("Content-Type"));
      CHECK(operation["responses"].contains("default"));
    }
  }
}

TEST_CASE("every route of the node is in the OpenAPI document, a GET also as a HEAD") {
  test::TestNode node;
  const Json paths = document()["paths"];
  std::set<std::string> described;
  for (const auto& [path, operations] : paths.items()) {
    for (const auto& [method, operation] : operations.items()) described.insert(method + " " + path);
  }
  std::set<std::string> served;
  for (const http::Route& route : node.routes()) {
    served.insert(fold_ascii(route.method) + " " + std::string(route.path));
    if (route.method == "GET") served.insert("head " + std::string(route.path));
  }
  CHECK(served == described);
}

TEST_CASE("the OpenAPI document is whole: references resolve, bodies have schemas and examples, ids are unique") {
  const Json root = document();
  CHECK(root["openapi"] == "3.1.0");
  CHECK(root["info"]["version"] == DNSMESH_VERSION);
  check_references(root, root);
  std::set<std::string> ids;
  for (const Json& operations : root["paths"]) {
    for (const Json& operation : operations) {
      CHECK(ids.insert(operation["operationId"].get<std::string>()).second);
      CHECK_FALSE(operation["summary"].get<std::string>().empty());
      for (const Json& response : operation["responses"]) {
        if (!response.contains("content")) continue;
        CHECK(response["content"].size() == 1);
        CHECK(response["content"].front().contains("schema"));
        CHECK_FALSE(response["content"].front()["examples"].empty());
      }
    }
  }
}

TEST_CASE("the document is served as it is in the repository") {
  const test::TestNode node;
  const auto answer = test::ask(node.port(), "GET", "/v1/openapi.json");
  CHECK(answer.status == 200);
  CHECK(answer.header("Content-Type") == "application/json");
  CHECK(answer.body == http::openapi_document());
  CHECK(test::ask(node.port(), "GET", "/v1/openapi.json?x").status == 404);
  CHECK(test::ask(node.port(), "GET", "/v1/openapiXjson").status == 404);
}
