// SPDX-License-Identifier: Apache-2.0
#include "record/slot_manifest.hpp"

#include "base/cursor.hpp"
#include "record/refuse.hpp"
#include "record/text_form.hpp"
#include "record/time_rules.hpp"

namespace dnsmesh::record {
namespace {

constexpr std::uint64_t k_fixed_body_bytes = 108;
constexpr std::uint64_t k_legacy_blob_bytes = k_fixed_body_bytes + k_signature_bytes;
constexpr std::uint64_t k_hash_bytes = 32;

bool is_chunk_count(std::uint32_t total, std::uint32_t data) {
  return data >= 1 && data <= total && total <= k_chunks_max;
}

/// Precondition: the blob was opened.
Result<SlotManifest> parse_blob(std::string_view blob) {
  if (blob.size() < k_legacy_blob_bytes) return fail(ErrorCode::record_short);
  ByteReader reader(split_signature(blob).body);
  SlotManifest manifest;
  manifest.msg_id = to_array<16>(reader.bytes(16));
  manifest.sender_spk = to_array<32>(reader.bytes(32));
  manifest.recipient_id = to_array<32>(reader.bytes(32));
  manifest.total_chunks = reader.u32();
  manifest.data_chunks = reader.u32();
  manifest.prekey_id = reader.u32();
  manifest.ts = reader.u64();
  manifest.exp = reader.u64();
  // The count is the sender's: up to 2^32-1 hashes of 32 bytes, so the product needs 64 bits.
  const std::uint64_t hashed_blob_bytes = k_legacy_blob_bytes + k_hash_bytes * manifest.total_chunks;
  if (blob.size() != k_legacy_blob_bytes && blob.size() != hashed_blob_bytes) return fail(ErrorCode::record_length);
  if (!is_chunk_count(manifest.total_chunks, manifest.data_chunks)) return fail(ErrorCode::record_body_range);
  while (reader.remaining() > 0) manifest.chunk_hashes.push_back(to_array<32>(reader.bytes(k_hash_bytes)));
  return manifest;
}

}  // namespace

Result<SlotManifest> parse_slot_manifest(std::string_view text, std::int64_t now_s) {
  const auto blob = open_text(k_slot_manifest_form, text);
  if (!blob) return std::unexpected(blob.error());
  auto manifest = parse_blob(*blob);
  if (!manifest) return manifest;
  const SignedBody parts = split_signature(*blob);
  if (!crypto::verify(view(manifest->sender_spk), parts.signature, parts.body))
    return fail(ErrorCode::record_signature);
  if (is_ahead_by_more(manifest->exp, now_s, k_short_exp_ahead_s_max)) return fail(ErrorCode::record_exp_too_far);
  return manifest;
}

Result<SlotManifest> read_slot_manifest(std::string_view text) {
  const auto blob = open_text(k_slot_manifest_form, text);
  if (!blob) return std::unexpected(blob.error());
  return parse_blob(*blob);
}

Result<std::string> issue_slot_manifest(const SlotManifest& manifest, const crypto::SigningKey& key) {
  if (key.public_key() != manifest.sender_spk) return refuse("the signing key is not the key that the record names");
  if (!is_chunk_count(manifest.total_chunks, manifest.data_chunks)) {
    return refuse("chunk counts must be 1 <= data <= total <= {}, not {} of {}", k_chunks_max, manifest.data_chunks,
                  manifest.total_chunks);
  }
  if (!manifest.chunk_hashes.empty() && manifest.chunk_hashes.size() != manifest.total_chunks) {
    return refuse("{} chunk hashes for {} chunks: give one a chunk or none", manifest.chunk_hashes.size(),
                  manifest.total_chunks);
  }
  ByteWriter writer;
  writer.bytes(view(manifest.msg_id)).bytes(view(manifest.sender_spk)).bytes(view(manifest.recipient_id));
  writer.u32(manifest.total_chunks).u32(manifest.data_chunks).u32(manifest.prekey_id);
  writer.u64(manifest.ts).u64(manifest.exp);
  for (const crypto::Hash256& hash : manifest.chunk_hashes) writer.bytes(view(hash));
  return seal_signed(k_slot_manifest_form, writer.view(), key);
}

}  // namespace dnsmesh::record
