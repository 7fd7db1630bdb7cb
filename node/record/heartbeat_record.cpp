// SPDX-License-Identifier: Apache-2.0
#include "record/heartbeat_record.hpp"

#include <algorithm>

#include "base/bytes.hpp"
#include "base/cursor.hpp"
#include "base/utf8.hpp"
#include "record/endpoint.hpp"
#include "record/refuse.hpp"
#include "record/text_form.hpp"

namespace dnsmesh::record {
namespace {

constexpr std::string_view k_magic = "DMPHB03";
constexpr std::string_view k_legacy_magic = "DMPHB02";
constexpr std::size_t k_blob_bytes_min = 124;
constexpr std::size_t k_body_bytes_min = 9;
constexpr std::size_t k_version_bytes_max = 32;
constexpr std::size_t k_zone_bytes_max = 64;

/// A text field of `size` bytes. Errors: record_body_range, record_body_truncated, record_body_utf8.
Result<std::string> read_text(ByteReader& reader, std::size_t size, std::size_t size_min, std::size_t size_max) {
  if (!reader.ok()) return fail(ErrorCode::record_body_truncated);
  if (size < size_min || size > size_max) return fail(ErrorCode::record_body_range);
  std::string text(reader.bytes(size));
  if (!reader.ok()) return fail(ErrorCode::record_body_truncated);
  if (!is_utf8(text)) return fail(ErrorCode::record_body_utf8);
  return text;
}

bool is_zone_char(char c) { return c > 0x20 && c < 0x7F; }

Result<void> check_issuable(const HeartbeatRecord& record, const crypto::SigningKey& key) {
  if (key.public_key() != record.operator_spk) return refuse("the signing key is not the key that the record names");
  if (!is_heartbeat_endpoint(record.endpoint)) {
    return refuse("the endpoint must be http:// or https:// with a public host and an optional port, and no path");
  }
  if (record.version.size() > k_version_bytes_max || !is_ascii(record.version)) {
    return refuse("the version must be at most {} ASCII bytes, it has {}", k_version_bytes_max, record.version.size());
  }
  if (record.claim_provider_zone.size() > k_zone_bytes_max ||
      !std::ranges::all_of(record.claim_provider_zone, is_zone_char)) {
    return refuse("the claim provider zone must be at most {} printable ASCII characters without blanks",
                  k_zone_bytes_max);
  }
  if (record.ts >= k_signed_time_end || record.exp >= k_signed_time_end) return refuse("ts and exp must be below 2^63");
  if (record.exp <= record.ts) return refuse("exp must be later than ts");
  return {};
}

}  // namespace

Result<HeartbeatRecord> parse_heartbeat_record(std::string_view text, std::int64_t now_s, std::uint64_t skew_s) {
  const auto blob = open_text(k_heartbeat_record_form, text);
  if (!blob) return std::unexpected(blob.error());
  if (blob->size() < k_blob_bytes_min) return fail(ErrorCode::record_short);
  const SignedBody parts = split_signature(*blob);
  auto record = parse_heartbeat_record_body(parts.body);
  if (!record) return record;
  if (!crypto::verify(view(record->operator_spk), parts.signature, parts.body)) {
    return fail(ErrorCode::record_signature);
  }
  if (is_ahead_by_more(record->ts, now_s, skew_s) || is_behind_by_more(record->ts, now_s, skew_s)) {
    return fail(ErrorCode::record_ts_skew);
  }
  if (is_before_or_at(record->exp, now_s)) return fail(ErrorCode::record_expired);
  if (is_ahead_by_more(record->exp, now_s, k_short_exp_ahead_s_max)) return fail(ErrorCode::record_exp_too_far);
  return record;
}

Result<HeartbeatRecord> parse_heartbeat_record_body(std::string_view body) {
  if (body.size() < k_body_bytes_min) return fail(ErrorCode::record_body_short);
  ByteReader reader(body);
  const std::string_view magic = reader.bytes(k_magic.size());
  if (magic != k_magic && magic != k_legacy_magic) return fail(ErrorCode::record_body_magic);
  HeartbeatRecord record;
  auto endpoint = read_text(reader, reader.u16(), 1, k_heartbeat_endpoint_bytes_max);
  if (!endpoint) return std::unexpected(endpoint.error());
  record.endpoint = std::move(*endpoint);
  const std::string_view spk = reader.bytes(record.operator_spk.size());
  auto version = read_text(reader, reader.u8(), 0, k_version_bytes_max);
  if (!version) return std::unexpected(version.error());
  record.version = std::move(*version);
  record.operator_spk = to_array<32>(spk);
  record.capabilities = reader.u16();
  if (magic == k_magic) {
    auto zone = read_text(reader, reader.u8(), 0, k_zone_bytes_max);
    if (!zone) return std::unexpected(zone.error());
    record.claim_provider_zone = std::move(*zone);
  }
  record.ts = reader.u64();
  record.exp = reader.u64();
  if (!reader.ok()) return fail(ErrorCode::record_body_truncated);
  if (!reader.at_end()) return fail(ErrorCode::record_body_trailing);
  if (!is_heartbeat_endpoint(record.endpoint)) return fail(ErrorCode::record_body_endpoint);
  if (!is_ascii(record.version)) return fail(ErrorCode::record_body_version);
  if (record.exp <= record.ts) return fail(ErrorCode::record_body_time_order);
  return record;
}

Result<std::string> issue_heartbeat_record(const HeartbeatRecord& record, const crypto::SigningKey& key) {
  if (auto issuable = check_issuable(record, key); !issuable) return std::unexpected(issuable.error());
  ByteWriter writer;
  writer.bytes(k_magic).u16(static_cast<std::uint16_t>(record.endpoint.size())).bytes(record.endpoint);
  writer.bytes(view(record.operator_spk)).u8(static_cast<std::uint8_t>(record.version.size())).bytes(record.version);
  writer.u16(record.capabilities).u8(static_cast<std::uint8_t>(record.claim_provider_zone.size()));
  writer.bytes(record.claim_provider_zone).u64(record.ts).u64(record.exp);
  return seal_signed(k_heartbeat_record_form, writer.view(), key);
}

}  // namespace dnsmesh::record
