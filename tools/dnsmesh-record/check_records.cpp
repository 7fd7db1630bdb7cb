// SPDX-License-Identifier: Apache-2.0
#include "dnsmesh-record/answers.hpp"
#include "dnsmesh-record/record_json.hpp"

namespace dnsmesh::record_tool {
namespace {

template <class Record>
Json answer_of(const Result<Record>& record) {
  if (!record) return {{"verdict", verdict_word(false)}, {"reason", error_name(record.error().code)}};
  return {{"verdict", verdict_word(true)}, {"reason", "ok"}, {"parsed", to_json(*record)}};
}

Json check_cluster_manifest(Fields& question) {
  const std::string wire = question.text("wire");
  const std::string spk = question.bytes("operator_spk_hex");
  const auto expected = question.optional_text("expected_cluster_name");
  return answer_of(record::parse_cluster_manifest(wire, spk, question.integer("now"), expected));
}

Json check_bootstrap_record(Fields& question) {
  const std::string wire = question.text("wire");
  const std::string spk = question.bytes("signer_spk_hex");
  const auto expected = question.optional_text("expected_user_domain");
  return answer_of(record::parse_bootstrap_record(wire, spk, question.integer("now"), expected));
}

Json check_identity_record(Fields& question) { return answer_of(record::parse_identity_record(question.text("wire"))); }

Json check_prekey(Fields& question) {
  const std::string wire = question.text("wire");
  const std::string spk = question.bytes("signer_spk_hex");
  return answer_of(record::parse_prekey(wire, spk, question.integer("now")));
}

Json check_slot_manifest(Fields& question) {
  const std::string wire = question.text("wire");
  return answer_of(record::parse_slot_manifest(wire, question.integer("now")));
}

Json check_rotation_record(Fields& question) {
  const std::string wire = question.text("wire");
  const auto old_spk = question.optional_bytes("expected_old_spk_hex");
  const auto subject = question.optional_text("expected_subject");
  return answer_of(record::parse_rotation_record(wire, question.integer("now"), old_spk, subject));
}

Json check_revocation_record(Fields& question) {
  const std::string wire = question.text("wire");
  const auto spk = question.optional_bytes("expected_revoked_spk_hex");
  const auto subject = question.optional_text("expected_subject");
  const record::RevocationExpectation expected{spk, subject, question.optional_natural("max_age_seconds")};
  return answer_of(record::parse_revocation_record(wire, question.integer("now"), expected));
}

Json check_heartbeat_record(Fields& question) {
  const std::string wire = question.text("wire");
  const std::uint64_t skew_s = question.optional_natural("ts_skew_seconds").value_or(record::k_ts_skew_s);
  return answer_of(record::parse_heartbeat_record(wire, question.integer("now"), skew_s));
}

Json check_claim_record(Fields& question) {
  const std::string wire = question.text("wire");
  return answer_of(record::parse_claim_record(wire, question.integer("now")));
}

constexpr AnswerRow k_rows[] = {
    {"ClusterManifest", check_cluster_manifest},   {"BootstrapRecord", check_bootstrap_record},
    {"IdentityRecord", check_identity_record},     {"Prekey", check_prekey},
    {"SlotManifest", check_slot_manifest},         {"RotationRecord", check_rotation_record},
    {"RevocationRecord", check_revocation_record}, {"HeartbeatRecord", check_heartbeat_record},
    {"ClaimRecord", check_claim_record},
};

}  // namespace

std::span<const AnswerRow> record_check_rows() { return k_rows; }

}  // namespace dnsmesh::record_tool
