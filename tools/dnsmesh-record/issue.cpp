// SPDX-License-Identifier: Apache-2.0
#include "dnsmesh-record/answers.hpp"
#include "dnsmesh-record/record_json.hpp"

namespace dnsmesh::record_tool {
namespace {

Json refusal(std::string_view why) { return {{"verdict", verdict_word(false)}, {"reason", why}}; }

/// Reads the inputs of a Record and as many seeds as its issuer signs with, and answers with the text or the refusal.
template <class Record, auto issue, std::size_t key_count>
Json answer_of(Fields& question) {
  Fields inputs = question.object("inputs");
  Record record;
  read_fields(inputs, record);
  const auto seeds = question.optional_arrays<32>("seeds_hex");
  if (seeds.size() != key_count) {
    question.not_understood("seeds_hex", key_count == 1 ? "must hold one seed" : "must hold two seeds, old then new");
    return {};
  }
  if (const auto& why = question.notes().out_of_range) return refusal(*why);
  Result<std::string> wire = [&] {
    if constexpr (key_count == 1) {
      return issue(record, crypto::SigningKey(seeds[0]));
    } else {
      return issue(record, crypto::SigningKey(seeds[0]), crypto::SigningKey(seeds[1]));
    }
  }();
  if (!wire) return refusal(wire.error().text);
  return {{"verdict", verdict_word(true)}, {"wire", std::move(*wire)}};
}

constexpr AnswerRow k_rows[] = {
    {"ClusterManifest", answer_of<record::ClusterManifest, record::issue_cluster_manifest, 1>},
    {"BootstrapRecord", answer_of<record::BootstrapRecord, record::issue_bootstrap_record, 1>},
    {"IdentityRecord", answer_of<record::IdentityRecord, record::issue_identity_record, 1>},
    {"Prekey", answer_of<record::Prekey, record::issue_prekey, 1>},
    {"SlotManifest", answer_of<record::SlotManifest, record::issue_slot_manifest, 1>},
    {"RotationRecord", answer_of<record::RotationRecord, record::issue_rotation_record, 2>},
    {"RevocationRecord", answer_of<record::RevocationRecord, record::issue_revocation_record, 1>},
    {"HeartbeatRecord", answer_of<record::HeartbeatRecord, record::issue_heartbeat_record, 1>},
    {"ClaimRecord", answer_of<record::ClaimRecord, record::issue_claim_record, 1>},
};

}  // namespace

std::span<const AnswerRow> issue_rows() { return k_rows; }

}  // namespace dnsmesh::record_tool
