// SPDX-License-Identifier: Apache-2.0
#include "record/owner_name.hpp"

#include <fmt/format.h>

#include "base/cursor.hpp"
#include "crypto/hash.hpp"
#include "record/claim_record.hpp"
#include "record/hostname.hpp"

namespace dnsmesh::record {
namespace {

constexpr std::size_t k_identity_hash_chars = 16;
constexpr std::size_t k_short_hash_chars = 12;

std::string hash_chars(std::string_view bytes, std::size_t count) { return crypto::sha256_hex(bytes).substr(0, count); }

Result<std::string> under_hostname(std::string_view head, std::string_view name) {
  if (!is_hostname(name)) return fail(ErrorCode::record_owner_name, fmt::format("{} is not a DNS name", name));
  return fmt::format("{}.{}", head, without_trailing_dot(name));
}

Result<std::string> under_zone(std::string_view head, std::string_view zone) {
  if (zone.empty()) return fail(ErrorCode::record_owner_name, "the zone is empty");
  return fmt::format("{}.{}", head, zone);
}

std::string under_bare_zone(std::string_view head, std::string_view zone) {
  return fmt::format("{}.{}", head, without_trailing_dots(zone));
}

/// `<word>-<slot>.mb-<hash12>`; the recipient id is a hash already and is hashed again.
Result<std::string> mailbox_head(std::string_view word, const ByteArray<32>& recipient_id, std::uint64_t slot) {
  if (slot > k_slot_max) return fail(ErrorCode::record_owner_name, fmt::format("a slot is 0 to {}", k_slot_max));
  return fmt::format("{}-{}.mb-{}", word, slot, hash_chars(view(recipient_id), k_short_hash_chars));
}

}  // namespace

Result<std::string> cluster_owner(std::string_view cluster_name) { return under_hostname("cluster", cluster_name); }

Result<std::string> bootstrap_owner(std::string_view user_domain) { return under_hostname("_dmp", user_domain); }

Result<std::string> rotate_cluster_owner(std::string_view cluster_name) {
  return under_hostname("rotate.cluster", cluster_name);
}

Result<std::string> rotate_bootstrap_owner(std::string_view user_domain) {
  return under_hostname("rotate._dmp", user_domain);
}

std::string identity_hashed_owner(std::string_view username, std::string_view zone) {
  return under_bare_zone("id-" + hash_chars(username, k_identity_hash_chars), zone);
}

std::string identity_zone_owner(std::string_view zone) { return under_bare_zone("dmp", zone); }

std::string prekey_owner(std::string_view username, std::string_view zone) {
  return under_bare_zone("prekeys.id-" + hash_chars(username, k_short_hash_chars), zone);
}

std::string rotate_user_hashed_owner(std::string_view username, std::string_view zone) {
  return under_bare_zone("rotate.id-" + hash_chars(username, k_identity_hash_chars), zone);
}

std::string rotate_user_zone_owner(std::string_view zone) { return under_bare_zone("rotate.dmp", zone); }

ByteArray<32> recipient_id_of(std::string_view x25519_pub) { return crypto::sha256(x25519_pub); }

Result<std::string> slot_owner(const ByteArray<32>& recipient_id, std::uint64_t slot, std::string_view zone) {
  const auto head = mailbox_head("slot", recipient_id, slot);
  if (!head) return head;
  return fmt::format("{}.{}", *head, zone);
}

Result<std::string> claim_owner(const ByteArray<32>& recipient_id, std::uint64_t slot, std::string_view zone) {
  const auto head = mailbox_head("claim", recipient_id, slot);
  if (!head) return head;
  return under_zone(*head, zone);
}

std::uint32_t slot_choice(const ByteArray<16>& msg_id) {
  ByteReader reader(view(msg_id));
  return reader.u32() % (k_slot_max + 1U);
}

std::string chunk_owner(const ByteArray<16>& msg_id, const ByteArray<32>& recipient_id, const ByteArray<32>& sender_spk,
                        std::uint64_t chunk, std::string_view zone) {
  std::string key(view(msg_id));
  key += view(recipient_id);
  key += view(sender_spk);
  return fmt::format("chunk-{:04}-{}.{}", chunk, hash_chars(key, k_short_hash_chars), zone);
}

Result<std::string> heartbeat_owner(std::string_view zone) { return under_zone("_dnsmesh-heartbeat", zone); }

Result<std::string> seen_owner(std::string_view zone) { return under_zone("_dnsmesh-seen", zone); }

}  // namespace dnsmesh::record
