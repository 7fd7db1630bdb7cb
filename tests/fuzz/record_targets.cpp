// SPDX-License-Identifier: Apache-2.0
#include <array>
#include <optional>
#include <string>

#include "base/base64.hpp"
#include "crypto/ed25519.hpp"
#include "record/bootstrap_record.hpp"
#include "record/chunk.hpp"
#include "record/claim_record.hpp"
#include "record/cluster_manifest.hpp"
#include "record/heartbeat_record.hpp"
#include "record/identity_record.hpp"
#include "record/offer.hpp"
#include "record/prekey.hpp"
#include "record/revocation_record.hpp"
#include "record/rotation_record.hpp"
#include "record/slot_manifest.hpp"
#include "targets.hpp"

namespace dnsmesh::fuzz {
namespace {

constexpr std::int64_t k_now_s = 1700000000;

const crypto::SigningKey& key() {
  static const crypto::SigningKey signing(ByteArray<32>{7});
  return signing;
}

/// Every reader of texts, whatever the prefix says.
void read_text(std::string_view text) {
  const std::string_view signer = view(key().public_key());
  static_cast<void>(record::parse_bootstrap_record(text, signer, k_now_s));
  static_cast<void>(record::read_bootstrap_record(text));
  static_cast<void>(record::parse_chunk(text));
  static_cast<void>(record::parse_claim_record(text, k_now_s));
  static_cast<void>(record::parse_cluster_manifest(text, signer, k_now_s));
  static_cast<void>(record::read_cluster_manifest(text));
  static_cast<void>(record::read_cluster_manifest_head(text));
  static_cast<void>(record::read_cluster_manifest_seq(text));
  static_cast<void>(record::parse_heartbeat_record(text, k_now_s));
  static_cast<void>(record::parse_identity_record(text));
  static_cast<void>(record::parse_prekey(text, signer, k_now_s));
  static_cast<void>(record::parse_revocation_record(text, k_now_s));
  static_cast<void>(record::parse_rotation_record(text, k_now_s));
  static_cast<void>(record::parse_slot_manifest(text, k_now_s));
}

/// What peers accept must be what we offer them, and the other way round.
void judge(std::string_view owner, std::string_view text) {
  const std::optional<crypto::PublicKey> pinned(key().public_key());
  const record::Offer offer = record::judge_offer(owner, text, k_now_s, pinned);
  if (offer.allowed_at(k_now_s)) {
    require(record::sync_accepts(owner, text, k_now_s, pinned).has_value(), "what is offered, a peer accepts");
  }
}

}  // namespace

void record_text(std::string_view input) {
  read_text(input);
  const std::size_t line = input.find('\n');
  if (line == std::string_view::npos) return judge("x.mesh.test", input);
  judge(input.substr(0, line), input.substr(line + 1));
}

/// The first octet chooses the type.
void record_body(std::string_view input) {
  if (input.empty()) return;
  const std::string_view body = input.substr(1);
  switch (static_cast<unsigned char>(input[0]) % 7) {
    case 0:
      return static_cast<void>(record::parse_bootstrap_record_body(body));
    case 1:
      return static_cast<void>(record::parse_claim_record_body(body));
    case 2:
      return static_cast<void>(record::parse_cluster_manifest_body(body));
    case 3:
      return static_cast<void>(record::parse_heartbeat_record_body(body));
    case 4:
      return static_cast<void>(record::parse_identity_record_body(body));
    case 5:
      return static_cast<void>(record::parse_revocation_record_body(body));
    default:
      return static_cast<void>(record::parse_rotation_record_body(body));
  }
}

/// Behind the prefix, a body that is signed anew, so that what lies behind the signature is reached.
void record_signed(std::string_view input) {
  const std::size_t line = input.find('\n');
  if (line == std::string_view::npos) return;
  const std::string_view body = input.substr(line + 1);
  const std::string signed_body = std::string(body) + std::string(view(key().sign(body)));
  const std::string text = std::string(input.substr(0, line)) + base64_encode(signed_body);
  read_text(text);
  judge("cluster.mesh.test", text);
  judge("x.mesh.test", text);
}

}  // namespace dnsmesh::fuzz
