// SPDX-License-Identifier: Apache-2.0
// Pull, get and the manifest: what carries values.
#include <doctest/doctest.h>

#include <limits>
#include <string>
#include <vector>

#include "sync/wire_server.hpp"

using namespace dnsmesh;

namespace {

store::Record row(std::string name, std::string value, std::int64_t expires_s) {
  store::Record out;
  out.value_hash = crypto::sha256(value);
  out.name = std::move(name);
  out.value = std::move(value);
  out.expires_s = expires_s;
  return out;
}

std::string refusal(const std::string& body) {
  const auto names = sync::parse_pull_request(body);
  return names ? "" : names.error().text;
}

}  // namespace

TEST_CASE("a pull answer is written as existing nodes write it and read back") {
  const std::vector<store::Record> records = {row("a.test", "v \"\xC3\xA9\"", 130), row("a.test", "w", 90)};
  const std::string body = sync::write_pull_answer(records, 100);
  CHECK(body == R"({"records": [{"name": "a.test", "value": "v \"\u00e9\"", "ttl": 30}, )"
                R"({"name": "a.test", "value": "w", "ttl": 1}]})");
  CHECK(sync::write_pull_answer({}, 100) == R"({"records": []})");
  const auto read = sync::parse_pull_answer(body);
  REQUIRE(read.has_value());
  REQUIRE(read->records.size() == 2);
  CHECK(read->records[0].value == "v \"\xC3\xA9\"");
  CHECK(read->records[0].ttl_ms == 30000);
}

TEST_CASE("elements of a pull answer without string name, string value and whole ttl above zero are counted") {
  for (const std::string bad :
       {R"({"name": "a", "value": "v", "ttl": 0})", R"({"name": "a", "value": "v", "ttl": -1})",
        R"({"name": "a", "value": "v", "ttl": true})", R"({"name": "a", "value": "v", "ttl": 1.0})",
        R"({"name": "a", "value": "v", "ttl": "1"})", R"({"name": "a", "value": "v"})", R"({"name": 5, "value": "v"})",
        R"({"name": "a", "value": null, "ttl": 1})", R"({"name": "a", "value": "\udfff", "ttl": 1})", "[]", "1"}) {
    CAPTURE(bad);
    const auto read =
        sync::parse_pull_answer(R"({"records": [)" + bad + R"(, {"name": "", "value": "\u0000", "ttl": 1}]})");
    REQUIRE(read.has_value());
    CHECK(read->malformed == 1);
    REQUIRE(read->records.size() == 1);
    CHECK(read->records[0].value == std::string(1, '\0'));
  }
}

TEST_CASE("a ttl that no clock reaches is taken and saturates") {
  const auto ttl_ms = [](const std::string& ttl) {
    return sync::parse_pull_answer(R"({"records": [{"name": "a", "value": "v", "ttl": )" + ttl + "}]}")
        ->records.at(0)
        .ttl_ms;
  };
  CHECK(ttl_ms("1000000000000000000") == std::numeric_limits<std::int64_t>::max());
  CHECK(ttl_ms("18446744073709551615") == std::numeric_limits<std::int64_t>::max());
  CHECK(ttl_ms("9223372036854775") == 9223372036854775000);
}

TEST_CASE("a pull request says what is wrong with it, in the words of existing nodes") {
  CHECK(refusal("") == "names must be a list");
  CHECK(refusal("{") == "invalid body");
  CHECK(refusal("\xFF") == "invalid body");
  CHECK(refusal("[]") == "names must be a list");
  CHECK(refusal("5") == "names must be a list");
  CHECK(refusal("{}") == "names must be a list");
  CHECK(refusal(R"({"names": "a"})") == "names must be a list");
  CHECK(refusal(R"({"names": {}})") == "names must be a list");
  CHECK(refusal(R"({"names": ["a", 5]})") == "names must be strings");
  CHECK(refusal(R"({"names": ["a", "\ud800"]})") == "names must be strings");
  std::vector<std::string> names(256, "a");
  CHECK(refusal(sync::write_pull_request(names)) == "");
  names.emplace_back("b");
  CHECK(refusal(sync::write_pull_request(names)) == "at most 256 names per request");
}

TEST_CASE("names of a pull are trimmed, lose dots at their end, and count once") {
  const auto names = sync::parse_pull_request(R"({"names": [" a.test. ", "a.test", "A.test..", "", ".", "b "]})");
  REQUIRE(names.has_value());
  CHECK(*names == std::vector<std::string>{"a.test", "A.test", "", "b"});
}

TEST_CASE("the length of a pull request is known from its names") {
  const std::vector<std::string> names = {"a.test", "b\".test", "\xC3\xA9"};
  std::size_t bytes = sync::write_pull_request({}).size();
  for (const std::string& name : names) bytes += sync::pull_request_bytes_of(name);
  CHECK(sync::write_pull_request(names) == R"({"names": ["a.test", "b\".test", "\u00e9"]})");
  CHECK(sync::write_pull_request(names).size() + 2 == bytes);
}

