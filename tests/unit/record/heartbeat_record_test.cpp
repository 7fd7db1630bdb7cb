// SPDX-License-Identifier: Apache-2.0
#include "record/heartbeat_record.hpp"

#include <doctest/doctest.h>

#include <limits>

#include "base/cursor.hpp"
#include "support.hpp"

using namespace dnsmesh;
using namespace dnsmesh::record;
using namespace dnsmesh::record::testing;

namespace {

const crypto::SigningKey k_key = key_of(1);
constexpr std::size_t k_endpoint_at = 9;
constexpr std::size_t k_version_at = 9 + 9 + 32;
constexpr std::size_t k_zone_at = k_version_at + 1 + 3 + 2;

HeartbeatRecord sample() { return {"https://h", k_key.public_key(), "1.0", 0x8001, "z.example", k_now, k_now + 100}; }

std::string sample_text() { return issue_heartbeat_record(sample(), k_key).value(); }

std::string sample_body() { return body_of(k_heartbeat_record_form, sample_text()); }

Result<HeartbeatRecord> parse_body(std::string_view body) {
  return parse_heartbeat_record(signed_text(k_heartbeat_record_form, body, {k_key}), k_now_s);
}

std::string code_of_body(std::string_view body) { return code_of(parse_body(body)); }

HeartbeatRecord with_times(std::uint64_t ts, std::uint64_t exp) {
  HeartbeatRecord record = sample();
  record.ts = ts;
  record.exp = exp;
  return record;
}

std::string u64_octets(std::uint64_t value) { return ByteWriter().u64(value).take(); }

}  // namespace

TEST_CASE("a heartbeat comes back as issued, unknown capability bits included") {
  CHECK(parse_heartbeat_record(sample_text(), k_now_s) == sample());
}

TEST_CASE("the legacy layout has no zone") {
  std::string body = patched(sample_body(), 0, "DMPHB02");
  CHECK(code_of_body(body) == "body:trailing");
  body = spliced(body, k_zone_at, 10, "");
  HeartbeatRecord expected = sample();
  expected.claim_provider_zone = "";
  CHECK(parse_body(body) == expected);
}

TEST_CASE("each check of a heartbeat names its own failure") {
  const std::string body = sample_body();
  const std::string text = sample_text();
  CHECK(code_of(parse_heartbeat_record("v=dmp1;t=claim;", k_now_s)) == "prefix");
  CHECK(code_of(parse_heartbeat_record(text + std::string(1200, '='), k_now_s)) == "oversize");
  CHECK(code_of(parse_heartbeat_record(text + "!", k_now_s)) == "base64");
  CHECK(code_of(parse_heartbeat_record(text_of(k_heartbeat_record_form, std::string(123, 'x')), k_now_s)) == "short");
  CHECK(code_of(parse_heartbeat_record_body(body.substr(0, 8))) == "body:short");
  CHECK(code_of_body(patched(body, 0, "DMPHB01")) == "body:magic");
  CHECK(code_of_body(patched(body, 7, octets_of({0, 0}))) == "body:range");
  CHECK(code_of_body(patched(body, 7, octets_of({1, 0}))) == "body:range");
  CHECK(code_of_body(patched(body, 7, octets_of({0, 255}))) == "body:truncated");
  CHECK(code_of_body(patched(body, k_endpoint_at, "\xff")) == "body:utf8");
  CHECK(code_of_body(patched(body, k_version_at, "\x21")) == "body:range");
  CHECK(code_of_body(patched(body, k_version_at + 1, "\xff")) == "body:utf8");
  CHECK(code_of_body(patched(body, k_version_at + 1, "\xC3\xA9")) == "body:version");
  CHECK(code_of_body(patched(body, k_zone_at, "\x41")) == "body:range");
  CHECK(code_of_body(patched(body, k_zone_at, "\x40")) == "body:truncated");
  CHECK(code_of_body(patched(body, k_zone_at + 1, "\xff")) == "body:utf8");
  CHECK(code_of_body(body.substr(0, body.size() - 1)) == "body:truncated");
  CHECK(code_of(parse_heartbeat_record_body(body.substr(0, 30))) == "body:truncated");
  CHECK(code_of_body(body + "x") == "body:trailing");
  CHECK(code_of_body(patched(body, k_endpoint_at, "gttps")) == "body:endpoint");
  CHECK(code_of_body(patched(body, body.size() - 8, u64_octets(k_now))) == "body:time-order");
  CHECK(code_of(parse_heartbeat_record(signed_text(k_heartbeat_record_form, body, {key_of(2)}), k_now_s)) ==
        "signature");
}

