// SPDX-License-Identifier: Apache-2.0
#include "base/json.hpp"

#include <doctest/doctest.h>

#include <limits>
#include <nlohmann/json.hpp>
#include <string>

#include "base/limits.hpp"

using namespace dnsmesh;

TEST_CASE("JSON is written with the spacing and the escapes of the existing nodes") {
  CHECK(write_json({{"status", "ok"}}) == R"({"status": "ok"})");
  CHECK(write_json({{"values", {"a", "\u00e9"}}, {"n", 18446744073709551615U}}) ==
        R"({"values": ["a", "\u00e9"], "n": 18446744073709551615})");
  CHECK(json_quote("\xF0\x9F\x98\x80\x01\"\\\n") == R"("\ud83d\ude00\u0001\"\\\n")");
}

TEST_CASE("nesting beyond the bound stops the parse, at the bound it is accepted") {
  CHECK(parse_json("[[1]]", 2).has_value());
  const auto refused = parse_json("[[[1]]]", 2);
  REQUIRE_FALSE(refused.has_value());
  CHECK(refused.error().code == ErrorCode::json_depth);
  CHECK(parse_json(std::string(10000, '['), 8).error().code == ErrorCode::json_depth);
}

TEST_CASE("what is not strict JSON is refused") {
  for (const std::string text : {"", "{", "{nope", "NaN", "[Infinity]", "\xEF\xBB\xBF{}", "{\"a\": \"\xFF\"}", "1 2",
                                 "'a'", R"(["\ud800"])", "1e999"}) {
    CAPTURE(text);
    const auto result = parse_json(text, 8);
    REQUIRE_FALSE(result.has_value());
    CHECK(result.error().code == ErrorCode::json_syntax);
  }
}

TEST_CASE("of duplicate keys the last wins and 64-bit integers are exact") {
  const auto value = parse_json(R"({"a": 1, "b": 18446744073709551615, "a": {"c": [true, null]}})", 8);
  REQUIRE(value.has_value());
  CHECK(write_json(*value) == R"({"a": {"c": [true, null]}, "b": 18446744073709551615})");
}

TEST_CASE("an integer beyond 64 bits comes as a float, one beyond a double is refused") {
  const auto value = parse_json("[18446744073709551615, 18446744073709551616, -9223372036854775809]", 8);
  REQUIRE(value.has_value());
  CHECK((*value)[0].is_number_unsigned());
  CHECK((*value)[1] == std::numeric_limits<double>::infinity());
  CHECK((*value)[2] == -std::numeric_limits<double>::infinity());
  CHECK(parse_json("[1e30]", 8).value()[0] == 1e30);
  CHECK(parse_json(std::string(310, '9'), 8).error().code == ErrorCode::json_syntax);
}

TEST_CASE("an object may have as many members as the bound, duplicates counted, and not one more") {
  const auto object_of = [](std::size_t members, bool same_key) {
    std::string text = "{";
    for (std::size_t i = 0; i < members; ++i) {
      text += (i == 0 ? "\"k" : ", \"k") + (same_key ? std::string() : std::to_string(i)) + "\": 1";
    }
    return text + "}";
  };
  for (const bool same_key : {false, true}) {
    CAPTURE(same_key);
    CHECK(parse_json(object_of(limits::json_members_max, same_key), 8).has_value());
    const auto refused = parse_json("[" + object_of(limits::json_members_max + 1, same_key) + "]", 8);
    REQUIRE_FALSE(refused.has_value());
    CHECK(refused.error().code == ErrorCode::json_members);
    CHECK(error_name(refused.error().code) == "json-members");
  }
  const std::string full = object_of(limits::json_members_max, false);
  CHECK(parse_json("[" + full + ", " + full + "]", 8).has_value());
}

TEST_CASE("after a bound stopped the reading, what came before is there, and nothing of what was not finished") {
  nlohmann::ordered_json before;
  CHECK_FALSE(parse_json(R"({"id": {"a": 7}, "x": [[[1]]], "y": 2})", 3, &before).has_value());
  CHECK(write_json(before) == R"({"id": {"a": 7}, "x": null})");
  CHECK_FALSE(parse_json(R"({"x": 1, "id": [[[1]]]})", 3, &before).has_value());
  CHECK(write_json(before) == R"({"x": 1, "id": null})");
  before = 5;
  CHECK_FALSE(parse_json(R"({"id": 1, nope})", 3, &before).has_value());
  CHECK(parse_json(R"({"id": 1})", 3, &before).has_value());
  CHECK(before == 5);
}

TEST_CASE("a string with an unpaired surrogate becomes null and the rest of the text stays") {
  const auto usable = [](std::string_view text) { return null_for_unpaired_surrogates(text); };
  CHECK(usable(R"({"a": "x\ud800", "b": "\\ud800", "c": "\ud83d\ude00\"", "d": "\udc00"})") ==
        R"({"a": null, "b": "\\ud800", "c": "\ud83d\ude00\"", "d": null})");
  CHECK(usable(R"(["\ud800\ud800\udc00", "\ud800\u0041", "\ud80"])") == R"([null, null, "\ud80"])");
  CHECK(usable("") == "");
  CHECK(usable(R"("open \ud800)") == "null");
  CHECK(usable(R"("open \)") == R"("open \)");
}

TEST_CASE("a quoted string is the same whether it stands alone or in a body") {
  std::string out = "x";
  append_json_quoted(out, "plain \"\\\n\x7F\xC3\xA9\xFF end");
  CHECK(out == "x\"plain \\\"\\\\\\n\x7F\\u00e9\\ufffd end\"");
}