TEST_CASE("get requests are written and read, by pair and by id") {
  const std::vector<sync::PairKey> want = {{"a.test", crypto::sha256("v")}, {"\xC3\xA9", crypto::sha256("w")}};
  const auto by_pair = sync::parse_get_request(sync::write_get_request(want));
  REQUIRE(by_pair.has_value());
  CHECK(by_pair->want == want);
  CHECK(by_pair->size() == 2);
  const std::vector<crypto::Hash256> ids = {crypto::sha256("1"), crypto::sha256("2")};
  CHECK(sync::parse_get_request(sync::write_get_request_by_id(ids))->ids == ids);
  CHECK(sync::parse_get_request(R"({"want": []})")->size() == 0);
}

TEST_CASE("a get request that is not what it should be is refused") {
  const std::string hash(64, 'a');
  for (const std::string& body : std::vector<std::string>{
           std::string(), std::string("[]"), std::string("{}"), R"({"want": {}})", R"({"want": ["a"]})",
           R"({"want": [["a"]]})", R"({"want": [["a", "short"]]})", R"({"want": [["a", ")" + hash + R"(", 1]]})",
           R"({"want": [[1, ")" + hash + R"("]]})", R"({"want": [["\ud800", ")" + hash + R"("]]})", R"({"ids": ["x"]})",
           R"({"ids": [5]})", R"({"ids": [], "want": []})"}) {
    CAPTURE(body);
    REQUIRE_FALSE(sync::parse_get_request(body).has_value());
    CHECK(sync::parse_get_request(body).error().code == ErrorCode::sync_malformed);
  }
  std::vector<crypto::Hash256> ids(1024);
  CHECK(sync::parse_get_request(sync::write_get_request_by_id(ids)).has_value());
  ids.emplace_back();
  CHECK_FALSE(sync::parse_get_request(sync::write_get_request_by_id(ids)).has_value());
}

TEST_CASE("a get answer has the rows that are there and how far it came") {
  const store::Record a = row("a.test", "v", 130);
  const store::Record b = row("b.test", "w", 99);
  const std::vector<const store::Record*> rows = {&a, nullptr, &b, nullptr};
  const std::string body = sync::write_get_answer(rows, 100500, 1000);
  CHECK(body == R"({"r": [["a.test", "v", 29500], ["b.test", "w", 1]], "done": 4})");
  const auto read = sync::parse_get_answer(body, 4);
  REQUIRE(read.has_value());
  CHECK(read->done == 4);
  REQUIRE(read->records.size() == 2);
  CHECK(read->records[0].ttl_ms == 29500);
}

TEST_CASE("a get answer that grows too long ends early, but never before its first row") {
  const store::Record big = row("a.test", std::string(1000, 'x'), 130);
  const std::vector<const store::Record*> rows = {nullptr, &big, nullptr, &big, &big};
  const auto three = sync::parse_get_answer(sync::write_get_answer(rows, 0, 4000), 5);
  CHECK(three->done == 5);
  const std::string two = sync::write_get_answer(rows, 0, 2200);
  CHECK(two.size() <= 2200);
  CHECK(sync::parse_get_answer(two, 5)->done == 4);
  CHECK(sync::parse_get_answer(two, 5)->records.size() == 2);
  CHECK(sync::parse_get_answer(sync::write_get_answer(rows, 0, 10), 5)->done == 3);
}

TEST_CASE("a get answer that is not what it should be is refused") {
  for (const std::string body : {"", "[]", "{}", R"({"r": []})", R"({"r": [], "done": 0})", R"({"r": [], "done": 3})",
                                 R"({"r": [], "done": true})", R"({"done": 1})", R"({"r": [1, 2, 3], "done": 1})"}) {
    CAPTURE(body);
    CHECK_FALSE(sync::parse_get_answer(body, 2).has_value());
  }
  const auto read = sync::parse_get_answer(R"({"r": [["a", "v", 0], ["a", "v", 5, "more"]], "done": 2})", 2);
  REQUIRE(read.has_value());
  CHECK(read->malformed == 1);
  CHECK(read->records.size() == 1);
}

TEST_CASE("a manifest answer is written with exact numbers, and its wire read") {
  const std::string body =
      sync::write_manifest_answer({"v=dmp1;t=cluster;AA==", 18446744073709551615U, 1900000000, "mesh.example.com"});
  CHECK(body == R"({"wire": "v=dmp1;t=cluster;AA==", "seq": 18446744073709551615, "exp": 1900000000, )"
                R"("cluster_name": "mesh.example.com"})");
  CHECK(sync::parse_manifest_answer(body).value() == "v=dmp1;t=cluster;AA==");
  for (const std::string bad : {"", "{", "[]", "{}", R"({"wire": 5})", R"({"wire": ""})", R"({"wire": "\ud800"})"}) {
    CAPTURE(bad);
    CHECK_FALSE(sync::parse_manifest_answer(bad).has_value());
  }
}
