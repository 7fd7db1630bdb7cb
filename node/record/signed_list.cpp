// SPDX-License-Identifier: Apache-2.0
#include "record/signed_list.hpp"

#include "base/bytes.hpp"
#include "record/hostname.hpp"
#include "record/refuse.hpp"
#include "record/time_rules.hpp"

namespace dnsmesh::record {
namespace {

constexpr std::size_t k_blob_bytes_min = 71;
constexpr std::size_t k_body_bytes_min = 56;

}  // namespace

Result<std::string> open_signed_list(const TextForm& form, std::string_view text, std::string_view spk) {
  auto blob = open_text(form, text);
  if (!blob) return blob;
  if (blob->size() < k_blob_bytes_min) return fail(ErrorCode::record_short);
  if (spk.size() != crypto::PublicKey{}.size()) return fail(ErrorCode::record_key_arg);
  const SignedBody parts = split_signature(*blob);
  if (!crypto::verify(spk, parts.signature, parts.body)) return fail(ErrorCode::record_signature);
  blob->resize(parts.body.size());
  return blob;
}

Result<ListHead> read_list_head(ByteReader& reader, std::string_view magic) {
  if (reader.remaining() < k_body_bytes_min) return fail(ErrorCode::record_body_short);
  if (reader.bytes(magic.size()) != magic) return fail(ErrorCode::record_body_magic);
  ListHead head;
  head.seq = reader.u64();
  head.exp = reader.u64();
  head.spk = to_array<32>(reader.bytes(32));
  const std::string_view wire_name = reader.bytes(reader.u8());
  if (!reader.ok()) return fail(ErrorCode::record_body_truncated);
  auto name = signed_name(wire_name);
  if (!name) return fail(ErrorCode::record_body_name);
  head.name = std::move(*name);
  return head;
}

Result<void> check_list_head(const ListHead& head, std::string_view spk, std::int64_t now_s,
                             std::optional<std::string_view> expected_name) {
  if (view(head.spk) != spk) return fail(ErrorCode::record_key_mismatch);
  if (is_before(head.exp, now_s)) return fail(ErrorCode::record_expired);
  if (is_ahead_by_more(head.exp, now_s, k_long_exp_ahead_s_max)) return fail(ErrorCode::record_exp_too_far);
  if (expected_name && !matches_expected_name(head.name, *expected_name)) return fail(ErrorCode::record_name_mismatch);
  return {};
}

Result<ByteWriter> write_list_head(const ListHead& head, std::string_view magic, const crypto::SigningKey& key,
                                   std::string_view name_title) {
  if (key.public_key() != head.spk) return refuse("the signing key is not the key that the record names");
  const auto name = signed_name(head.name);
  if (!name) {
    return refuse("the {} must be a DNS name of 1 to {} bytes with labels of letters, digits and inner hyphens",
                  name_title, k_signed_name_bytes_max);
  }
  ByteWriter writer;
  writer.bytes(magic).u64(head.seq).u64(head.exp).bytes(view(head.spk));
  writer.u8(static_cast<std::uint8_t>(name->size())).bytes(*name);
  return writer;
}

}  // namespace dnsmesh::record
