// SPDX-License-Identifier: Apache-2.0
#include "record/prekey.hpp"

#include "base/cursor.hpp"
#include "record/refuse.hpp"
#include "record/text_form.hpp"
#include "record/time_rules.hpp"

namespace dnsmesh::record {
namespace {

constexpr std::size_t k_blob_bytes = 108;

/// Precondition: the blob was opened and has its length.
Result<Prekey> parse_blob(std::string_view blob) {
  ByteReader reader(blob);
  Prekey prekey;
  prekey.prekey_id = reader.u32();
  if (prekey.prekey_id == 0) return fail(ErrorCode::record_body_range);
  prekey.x25519_pub = to_array<32>(reader.bytes(32));
  prekey.exp = reader.u64();
  return prekey;
}

Result<std::string> open_prekey(std::string_view text) {
  auto blob = open_text(k_prekey_form, text);
  if (blob && blob->size() != k_blob_bytes) return fail(ErrorCode::record_length);
  return blob;
}

}  // namespace

Result<Prekey> parse_prekey(std::string_view text, std::string_view signer_spk, std::int64_t now_s) {
  const auto blob = open_prekey(text);
  if (!blob) return std::unexpected(blob.error());
  auto prekey = parse_blob(*blob);
  if (!prekey) return prekey;
  const SignedBody parts = split_signature(*blob);
  if (!crypto::verify(signer_spk, parts.signature, parts.body)) return fail(ErrorCode::record_signature);
  if (is_ahead_by_more(prekey->exp, now_s, k_short_exp_ahead_s_max)) return fail(ErrorCode::record_exp_too_far);
  return prekey;
}

Result<Prekey> read_prekey(std::string_view text) {
  const auto blob = open_prekey(text);
  if (!blob) return std::unexpected(blob.error());
  return parse_blob(*blob);
}

Result<std::string> issue_prekey(const Prekey& prekey, const crypto::SigningKey& key) {
  if (prekey.prekey_id == 0) return refuse("a prekey id is 1 to 4294967295; 0 is reserved");
  ByteWriter writer;
  writer.u32(prekey.prekey_id).bytes(view(prekey.x25519_pub)).u64(prekey.exp);
  return seal_signed(k_prekey_form, writer.view(), key);
}

}  // namespace dnsmesh::record
