// SPDX-License-Identifier: Apache-2.0
#include "dnsmesh-record/record_json.hpp"

#include <limits>

#include "base/hex.hpp"

namespace dnsmesh::record_tool {
namespace {

constexpr std::uint64_t k_u8_max = std::numeric_limits<std::uint8_t>::max();
constexpr std::uint64_t k_u16_max = std::numeric_limits<std::uint16_t>::max();
constexpr std::uint64_t k_u32_max = std::numeric_limits<std::uint32_t>::max();

template <std::size_t N>
std::string hex(const ByteArray<N>& bytes) {
  return to_hex(view(bytes));
}

std::uint8_t u8_field(Fields& fields, std::string_view key) {
  return static_cast<std::uint8_t>(fields.natural(key, k_u8_max));
}

std::uint32_t u32_field(Fields& fields, std::string_view key) {
  return static_cast<std::uint32_t>(fields.natural(key, k_u32_max));
}

}  // namespace

Json to_json(const record::ClusterManifest& manifest) {
  Json nodes = Json::array();
  for (const record::ClusterNode& node : manifest.nodes) {
    nodes.push_back({{"node_id", node.node_id},
                     {"http_endpoint", node.http_endpoint},
                     {"dns_endpoint", node.dns_endpoint ? Json(*node.dns_endpoint) : Json()}});
  }
  return {{"cluster_name", manifest.cluster_name},
          {"operator_spk_hex", hex(manifest.operator_spk)},
          {"seq", manifest.seq},
          {"exp", manifest.exp},
          {"nodes", std::move(nodes)}};
}

void read_fields(Fields& fields, record::ClusterManifest& out) {
  out.cluster_name = fields.text("cluster_name");
  out.operator_spk = fields.array<32>("operator_spk_hex");
  out.seq = fields.natural("seq");
  out.exp = fields.natural("exp");
  for (Fields& node : fields.objects("nodes")) {
    out.nodes.push_back({node.text("node_id"), node.text("http_endpoint"), node.optional_text("dns_endpoint")});
  }
}

Json to_json(const record::BootstrapRecord& record) {
  Json entries = Json::array();
  for (const record::BootstrapEntry& entry : record.entries) {
    entries.push_back({{"priority", entry.priority},
                       {"cluster_base_domain", entry.cluster_base_domain},
                       {"operator_spk_hex", hex(entry.operator_spk)}});
  }
  return {{"user_domain", record.user_domain},
          {"signer_spk_hex", hex(record.signer_spk)},
          {"seq", record.seq},
          {"exp", record.exp},
          {"entries", std::move(entries)}};
}

void read_fields(Fields& fields, record::BootstrapRecord& out) {
  out.user_domain = fields.text("user_domain");
  out.signer_spk = fields.array<32>("signer_spk_hex");
  out.seq = fields.natural("seq");
  out.exp = fields.natural("exp");
  for (Fields& entry : fields.objects("entries")) {
    out.entries.push_back({static_cast<std::uint16_t>(entry.natural("priority", k_u16_max)),
                           entry.text("cluster_base_domain"), entry.array<32>("operator_spk_hex")});
  }
}

Json to_json(const record::IdentityRecord& record) {
  return {{"username", record.username},
          {"x25519_pk_hex", hex(record.x25519_pk)},
          {"ed25519_spk_hex", hex(record.ed25519_spk)},
          {"ts", record.ts},
          {"versions", record.versions}};
}

void read_fields(Fields& fields, record::IdentityRecord& out) {
  out.username = fields.text("username");
  out.x25519_pk = fields.array<32>("x25519_pk_hex");
  out.ed25519_spk = fields.array<32>("ed25519_spk_hex");
  out.ts = fields.natural("ts");
  if (!fields.has("versions")) return;
  out.versions.clear();
  for (const std::uint64_t version : fields.naturals("versions", k_u8_max)) {
    out.versions.push_back(static_cast<std::uint8_t>(version));
  }
}

Json to_json(const record::Prekey& prekey) {
  return {{"prekey_id", prekey.prekey_id}, {"x25519_pub_hex", hex(prekey.x25519_pub)}, {"exp", prekey.exp}};
}

void read_fields(Fields& fields, record::Prekey& out) {
  out.prekey_id = u32_field(fields, "prekey_id");
  out.x25519_pub = fields.array<32>(fields.has("public_key_hex") ? "public_key_hex" : "x25519_pub_hex");
  out.exp = fields.natural("exp");
}

Json to_json(const record::SlotManifest& manifest) {
  Json hashes = Json::array();
  for (const crypto::Hash256& hash : manifest.chunk_hashes) hashes.push_back(hex(hash));
  return {{"msg_id_hex", hex(manifest.msg_id)},
          {"sender_spk_hex", hex(manifest.sender_spk)},
          {"recipient_id_hex", hex(manifest.recipient_id)},
          {"total_chunks", manifest.total_chunks},
          {"data_chunks", manifest.data_chunks},
          {"prekey_id", manifest.prekey_id},
          {"ts", manifest.ts},
          {"exp", manifest.exp},
          {"chunk_hashes_hex", std::move(hashes)}};
}

void read_fields(Fields& fields, record::SlotManifest& out) {
  out.msg_id = fields.array<16>("msg_id_hex");
  out.sender_spk = fields.array<32>("sender_spk_hex");
  out.recipient_id = fields.array<32>("recipient_id_hex");
  out.total_chunks = u32_field(fields, "total_chunks");
  out.data_chunks = u32_field(fields, "data_chunks");
  out.prekey_id = u32_field(fields, "prekey_id");
  out.ts = fields.natural("ts");
  out.exp = fields.natural("exp");
  out.chunk_hashes = fields.optional_arrays<32>("chunk_hashes_hex");
}

Json to_json(const record::RotationRecord& record) {
  return {{"subject_type", static_cast<int>(record.subject_type)},
          {"subject", record.subject},
          {"old_spk_hex", hex(record.old_spk)},
          {"new_spk_hex", hex(record.new_spk)},
          {"seq", record.seq},
          {"ts", record.ts},
          {"exp", record.exp}};
}

void read_fields(Fields& fields, record::RotationRecord& out) {
  out.subject_type = static_cast<record::SubjectType>(u8_field(fields, "subject_type"));
  out.subject = fields.text("subject");
  out.old_spk = fields.array<32>("old_spk_hex");
  out.new_spk = fields.array<32>("new_spk_hex");
  out.seq = fields.natural("seq");
  out.ts = fields.natural("ts");
  out.exp = fields.natural("exp");
}

Json to_json(const record::RevocationRecord& record) {
  return {{"subject_type", static_cast<int>(record.subject_type)},
          {"subject", record.subject},
          {"revoked_spk_hex", hex(record.revoked_spk)},
          {"reason_code", static_cast<int>(record.reason)},
          {"ts", record.ts}};
}

void read_fields(Fields& fields, record::RevocationRecord& out) {
  out.subject_type = static_cast<record::SubjectType>(u8_field(fields, "subject_type"));
  out.subject = fields.text("subject");
  out.revoked_spk = fields.array<32>("revoked_spk_hex");
  out.reason = static_cast<record::RevocationReason>(u8_field(fields, "reason_code"));
  out.ts = fields.natural("ts");
}

Json to_json(const record::HeartbeatRecord& record) {
  return {{"endpoint", record.endpoint},
          {"operator_spk_hex", hex(record.operator_spk)},
          {"version", record.version},
          {"capabilities", record.capabilities},
          {"claim_provider_zone", record.claim_provider_zone},
          {"ts", record.ts},
          {"exp", record.exp}};
}

void read_fields(Fields& fields, record::HeartbeatRecord& out) {
  out.endpoint = fields.text("endpoint");
  out.operator_spk = fields.array<32>("operator_spk_hex");
  out.version = fields.text("version");
  out.capabilities = static_cast<std::uint16_t>(fields.natural("capabilities", k_u16_max));
  out.claim_provider_zone = fields.text("claim_provider_zone");
  out.ts = fields.natural("ts");
  out.exp = fields.natural("exp");
}

Json to_json(const record::ClaimRecord& record) {
  return {{"msg_id_hex", hex(record.msg_id)},
          {"sender_spk_hex", hex(record.sender_spk)},
          {"sender_mailbox_domain", record.sender_mailbox_domain},
          {"slot", record.slot},
          {"ts", record.ts},
          {"exp", record.exp}};
}

void read_fields(Fields& fields, record::ClaimRecord& out) {
  out.msg_id = fields.array<16>("msg_id_hex");
  out.sender_spk = fields.array<32>("sender_spk_hex");
  out.sender_mailbox_domain = fields.text("sender_mailbox_domain");
  out.slot = u8_field(fields, "slot");
  out.ts = fields.natural("ts");
  out.exp = fields.natural("exp");
}

}  // namespace dnsmesh::record_tool
