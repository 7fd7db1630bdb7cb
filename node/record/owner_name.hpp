// SPDX-License-Identifier: Apache-2.0
// Owner names: how the name of each record type is built (spec/records.md 13).
//
// Hashes are over the text as given: `Alice` and `alice` have different names. A zone loses its trailing dots where
// clients drop them, and is used as it is elsewhere.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/bytes.hpp"
#include "base/error.hpp"

namespace dnsmesh::record {

/// `cluster.<name>`, `_dmp.<user domain>` and the places of their rotations and revocations. One trailing dot is
/// dropped, case is kept. Errors: record_owner_name when `name` is not a hostname.
Result<std::string> cluster_owner(std::string_view cluster_name);
Result<std::string> bootstrap_owner(std::string_view user_domain);
Result<std::string> rotate_cluster_owner(std::string_view cluster_name);
Result<std::string> rotate_bootstrap_owner(std::string_view user_domain);

/// Names of a user, hashed or zone-anchored; the zone loses its trailing dots and is not validated.
std::string identity_hashed_owner(std::string_view username, std::string_view zone);
std::string identity_zone_owner(std::string_view zone);
std::string prekey_owner(std::string_view username, std::string_view zone);
std::string rotate_user_hashed_owner(std::string_view username, std::string_view zone);
std::string rotate_user_zone_owner(std::string_view zone);

/// SHA-256 of an X25519 public key: whom a slot or claim is for.
ByteArray<32> recipient_id_of(std::string_view x25519_pub);

/// `slot-<N>.mb-<hash12>.<zone>` and `claim-<N>.mb-<hash12>.<zone>`, the zone as it is. Errors: record_owner_name when
/// `slot` is above 9, or for a claim when the zone is empty.
Result<std::string> slot_owner(const ByteArray<32>& recipient_id, std::uint64_t slot, std::string_view zone);
Result<std::string> claim_owner(const ByteArray<32>& recipient_id, std::uint64_t slot, std::string_view zone);

/// The slot in which a sender puts a message.
std::uint32_t slot_choice(const ByteArray<16>& msg_id);

/// `chunk-<NNNN>-<hash12>.<zone>`, the zone as it is.
std::string chunk_owner(const ByteArray<16>& msg_id, const ByteArray<32>& recipient_id, const ByteArray<32>& sender_spk,
                        std::uint64_t chunk, std::string_view zone);

/// `_dnsmesh-heartbeat.<zone>` and `_dnsmesh-seen.<zone>`, the zone as it is. Errors: record_owner_name for an empty
/// zone.
Result<std::string> heartbeat_owner(std::string_view zone);
Result<std::string> seen_owner(std::string_view zone);

}  // namespace dnsmesh::record
