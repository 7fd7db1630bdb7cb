// SPDX-License-Identifier: Apache-2.0
#include "http/record_body.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

using namespace dnsmesh;

namespace {

http::Request with_body(std::string body) {
  http::Request request;
  request.body = std::move(body);
  return request;
}

/// What publish says to a body at a good name: the answer's body, or nothing when it is accepted.
std::string publish_error(std::string body, std::string_view name = "a.example", http::PublishLimits caps = {}) {
  const auto read = http::read_publish(name, with_body(std::move(body)), caps);
  if (read) return {};
  CHECK(read.error().status == 400);
  return read.error().body;
}

constexpr std::string_view k_invalid_body = R"({"error": "invalid body"})";
constexpr std::string_view k_invalid_name = R"({"error": "invalid record name"})";
constexpr std::string_view k_invalid_value = R"({"error": "invalid record value"})";
constexpr std::string_view k_required = R"({"error": "value (str) and ttl (int > 0) required"})";
constexpr std::string_view k_ttl = R"({"error": "ttl exceeds cap of 86400s"})";

}  // namespace

TEST_CASE("a publish gives value and life, the default life is 300 seconds, other keys do not matter") {
  const auto read = http::read_publish("a", with_body(R"({"value": "v\u00e9", "ttl": 60, "x": [{}], "ttl": 61})"), {});
  REQUIRE(read.has_value());
  CHECK(read->value == "v\u00e9");
  CHECK(read->ttl_s == 61);
  CHECK(http::read_publish("a", with_body(R"({"value": ""})"), {})->ttl_s == 300);
}

TEST_CASE("bodies that are no JSON object are invalid, an absent one is an empty object") {
  for (const std::string& body : std::vector<std::string>{"null",
                                                          "[]",
                                                          "\"x\"",
                                                          "5",
                                                          "true",
                                                          "{",
                                                          "{nope",
                                                          " ",
                                                          "{} {}",
                                                          "\xEF\xBB\xBF{}",
                                                          "{\"value\": \"\xFF\"}",
                                                          R"({"value": "v", "x": NaN})",
                                                          R"({"value": "v", "x": Infinity})",
                                                          "{'value': 'v'}",
                                                          R"({"value": "v",})",
                                                          R"({"value": "\u12"})",
                                                          R"({"value": "\ud800", nope)",
                                                          R"({"value": "v", "ttl": )" + std::string(4301, '9') + "}",
                                                          std::string(10000, '['),
                                                          std::string(16384, '{')}) {
    CAPTURE(body.substr(0, 80));
    CHECK(publish_error(body) == k_invalid_body);
  }
  CHECK(publish_error("") == k_required);
  http::Request too_large;
  too_large.body_too_large = true;
  CHECK(http::read_publish("a", too_large, {}).error().body == k_invalid_body);
}

TEST_CASE("a deep body is refused without recursion, one within the bound is read") {
  const auto nested = [](int depth) {
    const auto size = static_cast<std::size_t>(depth);
    return R"({"value": "v", "x": )" + std::string(size, '[') + std::string(size, ']') + "}";
  };
  CHECK(publish_error(nested(limits::json_depth_max - 1)).empty());
  CHECK(publish_error(nested(limits::json_depth_max)) == k_invalid_body);
  CHECK(publish_error(nested(5000)) == k_invalid_body);
}

TEST_CASE("the value must be a string and the ttl a whole number above zero") {
  for (const std::string body :
       {"{}", R"({"ttl": 60})", R"({"value": 5})", R"({"value": null})", R"({"value": ["v"]})"}) {
    CHECK(publish_error(body) == k_required);
  }
  for (const std::string ttl : {"0", "-1", "60.0", "1e2", "1e30", "1E300", "99999999999999999999.0", "\"60\"", "null",
                                "true", "false", "[]", "-99999999999999999999", "0.5", "-0"}) {
    CAPTURE(ttl);
    CHECK(publish_error(R"({"value": "v", "ttl": )" + ttl + "}") == k_required);
  }
}

