// SPDX-License-Identifier: Apache-2.0
#include "own_vectors.hpp"

#include <cassert>
#include <string_view>

#include "base/bytes.hpp"
#include "base/hex.hpp"
#include "base/json.hpp"
#include "crypto/ed25519.hpp"
#include "dnsmesh-record/answers.hpp"
#include "record/chunk.hpp"
#include "record/text_form.hpp"

namespace dnsmesh::interop {
namespace {

/// The cases of a record type without what is computed. `@1` and `@2` stand for the public keys of our two seeds; a
/// case without inputs is a text of an earlier case with the last bit of its signature flipped.
struct Source {
  std::string_view stem;
  std::string_view record;
  const record::TextForm& form;
  std::vector<std::string_view> seed_names;
  std::string_view cases;
};

const Source k_sources[] = {
    {"cluster_manifest", "ClusterManifest", record::k_cluster_manifest_form, {"operator"}, R"([
  {"description": "two nodes, one without DNS endpoint", "verify_with_now": 1800000000,
   "inputs": {"cluster_name": "Mesh.Test", "operator_spk_hex": "@1", "seq": 1, "exp": 1800000000, "nodes": [
     {"node_id": "a", "http_endpoint": "https://a.mesh.test:8053", "dns_endpoint": "192.0.2.1:53"},
     {"node_id": "B /", "http_endpoint": "not a URL \u00e9", "dns_endpoint": null}]}},
  {"description": "largest seq, at the ceiling of exp", "verify_with_now": 1642320000,
   "inputs": {"cluster_name": "local", "operator_spk_hex": "@1", "seq": 18446744073709551615, "exp": 1800000000,
     "nodes": [{"node_id": "sixteen-bytes-id", "http_endpoint": "h", "dns_endpoint": null}]}},
  {"description": "the trailing dot of the name is not signed", "verify_with_now": 1800000000,
   "expected_parse_cluster_name": "dotted.test",
   "inputs": {"cluster_name": "dotted.test.", "operator_spk_hex": "@1", "seq": 2, "exp": 1800000001,
     "nodes": [{"node_id": "n", "http_endpoint": "h", "dns_endpoint": null}]}},
  {"description": "one second after exp", "verify_with_now": 1800000001, "expected_parse_result": "none",
   "inputs": {"cluster_name": "local", "operator_spk_hex": "@1", "seq": 1, "exp": 1800000000,
     "nodes": [{"node_id": "n", "http_endpoint": "h", "dns_endpoint": null}]}},
  {"description": "signature flipped", "verify_with_now": 1800000000, "expected_parse_result": "none", "wire_from_case": 0}
])"},
    {"bootstrap_record", "BootstrapRecord", record::k_bootstrap_record_form, {"signer"}, R"([
  {"description": "issued in the order of priority", "verify_with_now": 1800000000,
   "expected_parse_entries": [
     {"priority": 1, "cluster_base_domain": "b.test", "operator_spk_hex": "@2"},
     {"priority": 1, "cluster_base_domain": "a.test", "operator_spk_hex": "@1"},
     {"priority": 65535, "cluster_base_domain": "c.test", "operator_spk_hex": "@1"}],
   "inputs": {"user_domain": "users.test", "signer_spk_hex": "@1", "seq": 9, "exp": 1800000000, "entries": [
     {"priority": 65535, "cluster_base_domain": "c.test", "operator_spk_hex": "@1"},
     {"priority": 1, "cluster_base_domain": "b.test.", "operator_spk_hex": "@2"},
     {"priority": 1, "cluster_base_domain": "a.test", "operator_spk_hex": "@1"}]}},
  {"description": "exp beyond the ceiling", "verify_with_now": 1642319999, "expected_parse_result": "none",
   "inputs": {"user_domain": "users.test", "signer_spk_hex": "@1", "seq": 9, "exp": 1800000000, "entries": [
     {"priority": 0, "cluster_base_domain": "c", "operator_spk_hex": "@1"}]}},
  {"description": "another pinned key", "verify_with_now": 1800000000, "expected_parse_result": "none",
   "verify_with_signer_spk_hex": "@2",
   "inputs": {"user_domain": "users.test", "signer_spk_hex": "@1", "seq": 9, "exp": 1800000000, "entries": [
     {"priority": 0, "cluster_base_domain": "c", "operator_spk_hex": "@1"}]}}
])"},
    {"identity_record", "IdentityRecord", record::k_identity_record_form, {"identity"}, R"([
  {"description": "version 1 alone has no suffix",
   "inputs": {"username": "alice", "x25519_pk_hex": "@2", "ed25519_spk_hex": "@1", "ts": 1800000000, "versions": [1]}},
  {"description": "versions are sorted and written once", "expected_parse_versions": [0, 1, 255],
   "inputs": {"username": "\u00e9 \u0000", "x25519_pk_hex": "@2", "ed25519_spk_hex": "@1", "ts": 0,
     "versions": [255, 1, 0, 1]}},
  {"description": "signature flipped", "expected_parse_result": "none", "wire_from_case": 0}
])"},
    {"prekey", "Prekey", record::k_prekey_form, {"signer"}, R"([
  {"description": "typical", "verify_with_now": 1800000000, "verify_with_signer_spk_hex": "@1",
   "inputs": {"prekey_id": 77, "x25519_pub_hex": "@2", "exp": 1800086400}},
  {"description": "long expired still parses", "verify_with_now": 1800000000, "verify_with_signer_spk_hex": "@1",
   "inputs": {"prekey_id": 4294967295, "x25519_pub_hex": "@2", "exp": 0}},
  {"description": "one second beyond 30 days", "verify_with_now": 1800000000, "verify_with_signer_spk_hex": "@1",
   "expected_parse_result": "none", "inputs": {"prekey_id": 1, "x25519_pub_hex": "@2", "exp": 1802592001}}
])"},
    {"slot_manifest", "SlotManifest", record::k_slot_manifest_form, {"sender"}, R"([
  {"description": "two chunks with their hashes", "verify_with_now": 1800000000,
   "inputs": {"msg_id_hex": "000102030405060708090a0b0c0d0e0f", "sender_spk_hex": "@1", "recipient_id_hex": "@2",
     "total_chunks": 2, "data_chunks": 1, "prekey_id": 7, "ts": 1800000000, "exp": 1800000300,
     "chunk_hashes_hex": ["@1", "@2"]}},
  {"description": "legacy form, 1024 chunks, long expired", "verify_with_now": 1800000000,
   "inputs": {"msg_id_hex": "ffffffffffffffffffffffffffffffff", "sender_spk_hex": "@1", "recipient_id_hex": "@2",
     "total_chunks": 1024, "data_chunks": 1024, "prekey_id": 0, "ts": 18446744073709551615, "exp": 0,
     "chunk_hashes_hex": []}},
  {"description": "signature flipped", "verify_with_now": 1800000000, "expected_parse_result": "none", "wire_from_case": 0}
])"},
    {"rotation_record", "RotationRecord", record::k_rotation_record_form, {"old", "new"}, R"([
  {"description": "user, white space and case kept", "verify_with_now": 1800000000,
   "inputs": {"subject_type": 1, "subject": " Alice @ Mesh.Test.", "old_spk_hex": "@1", "new_spk_hex": "@2",
     "seq": 1800000000000, "ts": 1800000000, "exp": 1800000000}},
  {"description": "cluster operator, two trailing dots", "verify_with_now": 1800000000,
   "inputs": {"subject_type": 2, "subject": "mesh.test..", "old_spk_hex": "@1", "new_spk_hex": "@2", "seq": 1, "ts": 0,
     "exp": 1957680000}},
  {"description": "second signature flipped", "verify_with_now": 1800000000, "expected_parse_result": "none",
   "wire_from_case": 0}
])"},
    {"revocation_record", "RevocationRecord", record::k_revocation_record_form, {"revoked"}, R"([
  {"description": "bootstrap signer, lost key, 300 seconds ahead", "verify_with_now": 1799999700,
   "inputs": {"subject_type": 3, "subject": "users.test", "revoked_spk_hex": "@1", "reason_code": 3, "ts": 1800000000}},
  {"description": "301 seconds ahead", "verify_with_now": 1799999699, "expected_parse_result": "none",
   "inputs": {"subject_type": 3, "subject": "users.test", "revoked_spk_hex": "@1", "reason_code": 4, "ts": 1800000000}},
  {"description": "as old as the explicit limit allows", "verify_with_now": 1800000060, "verify_with_max_age_seconds": 60,
   "inputs": {"subject_type": 1, "subject": "a@b", "revoked_spk_hex": "@1", "reason_code": 1, "ts": 1800000000}}
])"},
    {"heartbeat_record", "HeartbeatRecord", record::k_heartbeat_record_form, {"operator"}, R"([
  {"description": "unknown capabilities are kept", "verify_with_now": 1800000000,
   "inputs": {"endpoint": "https://[2001:4860::1]:8053", "operator_spk_hex": "@1", "version": "dnsmesh 0.1",
     "capabilities": 65535, "claim_provider_zone": "mesh.test", "ts": 1800000300, "exp": 1802592000}},
  {"description": "everything empty that may be", "verify_with_now": 1800000000,
   "inputs": {"endpoint": "HTTP://h?#", "operator_spk_hex": "@1", "version": "", "capabilities": 0,
     "claim_provider_zone": "", "ts": 1799999700, "exp": 1800000001}},
  {"description": "exp equals now", "verify_with_now": 1800000001, "expected_parse_result": "none",
   "inputs": {"endpoint": "https://h", "operator_spk_hex": "@1", "version": "", "capabilities": 0,
     "claim_provider_zone": "", "ts": 1799999800, "exp": 1800000001}}
])"},
    {"claim_record", "ClaimRecord", record::k_claim_record_form, {"sender"}, R"([
  {"description": "non-ASCII domain", "verify_with_now": 1800000000,
   "inputs": {"msg_id_hex": "000102030405060708090a0b0c0d0e0f", "sender_spk_hex": "@1",
     "sender_mailbox_domain": "b\u00fccher_.test", "slot": 0, "ts": 0, "exp": 1800000001}},
  {"description": "text of exactly 255 characters", "verify_with_now": 1800000000,
   "inputs": {"msg_id_hex": "000102030405060708090a0b0c0d0e0f", "sender_spk_hex": "@1",
     "sender_mailbox_domain": "ddddddddddddddddddddddddddddddddddddddddddd", "slot": 9, "ts": 1800000300,
     "exp": 1802592000}},
  {"description": "exp equals now", "verify_with_now": 1800000000, "expected_parse_result": "none",
   "inputs": {"msg_id_hex": "000102030405060708090a0b0c0d0e0f", "sender_spk_hex": "@1",
     "sender_mailbox_domain": "d", "slot": 9, "ts": 1, "exp": 1800000000}}
])"},
};

