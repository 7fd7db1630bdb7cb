// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <string>

#include "base/hex.hpp"
#include "sync/wire_server.hpp"

using namespace dnsmesh;
using sync::parse_digest_answer;

namespace {

const std::string k_hash = "4c94485e0c21ae6c41ce1dfe7b6bfaceea5ab68e40a2476f50208e526f506080";

std::string entry(const std::string& name, const std::string& rest = R"("ts": 5, "ttl": 300)") {
  return R"({"name": ")" + name + R"(", "hash": ")" + k_hash + R"(", )" + rest + "}";
}
std::string page(const std::string& entries, const std::string& rest = R"(, "has_more": false, "next_cursor": "0::")") {
  return R"({"records": [)" + entries + "]" + rest + "}";
}
std::string epoch_id() { return "00112233445566778899aabbccddeeff"; }

store::Record row(std::string name, std::string value, std::int64_t stored_ms, std::int64_t expires_s) {
  store::Record out;
  out.value_hash = crypto::sha256(value);
  out.name = std::move(name);
  out.value = std::move(value);
  out.stored_ms = stored_ms;
  out.expires_s = expires_s;
  return out;
}

bool is_malformed(const std::string& body, std::size_t limit = 10) {
  const auto answer = parse_digest_answer(body, limit);
  return !answer && answer.error().code == ErrorCode::sync_malformed;
}

}  // namespace

TEST_CASE("a digest answer is written as existing nodes write it") {
  store::DigestPage written;
  written.records = {row("a.test", "v", 1795341751333, 1795341751 + 300)};
  CHECK(sync::write_digest_answer(written, {}, 1795341751, std::nullopt) ==
        R"({"records": [{"name": "a.test", "hash": ")" + k_hash +
            R"(", "ts": 1795341751333, "ttl": 300}], "has_more": false, "next_cursor": "1795341751333:a.test:)" +
            k_hash + R"("})");
  CHECK(sync::write_digest_answer({}, {99999999999999, "", ""}, 0, std::nullopt) ==
        R"({"records": [], "has_more": false, "next_cursor": "99999999999999::"})");
  CHECK(sync::write_digest_answer({}, {99999999999999, "\xC3\xBF", "g"}, 0, std::nullopt) ==
        R"({"records": [], "has_more": false, "next_cursor": "99999999999999:\u00ff:g"})");
}

TEST_CASE("what was written in a digest is read back, the extension too") {
  store::DigestPage written;
  written.records = {row("a.test", "v", 7, 1000), row("b.test", "w", 8, 900)};
  written.has_more = true;
  sync::Extension extension;
  extension.node = "node \"a\"";
  extension.epoch = {epoch_id(), 3};
  extension.feed = extension.hint = true;
  extension.high = 12;
  extension.count = 2;
  extension.now_ms = 950000;
  extension.manifest_seq = 18446744073709551615U;
  const auto read = parse_digest_answer(sync::write_digest_answer(written, {}, 950, extension), 2);
  REQUIRE(read.has_value());
  REQUIRE(read->entries.size() == 2);
  CHECK(read->entries[0].name == "a.test");
  CHECK(read->entries[0].hash == crypto::sha256("v"));
  CHECK(read->entries[0].ts_ms == 7);
  CHECK(read->entries[0].ttl_s == 50);
  CHECK(read->entries[1].ttl_s == 1);
  CHECK(read->has_more);
  REQUIRE(read->extension.has_value());
  CHECK(read->extension->node == "node \"a\"");
  CHECK(read->extension->epoch == extension.epoch);
  CHECK(read->extension->feed);
  CHECK(read->extension->hint);
  CHECK_FALSE(read->extension->get);
  CHECK_FALSE(read->extension->rbsr);
  CHECK_FALSE(read->extension->gzip);
  CHECK_FALSE(read->extension->tombstones);
  CHECK(read->extension->high == 12);
  CHECK(read->extension->count == 2);
  CHECK(read->extension->now_ms == 950000);
  CHECK(read->extension->manifest_seq == 18446744073709551615U);
}

TEST_CASE("an entry that fails only the character rule is kept for its position") {
  const auto read = parse_digest_answer(page(entry("*.test") + "," + entry("a b") + "," + entry("ok\\n")), 10);
  REQUIRE(read.has_value());
  REQUIRE(read->entries.size() == 3);
  for (const sync::DigestEntry& one : read->entries) CHECK_FALSE(one.replicable);
  CHECK(parse_digest_answer(page(entry(std::string(253, ' '))), 10)->entries.size() == 1);
  CHECK(parse_digest_answer(page(entry(std::string(254, ' '))), 10)->entries.empty());
}

TEST_CASE("entries that give no position are counted and the others stay") {
  for (const std::string bad : {
           "[]",
           "5",
           "null",
           "[[1]]",
           R"({"name": {"a": 1}, "hash": "x", "ts": 1, "ttl": 1})",
           R"({"name": "a.test", "name": 5, "hash": "x", "ts": 1, "ttl": 1})",
       }) {
    CAPTURE(bad);
    const auto read = parse_digest_answer(page(entry("a.test") + ", " + bad + ", " + entry("b.test")), 10);
    REQUIRE(read.has_value());
    CHECK(read->entries.size() == 2);
    CHECK(read->malformed == 1);
  }
  for (const std::string rest : {R"("ts": 1)", R"("ts": -1, "ttl": 1)", R"("ts": true, "ttl": 1)",
                                 R"("ts": 1.0, "ttl": 1)", R"("ts": 9223372036854775808, "ttl": 1)",
                                 R"("ts": 1, "ttl": 2147483649)", R"("ts": 1, "ttl": "1")", R"("ts": 1, "ttl": [])"}) {
    CAPTURE(rest);
    CHECK(parse_digest_answer(page(entry("a.test", rest)), 10)->malformed == 1);
  }
  CHECK(parse_digest_answer(page(entry("a.test", R"("ts": 9223372036854775807, "ttl": 2147483648)")), 10)
            ->entries.size() == 1);
}

