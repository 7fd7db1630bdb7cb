// SPDX-License-Identifier: Apache-2.0
#include "record/offer.hpp"

#include <doctest/doctest.h>

#include "record/bootstrap_record.hpp"
#include "record/chunk.hpp"
#include "record/claim_record.hpp"
#include "record/cluster_manifest.hpp"
#include "record/heartbeat_record.hpp"
#include "record/identity_record.hpp"
#include "record/prekey.hpp"
#include "record/record_type.hpp"
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
constexpr auto k_exp_s = static_cast<std::int64_t>(k_exp);

const std::string k_cluster =
    issue_cluster_manifest({"m", k_key.public_key(), 1, k_exp, {{"a", "h", {}}}}, k_key).value();
const std::string k_bootstrap =
    issue_bootstrap_record({"m", k_key.public_key(), 1, k_exp, {{1, "m", {}}}}, k_key).value();
const std::string k_identity = issue_identity_record({"u", {}, k_key.public_key(), 1, {1}}, k_key).value();
const std::string k_prekey = issue_prekey({1, {}, k_exp}, k_key).value();
const std::string k_slot = issue_slot_manifest({{}, k_key.public_key(), {}, 1, 1, 0, 0, k_exp, {}}, k_key).value();
const std::string k_rotation =
    issue_rotation_record({SubjectType::user_identity, "a@b", k_key.public_key(), k_other.public_key(), 1, 1, k_exp},
                          k_key, k_other)
        .value();
const std::string k_revocation =
    issue_revocation_record({SubjectType::user_identity, "a@b", k_key.public_key(), RevocationReason::routine, k_now},
                            k_key)
        .value();
const std::string k_heartbeat =
    issue_heartbeat_record({"https://h", k_key.public_key(), "1", 0, "", k_now, k_exp}, k_key).value();
const std::string k_claim = issue_claim_record({{}, k_key.public_key(), "d", 1, k_now, k_exp}, k_key).value();
const std::string k_chunk = issue_chunk(std::string(128, 'c'));

std::string code_of_sync(std::string_view name, std::string_view value, std::int64_t now_s = k_now_s,
                         std::optional<crypto::PublicKey> key = std::nullopt) {
  return code_of(sync_accepts(name, value, now_s, key));
}

std::string reason_of(std::string_view name, std::string_view value) {
  const Offer offer = judge_offer(name, value, k_now_s, std::nullopt);
  return offer.reason ? std::string(error_name(*offer.reason)) : "offered";
}

}  // namespace

TEST_CASE("every valid record but a heartbeat is offered until its signed end") {
  struct Row {
    std::string value;
    std::int64_t valid_until_s;
  };
  const Row rows[] = {{k_cluster, k_exp_s},
                      {k_bootstrap, Offer::k_always_valid},
                      {k_identity, Offer::k_always_valid},
                      {k_prekey, Offer::k_always_valid},
                      {k_slot, Offer::k_always_valid},
                      {k_rotation, k_exp_s},
                      {k_revocation, Offer::k_always_valid},
                      {k_claim, k_exp_s - 1},
                      {k_chunk, Offer::k_always_valid},
                      {"some text", Offer::k_always_valid}};
  for (const Row& row : rows) {
    CAPTURE(row.value);
    const Offer offer = judge_offer("any.name", row.value, k_now_s, k_key.public_key());
    CHECK(offer == Offer{std::nullopt, row.valid_until_s});
    CHECK(offer.allowed_at(row.valid_until_s));
    if (row.valid_until_s == Offer::k_always_valid) continue;
    CHECK_FALSE(offer.allowed_at(row.valid_until_s + 1));
    // The end of the offer is the last second at which the reader's own check passes.
    CHECK(code_of_sync("n", row.value, row.valid_until_s, k_key.public_key()) == "ok");
    CHECK(code_of_sync("n", row.value, row.valid_until_s + 1, k_key.public_key()) == "expired");
  }
}

TEST_CASE("a name that a digest reader drops or a pull changes is not offered") {
  for (const char* name : {"", "*.a", "a b", "a.b.", "\xC3\xA9"}) {
    CAPTURE(name);
    CHECK(reason_of(name, "text") == "owner-name");
    CHECK(reason_of(name, k_claim) == "owner-name");
  }
  CHECK(reason_of(std::string(254, 'a'), "text") == "owner-name");
  CHECK(reason_of(std::string(253, 'a'), "text") == "offered");
  CHECK(code_of_sync("a b.", "text") == "ok");
}