crypto::SigningKey key_number(int number) {
  ByteArray<32> seed;
  seed.fill(static_cast<unsigned char>(number));
  return crypto::SigningKey(seed);
}

std::string with_keys(std::string text) {
  for (const int number : {1, 2}) {
    const std::string mark = "@" + std::to_string(number);
    const std::string key = to_hex(view(key_number(number).public_key()));
    for (std::size_t at = text.find(mark); at != std::string::npos; at = text.find(mark, at + key.size())) {
      text.replace(at, mark.size(), key);
    }
  }
  return text;
}

std::string issue(const Source& source, const Json& inputs) {
  Json question = {{"record", source.record}, {"inputs", inputs}, {"seeds_hex", Json::array()}};
  for (std::size_t i = 0; i < source.seed_names.size(); ++i) {
    question["seeds_hex"].push_back(to_hex(view(key_number(static_cast<int>(i) + 1).seed())));
  }
  const Json answer = record_tool::answer_issue(write_json(question)).answer;
  assert(answer.contains("wire"));
  return answer["wire"].get<std::string>();
}

/// The text with the last bit of its blob flipped.
std::string flipped(const record::TextForm& form, std::string_view text) {
  std::string blob = record::open_text(form, text).value();
  blob.back() = static_cast<char>(blob.back() ^ 1);
  return record::seal_text(form, blob).value();
}

