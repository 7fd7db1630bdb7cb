// SPDX-License-Identifier: Apache-2.0
#include "record/cluster_manifest.hpp"

#include <doctest/doctest.h>

#include <limits>

#include "base/hex.hpp"
#include "record/time_rules.hpp"
#include "support.hpp"

using namespace dnsmesh;
using namespace dnsmesh::record;
using namespace dnsmesh::record::testing;

namespace {

const crypto::SigningKey k_key = key_of(1);
constexpr std::size_t k_name_at = 55;
constexpr std::size_t k_count_at = 66;  // after "m.example", 10 bytes with its dot
constexpr std::size_t k_node_at = 67;

ClusterManifest sample() {
  return {
      "m.example.", k_key.public_key(), 7, k_now + 1000, {{"a", "http://a:8053", "a:5353"}, {"b", "b", std::nullopt}}};
}

/// A body whose name is `m.example.` with the trailing dot, so that offsets do not depend on what the issuer drops.
std::string sample_body() {
  const std::string body = body_of(k_cluster_manifest_form, issue_cluster_manifest(sample(), k_key).value());
  return spliced(body, k_name_at, 10, "\x0am.example.");
}

Result<ClusterManifest> parse(std::string_view text, std::int64_t now_s = k_now_s) {
  return parse_cluster_manifest(text, view(k_key.public_key()), now_s);
}

std::string code_of_body(std::string_view body) {
  return code_of(parse(signed_text(k_cluster_manifest_form, body, {k_key})));
}

ClusterManifest with_exp(std::uint64_t exp) {
  ClusterManifest manifest = sample();
  manifest.exp = exp;
  return manifest;
}

}  // namespace

TEST_CASE("the worked example of the specification is issued to the byte and parses") {
  const crypto::SigningKey key(
      to_array<32>(*from_hex("000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f")));
  const ClusterManifest manifest{"m.example", key.public_key(), 2, 2000000000, {{"a", "http://a:8053", "a:5353"}}};
  const std::string text =
      "v=dmp1;t=cluster;RE1QQ0wwMQAAAAAAAAACAAAAAHc1lAADoQe/"
      "884Qvh1w3RjnS8CZZ+TWMJulDV8d3IZkElUxuAltLmV4YW1wbGUBAWEADWh0"
      "dHA6Ly9hOjgwNTMABmE6NTM1M5y5Wo+9nCDC2pttdxFGHtpJUBHX+"
      "gFigzHbBJVnqokKexHZl8E8fQg5iuOCjOdNRKuMltRxZOFYW6xVIndvEwA=";
  CHECK(issue_cluster_manifest(manifest, key) == text);
  CHECK(parse_cluster_manifest(text, view(key.public_key()), 1900000000) == manifest);
}

TEST_CASE("a manifest comes back as issued, without the trailing dot of its name") {
  const auto parsed = parse(issue_cluster_manifest(sample(), k_key).value());
  REQUIRE(parsed.has_value());
  ClusterManifest expected = sample();
  expected.cluster_name = "m.example";
  CHECK(*parsed == expected);
  CHECK(code_of_body(sample_body()) == "ok");
}

TEST_CASE("each check of a manifest names its own failure") {
  const std::string text = issue_cluster_manifest(sample(), k_key).value();
  const std::string body = sample_body();
  CHECK(code_of(parse("v=dmp1;t=Cluster;" + text.substr(17))) == "prefix");
  CHECK(code_of(parse(" " + text)) == "prefix");
  CHECK(code_of(parse(text + "\n")) == "base64");
  CHECK(code_of(parse(text_of(k_cluster_manifest_form, std::string(70, 'x')))) == "short");
  CHECK(code_of(parse(text_of(k_cluster_manifest_form, std::string(71, 'x')))) == "signature");
  CHECK(code_of(parse_cluster_manifest(text, view(k_key.public_key()).substr(1), k_now_s)) == "key-arg");
  CHECK(code_of(parse_cluster_manifest(text, view(key_of(2).public_key()), k_now_s)) == "signature");
  CHECK(code_of_body(body.substr(0, 55)) == "body:short");
  CHECK(code_of_body(patched(body, 0, "DMPBS01")) == "body:magic");
  CHECK(code_of_body(patched(body, k_name_at, "\xff")) == "body:truncated");
  CHECK(code_of_body(patched(body, k_name_at, std::string(1, '\0'))) == "body:name");
  CHECK(code_of_body(patched(body, k_name_at + 1, "_")) == "body:name");
  CHECK(code_of_body(patched(body, k_name_at + 9, "..")) == "body:name");
  CHECK(code_of_body(body.substr(0, k_count_at)) == "body:truncated");
  CHECK(code_of_body(patched(body, k_count_at, "\x21")) == "body:count");
  CHECK(code_of_body(body + "x") == "body:trailing");
  CHECK(code_of_body(patched(body, 23, view(key_of(2).public_key()))) == "key-mismatch");
}