TEST_CASE("a string with an unpaired surrogate spoils its own entry and no other") {
  const auto read = parse_digest_answer(
      page(entry("a\\ud800.test") + ", " + entry("b.test") + ", " + entry("\\udc00\\ud83d") + ", " + entry("c.test")),
      10);
  REQUIRE(read.has_value());
  REQUIRE(read->entries.size() == 2);
  CHECK(read->entries[1].name == "c.test");
  CHECK(read->malformed == 2);
  const auto paired = parse_digest_answer(page(entry("\\ud83d\\ude00") + ", " + entry("\\\\ud800")), 10);
  REQUIRE(paired->entries.size() == 2);
  CHECK(paired->entries[0].name == "\xF0\x9F\x98\x80");
  CHECK(paired->entries[1].name == "\\ud800");
}

TEST_CASE("of duplicate keys the last wins, lists included") {
  const auto read = parse_digest_answer(R"({"records": [)" + entry("a") + "," + entry("b") + R"(], "records": [)" +
                                            entry("c", R"("ts": 1, "ttl": 9, "ts": 2)") +
                                            R"(], "has_more": true, "has_more": false})",
                                        10);
  REQUIRE(read.has_value());
  REQUIRE(read->entries.size() == 1);
  CHECK(read->entries[0].name == "c");
  CHECK(read->entries[0].ts_ms == 2);
  CHECK_FALSE(read->has_more);
  CHECK(is_malformed(R"({"records": [], "records": 5})"));
}

TEST_CASE("what is no digest answer is refused as a whole") {
  for (const std::string body :
       {"", "{", "[]", "5", "null", "{}", R"({"records": {}})", R"({"records": null})", "\xEF\xBB\xBF{\"records\": []}",
        R"({"records": []} x)", R"({"records": [], "n": NaN})", R"({"records": [], "n": 1e999})",
        "{\"records\": [\"\xFF\"]}", R"({"records": [}, 1])"}) {
    CAPTURE(body);
    CHECK(is_malformed(body));
  }
  CHECK(is_malformed(page(std::string(100000, '['))));
}

TEST_CASE("a page may hold as many entries as were asked for, malformed ones counted, and not one more") {
  CHECK(parse_digest_answer(page(entry("a") + ", 1, []"), 3).has_value());
  CHECK(is_malformed(page(entry("a") + ", 1, []"), 2));
  CHECK(is_malformed(page(entry("a")), 0));
}

TEST_CASE("values that nest as deep as the bound are passed over, deeper ones refuse the page") {
  const auto nested = [](int levels) {
    return R"({"records": [], "later": )" + std::string(static_cast<std::size_t>(levels), '[') +
           std::string(static_cast<std::size_t>(levels), ']') + "}";
  };
  CHECK(parse_digest_answer(nested(7), 1).has_value());
  CHECK(is_malformed(nested(8)));
}

TEST_CASE("an extension that is unusable makes the peer a classic one, unknown members and capabilities do not") {
  const auto read = [](const std::string& x) { return parse_digest_answer(page("", R"(, "x": )" + x), 1)->extension; };
  const std::string epoch = R"("epoch": ")" + epoch_id() + R"(.1")";
  const std::string rest = R"(, "high": 1, "count": 1, "now": 1)";
  CHECK(read(R"({"v": 1, )" + epoch + rest + R"(, "new": {"a": [1]}, "caps": ["feed", "later", 5]})")->feed);
  CHECK_FALSE(read(R"({"v": 1, )" + epoch + rest + R"(, "mseq": null})")->manifest_seq.has_value());
  for (const std::string& x : {std::string("5"), std::string("[]"), R"({"v": 2, )" + epoch + rest + "}",
                               "{" + epoch + rest + "}", R"({"v": 1, "epoch": "short.1")" + rest + "}",
                               R"({"v": 1, )" + epoch + R"(, "high": -1, "count": 1, "now": 1})",
                               R"({"v": 1, )" + epoch + R"(, "high": 1, "count": 1.0, "now": 1})",
                               R"({"v": 1, )" + epoch + R"(, "high": 1, "count": 1})"}) {
    CAPTURE(x);
    CHECK_FALSE(read(x).has_value());
  }
}

TEST_CASE("a digest is asked for with its cursor as existing nodes send it, and odd names escaped") {
  CHECK(sync::digest_target({0, "", ""}, 1000, false) == "/v1/sync/digest?cursor=0::&limit=1000");
  CHECK(sync::digest_target({5, "a_b.Test", k_hash}, 1, true) ==
        "/v1/sync/digest?cursor=5:a_b.Test:" + k_hash + "&limit=1&x=1");
  CHECK(sync::digest_target({5, "a b&\xC3\xA9", ""}, 1, false) == "/v1/sync/digest?cursor=5:a%20b%26%C3%A9:&limit=1");
}
