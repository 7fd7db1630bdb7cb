// SPDX-License-Identifier: Apache-2.0
#include "record/rotation_record.hpp"

#include <doctest/doctest.h>

#include <limits>

#include "record/time_rules.hpp"
#include "support.hpp"

using namespace dnsmesh;
using namespace dnsmesh::record;
using namespace dnsmesh::record::testing;

namespace {

const crypto::SigningKey k_old = key_of(1);
const crypto::SigningKey k_new = key_of(2);

RotationRecord sample() {
  return {SubjectType::user_identity, "alice@h", k_old.public_key(), k_new.public_key(), 1, k_now, k_now + 10};
}

std::string sample_text() { return issue_rotation_record(sample(), k_old, k_new).value(); }

std::string sample_body() { return body_of(k_rotation_record_form, sample_text(), 2); }

std::string code_of_body(std::string_view body) {
  return code_of(parse_rotation_record(signed_text(k_rotation_record_form, body, {k_old, k_new}), k_now_s));
}

}  // namespace

TEST_CASE("a rotation comes back as issued when both keys and both expectations hold") {
  CHECK(parse_rotation_record(sample_text(), k_now_s) == sample());
  CHECK(parse_rotation_record(sample_text(), k_now_s, view(k_old.public_key()), "alice@H.") == sample());
}

TEST_CASE("each check of a rotation names its own failure") {
  const std::string body = sample_body();
  const std::string text = sample_text();
  CHECK(code_of(parse_rotation_record("v=dmp1;t=revocation;", k_now_s)) == "prefix");
  CHECK(code_of(parse_rotation_record(text + std::string(1200, '='), k_now_s)) == "oversize");
  CHECK(code_of(parse_rotation_record(text + "!", k_now_s)) == "base64");
  CHECK(code_of(parse_rotation_record(text_of(k_rotation_record_form, std::string(134, 'x')), k_now_s)) == "short");
  CHECK(code_of(parse_rotation_record(text_of(k_rotation_record_form, std::string(135, 'x')), k_now_s)) ==
        "body:short");
  CHECK(code_of_body(body.substr(0, 96)) == "body:short");
  CHECK(code_of_body(patched(body, 0, "DMPRV01")) == "body:magic");
  CHECK(code_of_body(patched(body, 7, std::string(1, '\0'))) == "body:subject-type");
  CHECK(code_of_body(patched(body, 7, "\x04")) == "body:subject-type");
  CHECK(code_of_body(patched(body, 8, std::string(1, '\0'))) == "body:range");
  CHECK(code_of_body(patched(body, 7, "\x02\x41")) == "body:range");
  CHECK(code_of_body(patched(body, 8, "\xff")) == "body:truncated");
  CHECK(code_of_body(patched(body, 9, "\xff")) == "body:utf8");
  CHECK(code_of_body(patched(patched(body, 8, "\x08"), 16, "x")) == "body:truncated");
  CHECK(code_of_body(body + "x") == "body:trailing");
  CHECK(code_of_body(patched(body, 14, "x")) == "body:subject");
  CHECK(code_of_body(patched(body, 16 + 32, view(k_old.public_key()))) == "body:keys-equal");
}

TEST_CASE("a rotation needs both signatures, each by its own key") {
  const std::string body = sample_body();
  const auto code_for = [&](const crypto::SigningKey& first, const crypto::SigningKey& second) {
    return code_of(parse_rotation_record(signed_text(k_rotation_record_form, body, {first, second}), k_now_s));
  };
  CHECK(code_for(k_old, k_new) == "ok");
  CHECK(code_for(k_new, k_old) == "signature");
  CHECK(code_for(k_old, k_old) == "signature");
  CHECK(code_for(k_new, k_new) == "signature");
}

TEST_CASE("an expected key or subject must hold") {
  CHECK(code_of(parse_rotation_record(sample_text(), k_now_s, "short")) == "key-arg");
  CHECK(code_of(parse_rotation_record(sample_text(), k_now_s, view(k_new.public_key()))) == "key-mismatch");
  CHECK(code_of(parse_rotation_record(sample_text(), k_now_s, std::nullopt, "bob@h")) == "subject-mismatch");
  CHECK(code_of(parse_rotation_record(sample_text(), k_now_s, std::nullopt, "")) == "subject-mismatch");
}

TEST_CASE("a rotation is valid at its last second and at most five years before it") {
  const auto code_at = [](std::uint64_t exp) {
    RotationRecord record = sample();
    record.exp = exp;
    return code_of(parse_rotation_record(issue_rotation_record(record, k_old, k_new).value(), k_now_s));
  };
  CHECK(code_at(k_now) == "ok");
  CHECK(code_at(k_now - 1) == "expired");
  CHECK(code_at(k_now + k_long_exp_ahead_s_max) == "ok");
  CHECK(code_at(k_now + k_long_exp_ahead_s_max + 1) == "exp-too-far");
  CHECK(code_at(std::numeric_limits<std::uint64_t>::max()) == "exp-too-far");
}

TEST_CASE("the issuer of a rotation refuses foreign or equal keys and a bad subject") {
  CHECK(code_of(issue_rotation_record(sample(), k_new, k_new)) == "issue-refused");
  CHECK(code_of(issue_rotation_record(sample(), k_old, k_old)) == "issue-refused");
  RotationRecord record = sample();
  record.new_spk = k_old.public_key();
  CHECK(code_of(issue_rotation_record(record, k_old, k_old)) == "issue-refused");
  record = sample();
  record.subject = "alice";
  CHECK(code_of(issue_rotation_record(record, k_old, k_new)) == "issue-refused");
}
