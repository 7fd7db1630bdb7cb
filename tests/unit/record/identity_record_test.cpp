// SPDX-License-Identifier: Apache-2.0
#include "record/identity_record.hpp"

#include <doctest/doctest.h>

#include <numeric>

#include "support.hpp"

using namespace dnsmesh;
using namespace dnsmesh::record;
using namespace dnsmesh::record::testing;

namespace {

const crypto::SigningKey k_key = key_of(1);

IdentityRecord sample() { return {"alice", filled<32>(9), k_key.public_key(), 5, {1}}; }

std::string sample_body() { return body_of(k_identity_record_form, issue_identity_record(sample(), k_key).value()); }

Result<IdentityRecord> parse_body(std::string_view body) {
  return parse_identity_record(signed_text(k_identity_record_form, body, {k_key}));
}

std::string code_of_body(std::string_view body) { return code_of(parse_body(body)); }

}  // namespace

TEST_CASE("an identity comes back as issued, with versions sorted and written once") {
  IdentityRecord record = sample();
  const auto issued = issue_identity_record(record, k_key);
  REQUIRE(issued.has_value());
  CHECK(issued->size() == 212);
  CHECK(parse_identity_record(*issued) == record);
  record.versions = {2, 1, 2};
  record.username = std::string(64, 'u');
  const auto parsed = parse_identity_record(issue_identity_record(record, k_key).value());
  REQUIRE(parsed.has_value());
  CHECK(parsed->versions == std::vector<std::uint8_t>{1, 2});
}

TEST_CASE("an identity is read without its signature, and with every other check") {
  const std::string body = sample_body();
  const std::string unsigned_text = text_of(k_identity_record_form, std::string(body) + std::string(64, 'x'));
  CHECK(code_of(parse_identity_record(unsigned_text)) == "signature");
  CHECK(read_identity_record(unsigned_text) == sample());
  CHECK(code_of(read_identity_record("v=dmp1;t=identity;")) == "prefix");
  CHECK(code_of(read_identity_record("v=dmp1;t=identity;d=A")) == "base64");
  CHECK(code_of(read_identity_record(text_of(k_identity_record_form, std::string(64, 'x')))) == "short");
  CHECK(code_of(read_identity_record(text_of(k_identity_record_form, body.substr(0, 73) + std::string(64, 'x')))) ==
        "body:short");
}

TEST_CASE("each check of an identity names its own failure") {
  const std::string body = sample_body();
  CHECK(code_of(parse_identity_record("v=dmp1;t=identity;")) == "prefix");
  CHECK(code_of(parse_identity_record("v=dmp1;t=identity;d=A")) == "base64");
  CHECK(code_of(parse_identity_record(text_of(k_identity_record_form, std::string(64, 'x')))) == "short");
  CHECK(code_of_body("") == "short");
  CHECK(code_of_body(body.substr(0, 73)) == "body:short");
  CHECK(code_of_body(patched(body, 0, std::string(1, '\0'))) == "body:name");
  CHECK(code_of_body(patched(body, 0, "A")) == "body:name");
  CHECK(code_of_body(patched(body, 0, "\x06")) == "body:truncated");
  CHECK(code_of_body(patched(body, 1, "\xff")) == "body:utf8");
  CHECK(code_of_body(patched(body, 70, "x")) == "ok");
  CHECK(code_of(parse_identity_record(signed_text(k_identity_record_form, body, {key_of(2)}))) == "signature");
}

TEST_CASE("the versions suffix is all or nothing and strictly ascending") {
  const std::string body = sample_body();
  CHECK(code_of_body(body + octets_of({0})) == "body:versions");
  CHECK(code_of_body(body + octets_of({1})) == "body:versions");
  CHECK(code_of_body(body + octets_of({1, 1, 2})) == "body:versions");
  CHECK(code_of_body(body + octets_of({2, 1, 1})) == "body:versions");
  CHECK(code_of_body(body + octets_of({2, 2, 1})) == "body:versions");
  CHECK(code_of_body(body + octets_of({1, 1})) == "ok");
  CHECK(parse_body(body + octets_of({2, 0, 255}))->versions == std::vector<std::uint8_t>{0, 255});
}

TEST_CASE("an identity is read leniently: blanks and what follows the padding do not matter") {
  const std::string text = issue_identity_record(sample(), k_key).value();
  std::string spaced = text;
  spaced.insert(40, " \n-");
  CHECK(parse_identity_record(spaced) == sample());
  CHECK(parse_identity_record(text + "\n") == sample());
}

TEST_CASE("the issuer of an identity refuses what no record may hold") {
  const auto refused = [](auto change) {
    IdentityRecord record = sample();
    change(record);
    return code_of(issue_identity_record(record, k_key)) == "issue-refused";
  };
  CHECK(refused([](IdentityRecord& r) { r.username = ""; }));
  CHECK(refused([](IdentityRecord& r) { r.username = std::string(65, 'u'); }));
  CHECK(refused([](IdentityRecord& r) { r.username = "\xff"; }));
  CHECK(refused([](IdentityRecord& r) { r.ed25519_spk = key_of(2).public_key(); }));
  CHECK(refused([](IdentityRecord& r) { r.versions.clear(); }));
  CHECK(refused([](IdentityRecord& r) {
    r.versions.resize(256);
    std::iota(r.versions.begin(), r.versions.end(), std::uint8_t{0});
  }));
}
