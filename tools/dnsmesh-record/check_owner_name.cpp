// SPDX-License-Identifier: Apache-2.0
#include "dnsmesh-record/answers.hpp"
#include "record/owner_name.hpp"

namespace dnsmesh::record_tool {
namespace {

Json owner(const Result<std::string>& name) { return {{"owner", name ? Json(*name) : Json()}}; }

/// SHA-256 of the key when the key is given, else the id itself.
ByteArray<32> recipient(Fields& question) {
  if (!question.has("x25519_pub_hex")) return question.array<32>("recipient_id_hex");
  return record::recipient_id_of(view(question.array<32>("x25519_pub_hex")));
}

Json identity_hashed(Fields& question) {
  const std::string username = question.text("username");
  return owner(record::identity_hashed_owner(username, question.text("zone")));
}

Json prekey(Fields& question) {
  const std::string username = question.text("username");
  return owner(record::prekey_owner(username, question.text("zone")));
}

Json rotation_user_hashed(Fields& question) {
  const std::string username = question.text("username");
  return owner(record::rotate_user_hashed_owner(username, question.text("zone")));
}

Json identity_zone(Fields& question) { return owner(record::identity_zone_owner(question.text("zone"))); }

Json rotation_user_zone(Fields& question) { return owner(record::rotate_user_zone_owner(question.text("zone"))); }

Json heartbeat(Fields& question) { return owner(record::heartbeat_owner(question.text("zone"))); }

Json seen(Fields& question) { return owner(record::seen_owner(question.text("zone"))); }

Json slot(Fields& question) {
  const ByteArray<32> recipient_id = recipient(question);
  const std::uint64_t number = question.natural("slot");
  return owner(record::slot_owner(recipient_id, number, question.text("zone")));
}

Json claim(Fields& question) {
  const ByteArray<32> recipient_id = recipient(question);
  const std::uint64_t number = question.natural("slot");
  return owner(record::claim_owner(recipient_id, number, question.text("zone")));
}

Json chunk(Fields& question) {
  const auto msg_id = question.array<16>("msg_id_hex");
  const auto recipient_id = question.array<32>("recipient_id_hex");
  const auto sender_spk = question.array<32>("sender_spk_hex");
  const std::uint64_t number = question.natural("chunk");
  return owner(record::chunk_owner(msg_id, recipient_id, sender_spk, number, question.text("zone")));
}

Json slot_choice(Fields& question) {
  const auto msg_id = question.array<16>("msg_id_hex");
  return {{"slot", question.notes().out_of_range ? Json() : Json(record::slot_choice(msg_id))}};
}

/// Whether a claim name can be built from these: a recipient or slot that is out of range is a reject, not a fault of
/// the question.
Json claim_args(Fields& question) {
  const bool accepted = claim(question)["owner"].is_string() && !question.notes().out_of_range;
  return {{"verdict", verdict_word(accepted)}};
}

constexpr AnswerRow k_kinds[] = {
    {"identity_hashed", identity_hashed},
    {"prekey", prekey},
    {"rotation_user_hashed", rotation_user_hashed},
    {"identity_zone", identity_zone},
    {"rotation_user_zone", rotation_user_zone},
    {"heartbeat", heartbeat},
    {"seen", seen},
    {"slot", slot},
    {"claim", claim},
    {"chunk", chunk},
    {"slot_choice", slot_choice},
    {"claim_args", claim_args},
};

}  // namespace

Json answer_owner_name(Fields& question) {
  const std::string kind = question.text("kind");
  for (const AnswerRow& row : k_kinds) {
    if (row.record != kind) continue;
    Json answer = row.answer(question);
    const bool unusable = question.notes().out_of_range && answer.contains("owner");
    return unusable ? owner(fail(ErrorCode::record_owner_name)) : answer;
  }
  question.not_understood("kind", "is unknown");
  return {};
}

}  // namespace dnsmesh::record_tool