TEST_CASE("the caps hold at the bound and refuse just above it, whatever the size of the number") {
  const auto ttl = [](std::string_view text) { return R"({"value": "v", "ttl": )" + std::string(text) + "}"; };
  CHECK(publish_error(ttl("1")).empty());
  CHECK(publish_error(ttl("86400")).empty());
  for (const std::string text : {"86401", "9223372036854775808", "18446744073709551615", "18446744073709551616",
                                 "100000000000000000000000000000000000"}) {
    CAPTURE(text);
    CHECK(publish_error(ttl(text)) == k_ttl);
  }
  const auto value = [](std::size_t size) { return R"({"value": ")" + std::string(size, 'v') + "\"}"; };
  CHECK(publish_error(value(2048)).empty());
  CHECK(publish_error(value(2049)) == R"({"error": "value exceeds cap of 2048 bytes"})");
  // Bytes of UTF-8 count, not characters nor escapes.
  std::string euros;
  for (int i = 0; i < 682; ++i) euros += "\\u20ac";
  CHECK(publish_error(R"({"value": "ab)" + euros + "\"}").empty());
  CHECK(publish_error(R"({"value": "abc)" + euros + "\"}").contains("exceeds cap"));
  CHECK(publish_error(R"({"value": ""})", "a", {0, 10, 0}) == R"({"error": "ttl exceeds cap of 0s"})");
  CHECK(publish_error(R"({"value": "v"})", "a", {300, 0, 0}) == R"({"error": "value exceeds cap of 0 bytes"})");
}

TEST_CASE("a value has no quotation marks and no control characters, everything else it may have") {
  for (const std::string value : {R"(\")", R"(\u0022)", R"(\n)", R"(\u0000)", R"(\u001f)", "\x7F", R"(\u007f)"}) {
    CAPTURE(value);
    CHECK(publish_error(R"({"value": "a)" + value + "b\"}") == k_invalid_value);
  }
  for (const std::string value :
       {"", " ", R"(\\)", R"(\/)", "\u00e9", "\u0080", R"(\u009f)", R"(\ud83d\ude00)", "\U0001F600", R"(\\ud800)"}) {
    CAPTURE(value);
    CHECK(publish_error(R"({"value": ")" + value + "\"}").empty());
  }
}

TEST_CASE("an unpaired surrogate is a fault of the value, in its turn, and of no other key") {
  for (const std::string value : {R"(\ud800)", R"(\uD800)", R"(\udc00)", R"(\udfff\ud800)", R"(\ud800x)",
                                  R"(\ud800\u0041)", R"(\ud83d\ud83d\ude00)", R"(\\\ud800)"}) {
    CAPTURE(value);
    CHECK(publish_error(R"({"value": ")" + value + "\"}") == k_invalid_value);
    CHECK(http::read_delete("a", with_body(R"({"value": ")" + value + "\"}")).error().body == k_invalid_value);
    CHECK(publish_error(R"({"value": "v", "x": ")" + value + "\"}").empty());
  }
  CHECK(publish_error(R"({"value": "\ud800", "ttl": 0})") == k_required);
  CHECK(publish_error(R"({"value": "\ud800"})", "a..b") == k_invalid_name);
}

TEST_CASE("the first check that fails answers") {
  const std::string big(2049, 'v');
  CHECK(publish_error(R"({"value": ")" + big + R"(\n", "ttl": 0})", "a..b") == k_required);
  CHECK(publish_error(R"({"value": ")" + big + R"(\n", "ttl": 86401})", "a..b") == k_ttl);
  CHECK(publish_error(R"({"value": ")" + big + R"(\n"})", "a..b").contains("exceeds cap"));
  CHECK(publish_error(R"({"value": "\n"})", "a..b") == k_invalid_name);
  CHECK(publish_error(R"({"value": "\n"})") == k_invalid_value);
}

TEST_CASE("a delete names one value, or all by an absent body, an empty object or null") {
  const auto one = http::read_delete("a", with_body(R"({"value": "v"})"));
  REQUIRE(one.has_value());
  CHECK(*one == "v");
  CHECK(**http::read_delete("a", with_body(R"({"value": ""})")) == "");
  for (const std::string body : {"", "{}", R"({"value": null})", R"({"other": 1})"}) {
    const auto all = http::read_delete("a", with_body(body));
    REQUIRE(all.has_value());
    CHECK_FALSE(all->has_value());
  }
}

TEST_CASE("a delete with a body that cannot be read never means all values") {
  for (const std::string& body : std::vector<std::string>{"null", "[]", "5", "\"v\"", "{nope", "{\"value\": \"v\"", " ",
                                                          "\xFF", std::string(10000, '[')}) {
    CAPTURE(body.substr(0, 80));
    const auto read = http::read_delete("a", with_body(body));
    REQUIRE_FALSE(read.has_value());
    CHECK(read.error().status == 400);
    CHECK(read.error().body == k_invalid_body);
  }
  http::Request too_large;
  too_large.body_too_large = true;
  CHECK(http::read_delete("a", too_large).error().body == k_invalid_body);
  for (const std::string value : {"5", "true", "[]", "{}", R"("a\"b")", R"("\n")"}) {
    CHECK(http::read_delete("a", with_body(R"({"value": )" + value + "}")).error().body == k_invalid_value);
  }
  CHECK(http::read_delete("a..b", with_body(R"({"value": 5})")).error().body == k_invalid_name);
  CHECK(http::read_delete("", with_body("{}")).error().body == k_invalid_name);
}
