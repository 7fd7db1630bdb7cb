// SPDX-License-Identifier: Apache-2.0
// Announces one message in a mailbox slot (spec/records.md 6).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.hpp"
#include "base/error.hpp"
#include "crypto/ed25519.hpp"
#include "crypto/hash.hpp"

namespace dnsmesh::record {

struct SlotManifest {
  ByteArray<16> msg_id{};
  crypto::PublicKey sender_spk{};
  ByteArray<32> recipient_id{};    // SHA-256 of the recipient's X25519 key
  std::uint32_t total_chunks = 0;  // 1..1024
  std::uint32_t data_chunks = 0;   // 1..total_chunks
  std::uint32_t prekey_id = 0;     // 0: the long-term key
  std::uint64_t ts = 0;            // unix seconds, informational
  std::uint64_t exp = 0;           // unix seconds; a past one still parses, the consumer drops it when now > exp
  std::vector<crypto::Hash256> chunk_hashes;  // one a chunk, or none in the legacy form

  bool operator==(const SlotManifest&) const = default;
};

inline constexpr std::uint32_t k_chunks_max = 1024;

/// The manifest of `text` when its embedded sender key signed it. Errors: the codes of spec/records.md 6, in its order.
Result<SlotManifest> parse_slot_manifest(std::string_view text, std::int64_t now_s);

/// The fields of `text` without the signature and the time rule. Errors: those of open_text, record_short,
/// record_length, record_body_range.
Result<SlotManifest> read_slot_manifest(std::string_view text);

/// Signs a manifest with the key that it names. Errors: record_issue_refused.
Result<std::string> issue_slot_manifest(const SlotManifest& manifest, const crypto::SigningKey& key);

}  // namespace dnsmesh::record
