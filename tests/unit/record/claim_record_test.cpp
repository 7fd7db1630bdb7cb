// SPDX-License-Identifier: Apache-2.0
#include "record/claim_record.hpp"

#include <doctest/doctest.h>

#include "base/cursor.hpp"
#include "record/time_rules.hpp"
#include "support.hpp"

using namespace dnsmesh;
using namespace dnsmesh::record;
using namespace dnsmesh::record::testing;

namespace {

const crypto::SigningKey k_key = key_of(1);
constexpr std::size_t k_domain_at = 56;
constexpr std::size_t k_slot_at = 60;

ClaimRecord sample() { return {filled<16>(7), k_key.public_key(), "d.ex", 9, k_now, k_now + 100}; }

std::string sample_text() { return issue_claim_record(sample(), k_key).value(); }

std::string sample_body() { return body_of(k_claim_record_form, sample_text()); }

std::string code_of_body(std::string_view body) {
  return code_of(parse_claim_record(signed_text(k_claim_record_form, body, {k_key}), k_now_s));
}

std::string u64_octets(std::uint64_t value) { return ByteWriter().u64(value).take(); }

}  // namespace

TEST_CASE("a claim comes back as issued, up to a domain that fills the cap") {
  CHECK(parse_claim_record(sample_text(), k_now_s) == sample());
  ClaimRecord record = sample();
  record.sender_mailbox_domain = std::string(43, 'd');
  const std::string longest = issue_claim_record(record, k_key).value();
  CHECK(longest.size() == 255);
  CHECK(parse_claim_record(longest, k_now_s) == record);
  CHECK(code_of(parse_claim_record(longest + "=", k_now_s)) == "oversize");
}

TEST_CASE("each check of a claim names its own failure") {
  const std::string body = sample_body();
  CHECK(code_of(parse_claim_record("v=dmp1;t=cluster;", k_now_s)) == "prefix");
  CHECK(code_of(parse_claim_record(sample_text() + "\n", k_now_s)) == "base64");
  CHECK(code_of(parse_claim_record(text_of(k_claim_record_form, std::string(64, 'x')), k_now_s)) == "short");
  CHECK(code_of_body(body.substr(0, 73)) == "body:short");
  CHECK(code_of_body(patched(body, 0, "DMPCL02")) == "body:magic");
  CHECK(code_of_body(patched(body, 55, std::string(1, '\0'))) == "body:range");
  CHECK(code_of_body(patched(body, 55, "\x2c")) == "body:range");
  CHECK(code_of_body(patched(body, 55, "\x2b")) == "body:truncated");
  CHECK(code_of_body(patched(body, k_domain_at, "\xff")) == "body:utf8");
  CHECK(code_of_body(patched(body, k_slot_at, "\x0a")) == "body:range");
  CHECK(code_of_body(body.substr(0, body.size() - 1)) == "body:truncated");
  CHECK(code_of_body(body + "x") == "body:trailing");
  CHECK(code_of_body(patched(body, body.size() - 8, u64_octets(k_now))) == "body:time-order");
  CHECK(code_of_body(patched(body, k_domain_at, " ")) == "body:domain");
  CHECK(code_of_body(patched(body, k_domain_at, "\x7f")) == "body:domain");
  CHECK(code_of_body(patched(body, k_domain_at, "\xC3\xA9_.")) == "ok");
  CHECK(code_of_body(patched(body, body.size() - 8, u64_octets(k_signed_time_end))) == "body:range");
  CHECK(code_of(parse_claim_record(signed_text(k_claim_record_form, body, {key_of(2)}), k_now_s)) == "signature");
}

TEST_CASE("a claim may be old, may lie 300 seconds ahead, and ends at exp") {
  const auto code_for = [](std::uint64_t ts, std::uint64_t exp) {
    ClaimRecord record = sample();
    record.ts = ts;
    record.exp = exp;
    return code_of(parse_claim_record(issue_claim_record(record, k_key).value(), k_now_s));
  };
  CHECK(code_for(0, k_now + 1) == "ok");
  CHECK(code_for(k_now + 300, k_now + 400) == "ok");
  CHECK(code_for(k_now + 301, k_now + 400) == "ts-future");
  CHECK(code_for(k_now - 1, k_now) == "expired");
  CHECK(code_for(k_now, k_now + k_short_exp_ahead_s_max) == "ok");
  CHECK(code_for(k_now, k_now + k_short_exp_ahead_s_max + 1) == "exp-too-far");
  CHECK(code_for(k_now, k_signed_time_end - 1) == "exp-too-far");
}

TEST_CASE("the issuer counts a domain in characters and leaves long encodings to the cap") {
  const auto refusal_of = [](auto change) {
    ClaimRecord record = sample();
    change(record);
    const auto text = issue_claim_record(record, k_key);
    return text ? std::string("ok") : text.error().text;
  };
  std::string accented;
  for (int i = 0; i < 43; ++i) accented += "\xC3\xA9";
  CHECK(refusal_of([&](ClaimRecord& r) { r.sender_mailbox_domain = accented; }).find("the cap is 255") !=
        std::string::npos);
  CHECK(refusal_of([&](ClaimRecord& r) { r.sender_mailbox_domain = accented.substr(0, 42); }) == "ok");
  CHECK(refusal_of([](ClaimRecord& r) { r.sender_mailbox_domain = std::string(44, 'd'); }).find("43 characters") !=
        std::string::npos);
  CHECK(refusal_of([](ClaimRecord& r) { r.sender_mailbox_domain = ""; }) != "ok");
  CHECK(refusal_of([](ClaimRecord& r) { r.sender_mailbox_domain = "a\tb"; }) != "ok");
  CHECK(refusal_of([](ClaimRecord& r) { r.slot = 10; }) != "ok");
  CHECK(refusal_of([](ClaimRecord& r) { r.exp = r.ts; }) != "ok");
  CHECK(refusal_of([](ClaimRecord& r) { r.exp = k_signed_time_end; }) != "ok");
  CHECK(refusal_of([](ClaimRecord& r) { r.sender_spk = key_of(2).public_key(); }) != "ok");
}
