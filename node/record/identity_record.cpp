// SPDX-License-Identifier: Apache-2.0
#include "record/identity_record.hpp"

#include <algorithm>

#include "base/cursor.hpp"
#include "base/utf8.hpp"
#include "record/refuse.hpp"
#include "record/text_form.hpp"

namespace dnsmesh::record {
namespace {

constexpr std::size_t k_blob_bytes_min = 65;
constexpr std::size_t k_body_bytes_min = 74;
constexpr std::size_t k_fixed_bytes = 73;  // all but the username and the versions
constexpr std::size_t k_versions_max = 255;

/// The optional suffix; absent means version 1 alone.
Result<std::vector<std::uint8_t>> read_versions(ByteReader& reader) {
  if (reader.remaining() == 0) return std::vector<std::uint8_t>{1};
  const std::string_view list = reader.bytes(reader.u8());
  if (list.empty() || !reader.at_end()) return fail(ErrorCode::record_body_versions);
  std::vector<std::uint8_t> versions;
  for (const char c : list) versions.push_back(static_cast<std::uint8_t>(c));
  const bool ascending = std::ranges::adjacent_find(versions, std::greater_equal<>{}) == versions.end();
  if (!ascending) return fail(ErrorCode::record_body_versions);
  return versions;
}

/// What every reader checks before the signature.
Result<std::string> open_blob(std::string_view text) {
  auto blob = open_text(k_identity_record_form, text);
  if (blob && blob->size() < k_blob_bytes_min) return fail(ErrorCode::record_short);
  return blob;
}

}  // namespace

Result<IdentityRecord> parse_identity_record(std::string_view text) {
  const auto blob = open_blob(text);
  if (!blob) return std::unexpected(blob.error());
  const SignedBody parts = split_signature(*blob);
  auto record = parse_identity_record_body(parts.body);
  if (!record) return record;
  if (!crypto::verify(view(record->ed25519_spk), parts.signature, parts.body)) return fail(ErrorCode::record_signature);
  return record;
}

Result<IdentityRecord> read_identity_record(std::string_view text) {
  const auto blob = open_blob(text);
  if (!blob) return std::unexpected(blob.error());
  return parse_identity_record_body(split_signature(*blob).body);
}

Result<IdentityRecord> parse_identity_record_body(std::string_view body) {
  if (body.size() < k_body_bytes_min) return fail(ErrorCode::record_body_short);
  ByteReader reader(body);
  const std::size_t name_size = reader.u8();
  if (name_size == 0 || name_size > k_username_bytes_max) return fail(ErrorCode::record_body_name);
  if (body.size() < k_fixed_bytes + name_size) return fail(ErrorCode::record_body_truncated);
  IdentityRecord record;
  record.username = reader.bytes(name_size);
  if (!is_utf8(record.username)) return fail(ErrorCode::record_body_utf8);
  record.x25519_pk = to_array<32>(reader.bytes(32));
  record.ed25519_spk = to_array<32>(reader.bytes(32));
  record.ts = reader.u64();
  auto versions = read_versions(reader);
  if (!versions) return std::unexpected(versions.error());
  record.versions = std::move(*versions);
  return record;
}

Result<std::string> issue_identity_record(const IdentityRecord& record, const crypto::SigningKey& key) {
  if (key.public_key() != record.ed25519_spk) return refuse("the signing key is not the key that the record names");
  if (record.username.empty() || record.username.size() > k_username_bytes_max || !is_utf8(record.username)) {
    return refuse("the username must be 1 to {} bytes of UTF-8, it has {}", k_username_bytes_max,
                  record.username.size());
  }
  std::vector<std::uint8_t> versions = record.versions;
  std::ranges::sort(versions);
  const auto repeated = std::ranges::unique(versions);
  versions.erase(repeated.begin(), repeated.end());
  if (versions.empty() || versions.size() > k_versions_max) {
    return refuse("an identity names 1 to {} versions, not {}", k_versions_max, versions.size());
  }
  ByteWriter writer;
  writer.u8(static_cast<std::uint8_t>(record.username.size())).bytes(record.username);
  writer.bytes(view(record.x25519_pk)).bytes(view(record.ed25519_spk)).u64(record.ts);
  if (versions != std::vector<std::uint8_t>{1}) {
    writer.u8(static_cast<std::uint8_t>(versions.size()));
    for (const std::uint8_t version : versions) writer.u8(version);
  }
  return seal_signed(k_identity_record_form, writer.view(), key);
}

}  // namespace dnsmesh::record