TEST_CASE("each rule of a node is checked") {
  const std::string body = sample_body();
  const std::size_t second_id_at = k_node_at + 2 + 2 + 13 + 2 + 6 + 1;
  CHECK(code_of_body(patched(body, k_node_at, std::string(1, '\0'))) == "body:node");
  CHECK(code_of_body(patched(body, k_node_at, "\x11")) == "body:node");
  CHECK(code_of_body(patched(body, k_node_at + 1, "\x80")) == "body:node");
  CHECK(code_of_body(spliced(body, k_node_at + 2, 15, octets_of({0, 0}))) == "body:node");
  CHECK(code_of_body(spliced(body, k_node_at + 2, 15, octets_of({0, 129}) + std::string(129, 'h'))) == "body:node");
  CHECK(code_of_body(spliced(body, k_node_at + 2, 15, octets_of({0, 128}) + std::string(128, 'h'))) == "ok");
  CHECK(code_of_body(patched(body, k_node_at + 4, "\xc3(")) == "body:node");
  CHECK(code_of_body(spliced(body, k_node_at + 17, 8, octets_of({0, 65}) + std::string(65, 'd'))) == "body:node");
  CHECK(code_of_body(spliced(body, k_node_at + 17, 8, octets_of({0, 64}) + std::string(64, 'd'))) == "ok");
  CHECK(code_of_body(patched(body, second_id_at, "a")) == "body:duplicate");
  CHECK(code_of_body(patched(body, second_id_at, "A")) == "ok");
  CHECK(code_of_body(body.substr(0, body.size() - 1)) == "body:node");
}

TEST_CASE("a manifest without nodes parses, and one byte of name above the cap does not") {
  CHECK(code_of_body(patched(sample_body().substr(0, k_node_at), k_count_at, std::string(1, '\0'))) == "ok");
  const std::string tail = sample_body().substr(k_count_at);
  const std::string head = sample_body().substr(0, k_name_at);
  const std::string label(63, 'a');
  CHECK(code_of_body(head + "\x40" + label.substr(1) + ".b" + tail) == "ok");
  CHECK(code_of_body(head + "\x41" + label.substr(1) + ".b." + tail) == "ok");
  CHECK(code_of_body(head + "\x41" + label + ".b" + tail) == "body:name");
  CHECK(code_of_body(head + "\x01." + tail) == "body:name");
}

TEST_CASE("a manifest is valid at its last second and at most five years before it") {
  const auto code_at = [](std::uint64_t exp, std::int64_t now_s) {
    return code_of(parse(issue_cluster_manifest(with_exp(exp), k_key).value(), now_s));
  };
  CHECK(code_at(k_now, k_now_s) == "ok");
  CHECK(code_at(k_now, k_now_s + 1) == "expired");
  CHECK(code_at(k_now + k_long_exp_ahead_s_max, k_now_s) == "ok");
  CHECK(code_at(k_now + k_long_exp_ahead_s_max + 1, k_now_s) == "exp-too-far");
  CHECK(code_at(std::numeric_limits<std::uint64_t>::max(), k_now_s) == "exp-too-far");
  CHECK(code_at(std::numeric_limits<std::uint64_t>::max(), -1) == "exp-too-far");
  CHECK(code_at(0, 0) == "ok");
  CHECK(code_at(0, 1) == "expired");
}

TEST_CASE("an expected name is compared without case and one trailing dot") {
  const std::string text = issue_cluster_manifest(sample(), k_key).value();
  const auto code_for = [&](std::string_view expected) {
    return code_of(parse_cluster_manifest(text, view(k_key.public_key()), k_now_s, expected));
  };
  CHECK(code_for("M.Example.") == "ok");
  CHECK(code_for("m.example") == "ok");
  CHECK(code_for("m.example..") == "name-mismatch");
  CHECK(code_for("") == "name-mismatch");
  CHECK(code_for(".") == "name-mismatch");
  CHECK(code_for("m.exampl\xC3\xA9") == "name-mismatch");
}

TEST_CASE("the cap counts the whole text and is inclusive") {
  // Base64 comes in groups of four, so 17 characters of prefix and 295 groups make the longest text: 885 bytes of blob.
  constexpr std::size_t body_bytes_max = 885 - k_signature_bytes;
  ClusterManifest manifest{"m.example", k_key.public_key(), 1, k_now, {}};
  for (const char* id : {"a", "b", "c", "d", "e"}) manifest.nodes.push_back({id, std::string(128, 'h'), {}});
  const std::size_t body_bytes = 56 + 9 + 1 + 5 * (2 + 2 + 128 + 2);
  manifest.nodes.push_back({"z", std::string(body_bytes_max - body_bytes - 6, 'h'), {}});
  const auto fits = issue_cluster_manifest(manifest, k_key);
  REQUIRE(fits.has_value());
  CHECK(fits->size() == 1197);
  manifest.nodes.back().http_endpoint += "h";
  const auto above = issue_cluster_manifest(manifest, k_key);
  REQUIRE_FALSE(above.has_value());
  CHECK(above.error().code == ErrorCode::record_issue_refused);
  CHECK(above.error().text == "the cluster manifest is 1201 bytes, the cap is 1200 (1 too many)");
  // Superfluous padding is strict base64 still: it reaches the cap exactly, and one more is oversize.
  CHECK(code_of(parse(*fits + "===")) == "ok");
  CHECK(code_of(parse(*fits + "====")) == "oversize");
}