TEST_CASE("what gate 4 refuses is not offered, for the reason of the check") {
  CHECK(reason_of("n", "") == "empty-value");
  CHECK(reason_of("n", k_heartbeat) == "unknown-type");
  CHECK(reason_of("n", "v=dmp") == "unknown-type");
  CHECK(reason_of("n", "v=dmp1;type=identity;data={}") == "unknown-type");
  CHECK(reason_of("cluster.m", "text") == "reserved-owner");
  CHECK(reason_of("cluster.m", "V=DMP1;t=claim;") == "reserved-owner");
  CHECK(reason_of("n", "V=DMP1;t=claim;") == "offered");
  CHECK(reason_of("n", k_claim + "=") == "offered");
  CHECK(reason_of("n", k_claim + "!") == "base64");
  CHECK(reason_of("n", k_slot.substr(0, 60)) == "short");
  CHECK(reason_of("n", "v=dmp1;t=chunk;d=") == "body:unwrap");
  CHECK(judge_offer("n", k_rotation, k_exp_s + 1, std::nullopt).reason == ErrorCode::record_expired);
}

TEST_CASE("a valid record may stand under anybody's name") {
  CHECK(code_of_sync("id-ab.z", k_claim) == "ok");
  CHECK(code_of_sync("cluster.m", k_identity) == "ok");
}

TEST_CASE("records whose signer is unknown are taken for 65 bytes of strict base64") {
  for (const TextForm* form : {&k_prekey_form, &k_bootstrap_record_form, &k_cluster_manifest_form}) {
    CAPTURE(form->title);
    CHECK(code_of_sync("n", text_of(*form, std::string(65, 'x'))) == "ok");
    CHECK(code_of_sync("n", text_of(*form, std::string(64, 'x'))) == "short");
    CHECK(code_of_sync("n", text_of(*form, std::string(65, 'x')) + "\n") == "base64");
    CHECK(code_of_sync("n", text_of(*form, std::string(5000, 'x'))) == "ok");
  }
}

TEST_CASE("a pinned operator key makes the cluster check a full one, without a name") {
  CHECK(code_of_sync("any", k_cluster, k_now_s, k_key.public_key()) == "ok");
  CHECK(code_of_sync("any", k_cluster, k_now_s, k_other.public_key()) == "signature");
  CHECK(code_of_sync("any", k_cluster, k_exp_s + 1, k_key.public_key()) == "expired");
  CHECK(code_of_sync("any", k_cluster, k_exp_s + 1) == "ok");
}

TEST_CASE("the type is chosen by prefix, heartbeats have their own and the rest of v=dmp is unknown") {
  CHECK(record_type_of(k_slot) == RecordType::slot_manifest);
  CHECK(record_type_of(k_heartbeat) == RecordType::heartbeat);
  CHECK(record_type_of("v=dmp1;t=manifest;") == RecordType::unknown_dmp);
  CHECK(record_type_of("v=dmp2;t=rotation;") == RecordType::unknown_dmp);
  CHECK(record_type_of(" v=dmp1;t=claim;") == RecordType::other);
  CHECK(record_type_of("") == RecordType::other);
  CHECK(record_type_title(RecordType::slot_manifest) == "slot manifest");
  CHECK(record_type_title(RecordType::other) == "other text");
}

TEST_CASE("the signed end is read without a key where a type has one") {
  for (const std::string& value : {k_cluster, k_bootstrap, k_prekey, k_slot, k_rotation, k_claim}) {
    CAPTURE(value);
    CHECK(read_signed_exp(value) == k_exp);
    CHECK_FALSE(read_signed_exp(value.substr(0, value.size() - 80)).has_value());
  }
  for (const std::string& value : {k_identity, k_revocation, k_heartbeat, k_chunk, std::string("text"), std::string(),
                                   std::string("v=dmp1;t=claim;"), std::string("v=dmp1;t=rotation;AAAA")}) {
    CAPTURE(value);
    CHECK_FALSE(read_signed_exp(value).has_value());
  }
}