Json make_cases(const Source& source) {
  const Json templates = parse_json(with_keys(std::string(source.cases)), 8).value();
  std::vector<std::string> texts;
  Json cases = Json::array();
  for (const Json& wanted : templates) {
    Json out = wanted;
    texts.push_back(wanted.contains("inputs")
                        ? issue(source, wanted["inputs"])
                        : flipped(source.form, texts.at(wanted["wire_from_case"].get<std::size_t>())));
    for (std::size_t i = 0; i < source.seed_names.size(); ++i) {
      out[std::string(source.seed_names[i]) + "_ed25519_seed_hex"] =
          to_hex(view(key_number(static_cast<int>(i) + 1).seed()));
    }
    if (wanted.value("expected_parse_result", "") != "none") {
      for (const auto& [field, value] : wanted["inputs"].items()) {
        if (!out.contains("expected_parse_" + field)) out["expected_parse_" + field] = value;
      }
    }
    out["expected_wire_hex"] = to_hex(texts.back());
    cases.push_back(std::move(out));
  }
  return cases;
}

Json make_chunk_cases() {
  Json cases = Json::array();
  std::string block;
  for (int i = 0; i < 128; ++i) block.push_back(static_cast<char>(i * 7 + 1));
  const std::string blob = record::wrap_chunk(block);
  cases.push_back({{"description", "wrap"},
                   {"block_hex", to_hex(block)},
                   {"expected_blob_hex", to_hex(blob)},
                   {"expected_wire_hex", to_hex(record::issue_chunk(block))}});
  for (const int errors : {16, 17}) {
    std::string damaged = blob;
    for (int i = 0; i < errors; ++i) {
      const auto at = static_cast<std::size_t>(8 + i * 9);
      damaged[at] = static_cast<char>(damaged[at] ^ (i + 1));
    }
    Json out = {{"description", std::to_string(errors) + " damaged octets"}, {"blob_hex", to_hex(damaged)}};
    out[errors == 16 ? "expected_block_hex" : "expected_result"] = errors == 16 ? to_hex(block) : "none";
    cases.push_back(std::move(out));
  }
  return cases;
}

}  // namespace

std::vector<VectorFile> make_own_vectors() {
  std::vector<VectorFile> files;
  for (const Source& source : k_sources) files.push_back({std::string(source.stem), make_cases(source)});
  files.push_back({"chunk_record", make_chunk_cases()});
  return files;
}

std::string render(const VectorFile& file) { return file.cases.dump(1, ' ', true) + "\n"; }

}  // namespace dnsmesh::interop
