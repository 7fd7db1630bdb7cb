// SPDX-License-Identifier: Apache-2.0
#include "record/bootstrap_record.hpp"

#include <doctest/doctest.h>

#include "record/time_rules.hpp"
#include "support.hpp"

using namespace dnsmesh;
using namespace dnsmesh::record;
using namespace dnsmesh::record::testing;

namespace {

const crypto::SigningKey k_key = key_of(1);
constexpr std::size_t k_count_at = 67;  // after "example.com", 11 bytes
constexpr std::size_t k_entry_at = 68;
constexpr std::size_t k_entry_bytes = 2 + 1 + 6 + 32;

BootstrapRecord sample() {
  return {"example.com",
          k_key.public_key(),
          3,
          k_now + 10,
          {{1, "a.mesh", filled<32>(0xaa)}, {2, "b.mesh", filled<32>(0)}}};
}

std::string sample_body() { return body_of(k_bootstrap_record_form, issue_bootstrap_record(sample(), k_key).value()); }

Result<BootstrapRecord> parse_body(std::string_view body) {
  return parse_bootstrap_record(signed_text(k_bootstrap_record_form, body, {k_key}), view(k_key.public_key()), k_now_s);
}

std::string code_of_body(std::string_view body) { return code_of(parse_body(body)); }

}  // namespace

TEST_CASE("a bootstrap record comes back as issued, and the keys it carries are not checked as points") {
  const std::string text = issue_bootstrap_record(sample(), k_key).value();
  CHECK(parse_bootstrap_record(text, view(k_key.public_key()), k_now_s, "Example.COM.") == sample());
  CHECK(read_bootstrap_record(text) == sample());
}

TEST_CASE("entries are issued by priority, and parsed by priority with ties in wire order") {
  BootstrapRecord record = sample();
  record.entries = {{5, "c.mesh", {}}, {2, "b.mesh", {}}, {5, "a.mesh", {}}, {2, "d.mesh.", {}}};
  const auto parsed = parse_body(body_of(k_bootstrap_record_form, issue_bootstrap_record(record, k_key).value()));
  REQUIRE(parsed.has_value());
  const std::vector<BootstrapEntry> sorted = {
      {2, "b.mesh", {}}, {2, "d.mesh", {}}, {5, "c.mesh", {}}, {5, "a.mesh", {}}};
  CHECK(parsed->entries == sorted);
  const auto unordered = parse_body(patched(sample_body(), k_entry_at, octets_of({0, 9})));
  REQUIRE(unordered.has_value());
  CHECK(unordered->entries.front().cluster_base_domain == "b.mesh");
}

TEST_CASE("each check of a bootstrap record names its own failure") {
  const std::string body = sample_body();
  const std::string text = issue_bootstrap_record(sample(), k_key).value();
  const std::string_view key = view(k_key.public_key());
  CHECK(code_of(parse_bootstrap_record("v=dmp1;t=cluster;", key, k_now_s)) == "prefix");
  CHECK(code_of(parse_bootstrap_record(text + std::string(1200, '='), key, k_now_s)) == "oversize");
  CHECK(code_of(parse_bootstrap_record(text + " ", key, k_now_s)) == "base64");
  CHECK(code_of(parse_bootstrap_record(text_of(k_bootstrap_record_form, std::string(70, 'x')), key, k_now_s)) ==
        "short");
  CHECK(code_of(parse_bootstrap_record(text, key.substr(1), k_now_s)) == "key-arg");
  CHECK(code_of(parse_bootstrap_record(text, view(key_of(2).public_key()), k_now_s)) == "signature");
  CHECK(code_of(parse_bootstrap_record(text, key, k_now_s + 11)) == "expired");
  CHECK(code_of(parse_bootstrap_record(text, key, k_now_s + 10)) == "ok");
  CHECK(code_of(parse_bootstrap_record(text, key, k_now_s + 10 - 157680000)) == "ok");
  CHECK(code_of(parse_bootstrap_record(text, key, k_now_s + 9 - 157680000)) == "exp-too-far");
  CHECK(code_of(parse_bootstrap_record(text, key, k_now_s, "example.org")) == "name-mismatch");
  CHECK(code_of_body(body.substr(0, 55)) == "body:short");
  CHECK(code_of_body(patched(body, 0, "DMPCL01")) == "body:magic");
  CHECK(code_of_body(patched(body, 56, "-")) == "body:name");
  CHECK(code_of_body(body.substr(0, k_count_at)) == "body:truncated");
  CHECK(code_of_body(patched(body.substr(0, k_entry_at), k_count_at, std::string(1, '\0'))) == "body:count");
  CHECK(code_of_body(patched(body, k_count_at, "\x11")) == "body:count");
  CHECK(code_of_body(body.substr(0, body.size() - 1)) == "body:truncated");
  CHECK(code_of_body(patched(body, k_entry_at + 3, "_")) == "body:entry");
  CHECK(code_of_body(patched(body, k_entry_at + k_entry_bytes, body.substr(k_entry_at, k_entry_bytes))) ==
        "body:duplicate");
  CHECK(code_of_body(body + "x") == "body:trailing");
  CHECK(code_of_body(patched(body, 23, view(key_of(2).public_key()))) == "key-mismatch");
}

TEST_CASE("only the same domain under the same priority is a duplicate") {
  const std::string body = sample_body();
  const std::size_t second_at = k_entry_at + k_entry_bytes;
  CHECK(code_of_body(patched(body, second_at + 3, "a")) == "ok");
  CHECK(code_of_body(patched(body, second_at, octets_of({0, 1}))) == "ok");
  CHECK(code_of_body(patched(patched(body, second_at, octets_of({0, 1})), second_at + 3, "A")) == "body:duplicate");
}

TEST_CASE("sixteen entries fit the count, and the issuer refuses what no record may hold") {
  const auto with_entries = [](std::size_t count) {
    BootstrapRecord record = sample();
    record.entries.clear();
    for (std::size_t i = 0; i < count; ++i) record.entries.push_back({static_cast<std::uint16_t>(i), "a.b", {}});
    return code_of(issue_bootstrap_record(record, k_key));
  };
  CHECK(with_entries(0) == "issue-refused");
  CHECK(with_entries(16) == "ok");
  CHECK(with_entries(17) == "issue-refused");
  BootstrapRecord record = sample();
  CHECK(code_of(issue_bootstrap_record(record, key_of(2))) == "issue-refused");
  record.entries[1] = {1, "A.mesh.", {}};
  CHECK(code_of(issue_bootstrap_record(record, k_key)) == "issue-refused");
  record = sample();
  record.entries[0].cluster_base_domain = "a..mesh";
  CHECK(code_of(issue_bootstrap_record(record, k_key)) == "issue-refused");
  record = sample();
  record.user_domain = "";
  CHECK(code_of(issue_bootstrap_record(record, k_key)) == "issue-refused");
  record = sample();
  record.entries.clear();
  for (std::uint16_t i = 0; i < 16; ++i) record.entries.push_back({i, std::string(60, 'a'), {}});
  CHECK(code_of(issue_bootstrap_record(record, k_key)) == "issue-refused");
}
