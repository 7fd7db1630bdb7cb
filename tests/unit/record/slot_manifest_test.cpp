// SPDX-License-Identifier: Apache-2.0
#include "record/slot_manifest.hpp"

#include <doctest/doctest.h>

#include "record/time_rules.hpp"
#include "support.hpp"

using namespace dnsmesh;
using namespace dnsmesh::record;
using namespace dnsmesh::record::testing;

namespace {

const crypto::SigningKey k_key = key_of(1);

SlotManifest sample(std::uint32_t total = 2, bool with_hashes = true) {
  SlotManifest manifest{filled<16>(1), k_key.public_key(), filled<32>(2), total, 1, 7, k_now, k_now + 60, {}};
  if (with_hashes) manifest.chunk_hashes.assign(total, filled<32>(5));
  return manifest;
}

std::string code_of_body(std::string_view body) {
  return code_of(parse_slot_manifest(signed_text(k_slot_manifest_form, body, {k_key}), k_now_s));
}

std::string sample_body(bool with_hashes = true) {
  return body_of(k_slot_manifest_form, issue_slot_manifest(sample(2, with_hashes), k_key).value());
}

}  // namespace

TEST_CASE("a slot manifest comes back as issued, with hashes and without") {
  for (const bool with_hashes : {true, false}) {
    const std::string text = issue_slot_manifest(sample(2, with_hashes), k_key).value();
    CHECK(text.size() == (with_hashes ? 336 : 252));
    CHECK(parse_slot_manifest(text, k_now_s) == sample(2, with_hashes));
    CHECK(read_slot_manifest(text) == sample(2, with_hashes));
  }
  CHECK(code_of(parse_slot_manifest(issue_slot_manifest(sample(1024), k_key).value(), k_now_s)) == "ok");
}

TEST_CASE("each check of a slot manifest names its own failure") {
  const std::string body = sample_body();
  CHECK(code_of(parse_slot_manifest("v=dmp1;t=manifest;", k_now_s)) == "prefix");
  CHECK(code_of(parse_slot_manifest("v=dmp1;t=manifest;d=A", k_now_s)) == "base64");
  CHECK(code_of(read_slot_manifest("v=dmp1;t=manifest;d=A")) == "base64");
  CHECK(code_of_body(body.substr(0, 107)) == "short");
  CHECK(code_of_body(body.substr(0, body.size() - 1)) == "length");
  CHECK(code_of_body(body.substr(0, 108 + 32)) == "length");
  CHECK(code_of_body(body + std::string(32, 'x')) == "length");
  CHECK(code_of_body(body.substr(0, 108)) == "ok");
  CHECK(code_of_body(patched(body, 84, octets_of({0, 0, 0, 0}))) == "body:range");
  CHECK(code_of_body(patched(body, 84, octets_of({0, 0, 0, 3}))) == "body:range");
  CHECK(code_of_body(patched(sample_body(false), 80, octets_of({0, 0, 4, 1}))) == "body:range");
  CHECK(code_of_body(patched(sample_body(false), 80, octets_of({0, 0, 4, 0}))) == "ok");
  const std::string forged = signed_text(k_slot_manifest_form, body, {key_of(2)});
  CHECK(code_of(parse_slot_manifest(forged, k_now_s)) == "signature");
  CHECK(code_of(read_slot_manifest(forged)) == "ok");
}

TEST_CASE("a chunk count whose size wraps in 32 bits does not match a short blob") {
  // 32 * 0x08000000 is 2^32: with 32-bit lengths the legacy size would look right, and 0x08000001 like one hash.
  CHECK(code_of_body(patched(sample_body(false), 80, octets_of({8, 0, 0, 0}))) == "body:range");
  CHECK(code_of_body(patched(sample_body().substr(0, 140), 80, octets_of({8, 0, 0, 1}))) == "length");
}

TEST_CASE("a slot manifest of the past parses and one of too far ahead does not") {
  const auto code_for = [](std::uint64_t exp) {
    SlotManifest manifest = sample();
    manifest.exp = exp;
    return code_of(parse_slot_manifest(issue_slot_manifest(manifest, k_key).value(), k_now_s));
  };
  CHECK(code_for(0) == "ok");
  CHECK(code_for(k_now + k_short_exp_ahead_s_max) == "ok");
  CHECK(code_for(k_now + k_short_exp_ahead_s_max + 1) == "exp-too-far");
}

TEST_CASE("the issuer of a slot manifest refuses impossible counts and a foreign key") {
  const auto refused = [](auto change) {
    SlotManifest manifest = sample();
    change(manifest);
    return code_of(issue_slot_manifest(manifest, k_key)) == "issue-refused";
  };
  CHECK(refused([](SlotManifest& m) { m.data_chunks = 0; }));
  CHECK(refused([](SlotManifest& m) { m.data_chunks = 3; }));
  CHECK(refused([](SlotManifest& m) { m.total_chunks = 1025; }));
  CHECK(refused([](SlotManifest& m) { m.chunk_hashes.pop_back(); }));
  CHECK(refused([](SlotManifest& m) { m.sender_spk = key_of(2).public_key(); }));
}