TEST_CASE("a received zone may hold anything that is UTF-8") {
  const auto parsed = parse_body(patched(sample_body(), k_zone_at + 1, std::string("\n \0\xC3\xA9", 5)));
  REQUIRE(parsed.has_value());
  CHECK(parsed->claim_provider_zone.starts_with(std::string("\n \0\xC3\xA9", 5)));
}

TEST_CASE("a heartbeat is fresh within the skew, ends at exp, and lasts at most 30 days") {
  const auto code_at = [](std::uint64_t ts, std::uint64_t exp, std::uint64_t skew_s = k_ts_skew_s) {
    const std::string text = issue_heartbeat_record(with_times(ts, exp), k_key).value();
    return code_of(parse_heartbeat_record(text, k_now_s, skew_s));
  };
  const std::uint64_t far = k_now + 1000;
  CHECK(code_at(k_now - 300, far) == "ok");
  CHECK(code_at(k_now - 301, far) == "ts-skew");
  CHECK(code_at(k_now + 300, far) == "ok");
  CHECK(code_at(k_now + 301, far) == "ts-skew");
  CHECK(code_at(k_now - 1000, far, 1000000000) == "ok");
  CHECK(code_at(k_now - 1, k_now) == "expired");
  CHECK(code_at(k_now, k_now + 1) == "ok");
  CHECK(code_at(k_now, k_now + k_short_exp_ahead_s_max) == "ok");
  CHECK(code_at(k_now, k_now + k_short_exp_ahead_s_max + 1) == "exp-too-far");
  CHECK(code_of_body(patched(sample_body(), sample_body().size() - 8, u64_octets(UINT64_MAX))) == "exp-too-far");
}

TEST_CASE("the issuer of a heartbeat refuses more than the parser does") {
  const auto refused = [](auto change) {
    HeartbeatRecord record = sample();
    change(record);
    return code_of(issue_heartbeat_record(record, k_key)) == "issue-refused";
  };
  CHECK(refused([](HeartbeatRecord& r) { r.operator_spk = key_of(2).public_key(); }));
  CHECK(refused([](HeartbeatRecord& r) { r.endpoint = "https://h/"; }));
  CHECK(refused([](HeartbeatRecord& r) { r.version = std::string(33, '1'); }));
  CHECK(refused([](HeartbeatRecord& r) { r.version = "\xC3\xA9"; }));
  CHECK(refused([](HeartbeatRecord& r) { r.claim_provider_zone = std::string(65, 'z'); }));
  for (const char* zone : {"a b", "a\x7f", "a\n", "\xC3\xA9"}) {
    CAPTURE(zone);
    CHECK(refused([&](HeartbeatRecord& r) { r.claim_provider_zone = zone; }));
  }
  CHECK(refused([](HeartbeatRecord& r) { r.exp = r.ts; }));
  CHECK(refused([](HeartbeatRecord& r) { r.exp = k_signed_time_end; }));
  CHECK_FALSE(refused([](HeartbeatRecord& r) { r.exp = k_signed_time_end - 1; }));
  CHECK_FALSE(refused([](HeartbeatRecord& r) { r.version = "\x01"; }));
}
