// SPDX-License-Identifier: Apache-2.0
// Random damage to valid texts: no parser crashes, and nothing damaged verifies.
#include <doctest/doctest.h>

#include <functional>
#include <string>
#include <vector>

#include "base/base64.hpp"
#include "base/random.hpp"
#include "record/bootstrap_record.hpp"
#include "record/claim_record.hpp"
#include "record/cluster_file.hpp"
#include "record/cluster_manifest.hpp"
#include "record/heartbeat_record.hpp"
#include "record/identity_record.hpp"
#include "record/offer.hpp"
#include "record/prekey.hpp"
#include "record/revocation_record.hpp"
#include "record/rotation_record.hpp"
#include "record/signed_exp.hpp"
#include "record/slot_manifest.hpp"
#include "support.hpp"

using namespace dnsmesh;
using namespace dnsmesh::record;
using namespace dnsmesh::record::testing;

namespace {

const crypto::SigningKey k_key = key_of(1);
const crypto::SigningKey k_other = key_of(2);
constexpr std::uint64_t k_exp = k_now + 100;

struct Subject {
  const TextForm& form;
  std::string text;
  std::function<bool(std::string_view)> verifies;
};

std::vector<Subject> subjects() {
  const auto pk = k_key.public_key();
  const std::string_view key = view(k_key.public_key());
  return {
      {k_cluster_manifest_form,
       issue_cluster_manifest({"m.t", pk, 1, k_exp, {{"a", "http://a", "a:53"}, {"b", "b", {}}}}, k_key).value(),
       [key](std::string_view t) { return parse_cluster_manifest(t, key, k_now_s).has_value(); }},
      {k_bootstrap_record_form, issue_bootstrap_record({"m.t", pk, 1, k_exp, {{1, "m.t", pk}}}, k_key).value(),
       [key](std::string_view t) { return parse_bootstrap_record(t, key, k_now_s).has_value(); }},
      {k_identity_record_form, issue_identity_record({"user", {}, pk, 1, {1, 2}}, k_key).value(),
       [](std::string_view t) { return parse_identity_record(t).has_value(); }},
      {k_prekey_form, issue_prekey({1, {}, k_exp}, k_key).value(),
       [key](std::string_view t) { return parse_prekey(t, key, k_now_s).has_value(); }},
      {k_slot_manifest_form, issue_slot_manifest({{}, pk, {}, 2, 1, 0, 0, k_exp, {{}, {}}}, k_key).value(),
       [](std::string_view t) { return parse_slot_manifest(t, k_now_s).has_value(); }},
      {k_rotation_record_form,
       issue_rotation_record({SubjectType::user_identity, "a@b", pk, k_other.public_key(), 1, 1, k_exp}, k_key, k_other)
           .value(),
       [](std::string_view t) { return parse_rotation_record(t, k_now_s).has_value(); }},
      {k_revocation_record_form,
       issue_revocation_record({SubjectType::user_identity, "a@b", pk, RevocationReason::other, k_now}, k_key).value(),
       [](std::string_view t) { return parse_revocation_record(t, k_now_s).has_value(); }},
      {k_heartbeat_record_form, issue_heartbeat_record({"https://h", pk, "1", 1, "z", k_now, k_exp}, k_key).value(),
       [](std::string_view t) { return parse_heartbeat_record(t, k_now_s).has_value(); }},
      {k_claim_record_form, issue_claim_record({{}, pk, "d.t", 1, k_now, k_exp}, k_key).value(),
       [](std::string_view t) { return parse_claim_record(t, k_now_s).has_value(); }},
  };
}

/// One to four changes: a byte replaced, removed or added, or the end cut off.
std::string mutated(std::string bytes, Random& random) {
  for (std::uint64_t rounds = 1 + random.below(4); rounds > 0 && !bytes.empty(); --rounds) {
    const std::size_t at = random.below(bytes.size());
    const char octet = static_cast<char>(random.below(256));
    switch (random.below(8)) {
      case 0:
        bytes.erase(at, 1);
        break;
      case 1:
        bytes.insert(at, 1, octet);
        break;
      case 2:
        bytes.resize(at);
        break;
      default:
        bytes[at] = octet;
    }
  }
  return bytes;
}

/// Readers without a verdict must survive the same input.
void read_everything(std::string_view text) {
  static_cast<void>(sync_accepts("n", text, k_now_s, k_key.public_key()));
  static_cast<void>(judge_offer(text, text, k_now_s, std::nullopt));
  static_cast<void>(read_signed_exp(text));
  static_cast<void>(cluster_file_peers(text, "a", "b"));
  static_cast<void>(cluster_file_publication(text, std::nullopt, k_now_s));
}

}  // namespace

TEST_CASE("a damaged blob never verifies") {
  SeededRandom random(2);
  for (const Subject& subject : subjects()) {
    CAPTURE(subject.form.title);
    REQUIRE(subject.verifies(subject.text));
    const std::string blob = open_text(subject.form, subject.text).value();
    for (int round = 0; round < 300; ++round) {
      const std::string damaged = mutated(blob, random);
      if (damaged == blob) continue;
      const std::string text = text_of(subject.form, damaged);
      CAPTURE(text);
      CHECK_FALSE(subject.verifies(text));
      read_everything(text);
    }
  }
}

TEST_CASE("a damaged text verifies only when it still decodes to the same blob") {
  SeededRandom random(3);
  for (const Subject& subject : subjects()) {
    CAPTURE(subject.form.title);
    const std::string blob = open_text(subject.form, subject.text).value();
    for (int round = 0; round < 300; ++round) {
      const std::string text = mutated(subject.text, random);
      CAPTURE(text);
      if (subject.verifies(text)) CHECK(open_text(subject.form, text) == blob);
      read_everything(text);
    }
  }
}

TEST_CASE("a signed body that was cut is refused, but for the two optional tails") {
  for (const Subject& subject : subjects()) {
    CAPTURE(subject.form.title);
    const std::size_t signatures = &subject.form == &k_rotation_record_form ? 2 : 1;
    const std::string body = body_of(subject.form, subject.text, signatures);
    for (std::size_t size = 0; size < body.size(); ++size) {
      const std::string cut = body.substr(0, size);
      const std::string text =
          signatures == 2 ? signed_text(subject.form, cut, {k_key, k_other}) : signed_text(subject.form, cut, {k_key});
      CAPTURE(size);
      const bool without_versions = &subject.form == &k_identity_record_form && size == 77;
      const bool without_hashes = &subject.form == &k_slot_manifest_form && size == 108;
      CHECK(subject.verifies(text) == (without_versions || without_hashes));
    }
  }
}
