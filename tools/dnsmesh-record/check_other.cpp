// SPDX-License-Identifier: Apache-2.0
#include "base/base64.hpp"
#include "base/hex.hpp"
#include "crypto/keys.hpp"
#include "dnsmesh-record/answers.hpp"
#include "record/chunk.hpp"
#include "record/cluster_file.hpp"
#include "record/hostname.hpp"
#include "record/name_rule.hpp"
#include "record/offer.hpp"
#include "record/operator_key_file.hpp"
#include "record/owner_name.hpp"
#include "record/txt.hpp"

namespace dnsmesh::record_tool {
namespace {

Json hex_or_null(const std::optional<std::string>& bytes) { return bytes ? Json(to_hex(*bytes)) : Json(); }

Json check_sync(Fields& question) {
  const std::string name = question.text("name");
  const std::string value = question.text("value");
  std::optional<crypto::PublicKey> operator_key;
  if (question.has("cluster_operator_spk_hex")) {
    operator_key = question.array<32>("cluster_operator_spk_hex");
    if (question.notes().out_of_range) question.not_understood("cluster_operator_spk_hex", "is not 32 bytes");
  }
  const auto accepted = record::sync_accepts(name, value, question.integer("now"), operator_key);
  return {{"verdict", verdict_word(accepted.has_value())}};
}

Json check_chunk(Fields& question) {
  const auto block = record::unwrap_chunk(question.bytes("blob_hex"));
  return {{"verdict", verdict_word(block.has_value())}, {"block_hex", block ? Json(to_hex(*block)) : Json()}};
}

Json check_chunk_wrap(Fields& question) {
  return {{"blob_hex", to_hex(record::wrap_chunk(question.bytes("block_hex")))}};
}

Json check_base64(Fields& question) {
  const std::string input = question.text("input");
  return {{"strict_hex", hex_or_null(base64_decode_strict(input))},
          {"lenient_hex", hex_or_null(base64_decode_lenient(input))}};
}

Json check_ed25519(Fields& question) {
  const std::string key = question.bytes("public_key_hex");
  const std::string signature = question.bytes("signature_hex");
  return {{"verdict", verdict_word(crypto::verify(key, signature, question.bytes("message_hex")))}};
}

Json check_hostname(Fields& question) {
  const std::string name = question.text("input");
  if (!record::is_hostname(name)) return {{"verdict", verdict_word(false)}};
  return {{"verdict", verdict_word(true)},
          {"cluster_owner", record::cluster_owner(name).value()},
          {"bootstrap_owner", record::bootstrap_owner(name).value()},
          {"rotate_cluster_owner", record::rotate_cluster_owner(name).value()},
          {"rotate_bootstrap_owner", record::rotate_bootstrap_owner(name).value()}};
}

Json check_node_name(Fields& question) {
  const std::string name = question.text("input");
  const auto hash = record::claim_owner_hash(name, question.optional_text("claim_zone").value_or(""));
  return {{"reserved", record::is_reserved_owner(name)},
          {"claim_hash12", hash ? Json(*hash) : Json()},
          {"digest_name_ok", record::is_digest_name(name)},
          {"http_name_ok", record::is_http_name(name)}};
}

Json check_txt(Fields& question) {
  const std::string value = question.text("value");
  Json lengths = Json::array();
  for (const std::string_view string : record::txt_strings(value)) lengths.push_back(string.size());
  return {{"string_lens", std::move(lengths)}};
}

/// The fields that both kinds of 32-byte secrets give.
Json describe_key(Fields& question, const crypto::SigningKey& key) {
  Json answer = {{"ed25519_seed_hex", to_hex(view(key.seed()))}, {"ed25519_spk_hex", to_hex(view(key.public_key()))}};
  if (const auto message = question.optional_bytes("sign_message_hex")) {
    answer["signature_hex"] = to_hex(view(key.sign(*message)));
  }
  return answer;
}

Json check_key(Fields& question) {
  const std::string kind = question.text("kind");
  if (kind == "operator_hex") {
    return {{"verdict", verdict_word(record::parse_heartbeat_key_file(question.text("text")).has_value())}};
  }
  if (kind != "dmp" && kind != "operator") {
    question.not_understood("kind", "is none of dmp, operator, operator_hex");
    return {};
  }
  const std::string seed = question.bytes("seed_hex");
  if (seed.size() != 32) {
    question.not_understood("seed_hex", "is not 32 bytes");
    return {};
  }
  const auto secret = to_array<32>(seed);
  if (kind == "operator") return describe_key(question, crypto::SigningKey(secret));
  Json answer = describe_key(question, crypto::signing_key_from_x25519(secret));
  answer["x25519_pk_hex"] = to_hex(view(crypto::x25519_public(secret)));
  return answer;
}

Json check_cluster_file(Fields& question) {
  const std::string content = question.text("content");
  const std::string self_id = question.optional_text("self_node_id").value_or("");
  const std::string self_endpoint = question.optional_text("self_http_endpoint").value_or("");
  Json peers = Json::array();
  for (const record::ClusterPeer& peer : record::cluster_file_peers(content, self_id, self_endpoint)) {
    peers.push_back(Json::array({peer.node_id, peer.http_endpoint}));
  }
  return {{"peers", std::move(peers)}};
}

constexpr AnswerRow k_rows[] = {
    {"sync", check_sync},
    {"chunk", check_chunk},
    {"chunk-wrap", check_chunk_wrap},
    {"base64", check_base64},
    {"ed25519", check_ed25519},
    {"hostname", check_hostname},
    {"node-name", check_node_name},
    {"owner-name", answer_owner_name},
    {"txt", check_txt},
    {"key", check_key},
    {"cluster-file", check_cluster_file},
};

}  // namespace

std::span<const AnswerRow> other_check_rows() { return k_rows; }

}  // namespace dnsmesh::record_tool