TEST_CASE("the issuer refuses what no manifest may hold") {
  const auto refused = [](const ClusterManifest& manifest, const crypto::SigningKey& key = k_key) {
    return code_of(issue_cluster_manifest(manifest, key)) == "issue-refused";
  };
  const auto changed = [](auto change) {
    ClusterManifest manifest = sample();
    change(manifest);
    return manifest;
  };
  CHECK(refused(sample(), key_of(2)));
  for (const char* name : {"", ".", "m.example..", "a_b", "-a.example"}) {
    CAPTURE(name);
    CHECK(refused(changed([&](ClusterManifest& m) { m.cluster_name = name; })));
  }
  CHECK(refused(changed([](ClusterManifest& m) { m.cluster_name = std::string(63, 'a') + ".b"; })));
  CHECK(refused(changed([](ClusterManifest& m) { m.nodes.clear(); })));
  CHECK(refused(changed([](ClusterManifest& m) {
    for (int i = 0; i < 32; ++i) m.nodes.push_back({std::to_string(i), "h", {}});
  })));
  CHECK(refused(changed([](ClusterManifest& m) { m.nodes[1].node_id = "a"; })));
  CHECK(refused(changed([](ClusterManifest& m) { m.nodes[0].node_id = ""; })));
  CHECK(refused(changed([](ClusterManifest& m) { m.nodes[0].node_id = std::string(17, 'i'); })));
  CHECK(refused(changed([](ClusterManifest& m) { m.nodes[0].node_id = "\xC3\xA9"; })));
  CHECK(refused(changed([](ClusterManifest& m) { m.nodes[0].http_endpoint = ""; })));
  CHECK(refused(changed([](ClusterManifest& m) { m.nodes[0].http_endpoint = std::string(129, 'h'); })));
  CHECK(refused(changed([](ClusterManifest& m) { m.nodes[0].http_endpoint = "\xff"; })));
  CHECK(refused(changed([](ClusterManifest& m) { m.nodes[0].dns_endpoint = ""; })));
  CHECK(refused(changed([](ClusterManifest& m) { m.nodes[0].dns_endpoint = std::string(65, 'd'); })));
}

TEST_CASE("a head is read without a key, and an unverified body without a valid signature") {
  const std::string text = text_of(k_cluster_manifest_form, sample_body() + std::string(64, 's'));
  const auto head = read_cluster_manifest_head(text);
  REQUIRE(head.has_value());
  CHECK(head->seq == 7);
  CHECK(head->exp == k_now + 1000);
  CHECK(head->cluster_name == "m.example");
  CHECK(code_of(read_cluster_manifest(text)) == "ok");
  CHECK(code_of(read_cluster_manifest_head(text_of(k_cluster_manifest_form, std::string(119, 'x')))) == "short");
  CHECK(code_of(read_cluster_manifest_head(text_of(k_cluster_manifest_form, std::string(120, 'x')))) == "body:magic");
  const std::string cut = sample_body().substr(0, 60) + std::string(64, 's');
  CHECK(code_of(read_cluster_manifest_head(text_of(k_cluster_manifest_form, cut))) == "body:truncated");
  CHECK(code_of(read_cluster_manifest(text_of(k_cluster_manifest_form, std::string(70, 'x')))) == "short");
}

TEST_CASE("a sequence number is read from whatever begins like a manifest and has room for a signature") {
  const std::string head = sample_body().substr(0, 15);
  CHECK(read_cluster_manifest_seq(text_of(k_cluster_manifest_form, head + std::string(64, 's'))).value() == 7);
  CHECK(read_cluster_manifest_seq(text_of(k_cluster_manifest_form, head + std::string(5000, 's'))).value() == 7);
  CHECK(code_of(read_cluster_manifest_seq(text_of(k_cluster_manifest_form, head + std::string(63, 's')))) == "short");
  CHECK(code_of(read_cluster_manifest_seq(text_of(k_cluster_manifest_form, std::string(79, 'x')))) == "body:magic");
  CHECK(code_of(read_cluster_manifest_seq("v=dmp1;t=cluster;A")) == "base64");
  CHECK(code_of(read_cluster_manifest_seq("")) == "prefix");
}
