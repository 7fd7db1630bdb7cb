// SPDX-License-Identifier: Apache-2.0
#include "record/revocation_record.hpp"

#include <doctest/doctest.h>

#include <limits>

#include "support.hpp"

using namespace dnsmesh;
using namespace dnsmesh::record;
using namespace dnsmesh::record::testing;

namespace {

const crypto::SigningKey k_key = key_of(1);

RevocationRecord sample() {
  return {SubjectType::cluster_operator, "mesh.h", k_key.public_key(), RevocationReason::other, k_now};
}

std::string sample_text() { return issue_revocation_record(sample(), k_key).value(); }

std::string sample_body() { return body_of(k_revocation_record_form, sample_text()); }

std::string code_of_body(std::string_view body) {
  return code_of(parse_revocation_record(signed_text(k_revocation_record_form, body, {k_key}), k_now_s));
}

}  // namespace

TEST_CASE("a revocation comes back as issued and verifies for ever") {
  CHECK(parse_revocation_record(sample_text(), k_now_s) == sample());
  CHECK(parse_revocation_record(sample_text(), std::numeric_limits<std::int64_t>::max()) == sample());
}

TEST_CASE("each check of a revocation names its own failure") {
  const std::string body = sample_body();
  const std::string text = sample_text();
  CHECK(code_of(parse_revocation_record("v=dmp1;t=rotation;", k_now_s)) == "prefix");
  CHECK(code_of(parse_revocation_record(text + std::string(1200, '='), k_now_s)) == "oversize");
  CHECK(code_of(parse_revocation_record(text + "!", k_now_s)) == "base64");
  CHECK(code_of(parse_revocation_record(text_of(k_revocation_record_form, std::string(70, 'x')), k_now_s)) == "short");
  CHECK(code_of_body(body.substr(0, 49)) == "body:short");
  CHECK(code_of_body(patched(body, 0, "DMPROT1")) == "body:magic");
  CHECK(code_of_body(patched(body, 7, "\x05")) == "body:subject-type");
  CHECK(code_of_body(patched(body, 8, "\x41")) == "body:range");
  CHECK(code_of_body(patched(body, 8, "\x40")) == "body:truncated");
  CHECK(code_of_body(patched(body, 9, "\xff")) == "body:utf8");
  CHECK(code_of_body(body + "x") == "body:trailing");
  CHECK(code_of_body(body.substr(0, body.size() - 1)) == "body:truncated");
  CHECK(code_of_body(patched(body, 15 + 32, std::string(1, '\0'))) == "body:reason");
  CHECK(code_of_body(patched(body, 15 + 32, "\x05")) == "body:reason");
  CHECK(code_of_body(patched(body, 9, "_")) == "body:subject");
  CHECK(code_of(parse_revocation_record(signed_text(k_revocation_record_form, body, {key_of(2)}), k_now_s)) ==
        "signature");
}

TEST_CASE("a time stamp may lie 300 seconds ahead and no more") {
  CHECK(code_of(parse_revocation_record(sample_text(), k_now_s - 300)) == "ok");
  CHECK(code_of(parse_revocation_record(sample_text(), k_now_s - 301)) == "ts-future");
  RevocationRecord record = sample();
  record.ts = std::numeric_limits<std::uint64_t>::max();
  CHECK(code_of(parse_revocation_record(issue_revocation_record(record, k_key).value(), k_now_s)) == "ts-future");
}

TEST_CASE("what a caller expects of a revocation must hold") {
  const auto code_for = [](RevocationExpectation expected, std::int64_t now_s = k_now_s) {
    return code_of(parse_revocation_record(sample_text(), now_s, expected));
  };
  CHECK(code_for({view(k_key.public_key()), "MESH.h.", 0}) == "ok");
  CHECK(code_for({.revoked_spk = "short", .subject = {}, .max_age_s = {}}) == "key-arg");
  const crypto::SigningKey other = key_of(2);
  CHECK(code_for({.revoked_spk = view(other.public_key()), .subject = {}, .max_age_s = {}}) == "key-mismatch");
  CHECK(code_for({.revoked_spk = {}, .subject = "other.h", .max_age_s = {}}) == "subject-mismatch");
  CHECK(code_for({.revoked_spk = {}, .subject = {}, .max_age_s = 60}, k_now_s + 60) == "ok");
  CHECK(code_for({.revoked_spk = {}, .subject = {}, .max_age_s = 60}, k_now_s + 61) == "stale");
  CHECK(code_for({.revoked_spk = {}, .subject = {}, .max_age_s = std::numeric_limits<std::uint64_t>::max()}) == "ok");
}

TEST_CASE("the issuer of a revocation refuses a foreign key, an unknown reason and a bad subject") {
  CHECK(code_of(issue_revocation_record(sample(), key_of(2))) == "issue-refused");
  RevocationRecord record = sample();
  record.reason = static_cast<RevocationReason>(5);
  CHECK(code_of(issue_revocation_record(record, k_key)) == "issue-refused");
  record = sample();
  record.subject = "a b";
  CHECK(code_of(issue_revocation_record(record, k_key)) == "issue-refused");
}
