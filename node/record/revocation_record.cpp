// SPDX-License-Identifier: Apache-2.0
#include "record/revocation_record.hpp"

#include <utility>

#include "base/bytes.hpp"
#include "record/refuse.hpp"
#include "record/text_form.hpp"
#include "record/time_rules.hpp"

namespace dnsmesh::record {
namespace {

constexpr std::string_view k_magic = "DMPRV01";
constexpr std::size_t k_blob_bytes_min = 71;
constexpr std::size_t k_body_bytes_min = 50;
constexpr std::size_t k_bytes_after_subject = 41;

bool is_reason(std::uint8_t value) { return value >= 1 && value <= 4; }

Result<void> check_expected(const RevocationRecord& record, std::int64_t now_s, const RevocationExpectation& expected) {
  if (expected.revoked_spk && expected.revoked_spk->size() != record.revoked_spk.size()) {
    return fail(ErrorCode::record_key_arg);
  }
  if (expected.revoked_spk && *expected.revoked_spk != view(record.revoked_spk)) {
    return fail(ErrorCode::record_key_mismatch);
  }
  if (expected.subject && !matches_expected_subject(record.subject_type, record.subject, *expected.subject)) {
    return fail(ErrorCode::record_subject_mismatch);
  }
  if (expected.max_age_s && is_behind_by_more(record.ts, now_s, *expected.max_age_s)) {
    return fail(ErrorCode::record_stale);
  }
  return {};
}

}  // namespace

Result<RevocationRecord> parse_revocation_record(std::string_view text, std::int64_t now_s,
                                                 const RevocationExpectation& expected) {
  const auto blob = open_text(k_revocation_record_form, text);
  if (!blob) return std::unexpected(blob.error());
  if (blob->size() < k_blob_bytes_min) return fail(ErrorCode::record_short);
  const SignedBody parts = split_signature(*blob);
  auto record = parse_revocation_record_body(parts.body);
  if (!record) return record;
  if (!crypto::verify(view(record->revoked_spk), parts.signature, parts.body)) return fail(ErrorCode::record_signature);
  if (auto held = check_expected(*record, now_s, expected); !held) return std::unexpected(held.error());
  if (is_ahead_by_more(record->ts, now_s, k_ts_skew_s)) return fail(ErrorCode::record_ts_future);
  return record;
}

Result<RevocationRecord> parse_revocation_record_body(std::string_view body) {
  if (body.size() < k_body_bytes_min) return fail(ErrorCode::record_body_short);
  ByteReader reader(body);
  if (reader.bytes(k_magic.size()) != k_magic) return fail(ErrorCode::record_body_magic);
  auto field = read_subject(reader);
  if (!field) return std::unexpected(field.error());
  if (reader.remaining() < k_bytes_after_subject) return fail(ErrorCode::record_body_truncated);
  if (reader.remaining() > k_bytes_after_subject) return fail(ErrorCode::record_body_trailing);
  RevocationRecord record;
  record.subject_type = field->type;
  record.revoked_spk = to_array<32>(reader.bytes(32));
  const std::uint8_t reason = reader.u8();
  record.ts = reader.u64();
  if (!is_reason(reason)) return fail(ErrorCode::record_body_reason);
  record.reason = static_cast<RevocationReason>(reason);
  if (!is_subject(field->type, field->subject)) return fail(ErrorCode::record_body_subject);
  record.subject = std::move(field->subject);
  return record;
}

Result<std::string> issue_revocation_record(const RevocationRecord& record, const crypto::SigningKey& key) {
  if (key.public_key() != record.revoked_spk) return refuse("a revocation is signed by the key that it revokes");
  if (!is_reason(static_cast<std::uint8_t>(record.reason))) {
    return refuse("reason code {} is unknown: 1 compromise, 2 routine, 3 lost key, 4 other",
                  static_cast<int>(record.reason));
  }
  ByteWriter writer;
  writer.bytes(k_magic);
  if (auto done = write_subject(writer, record.subject_type, record.subject); !done) {
    return std::unexpected(done.error());
  }
  writer.bytes(view(record.revoked_spk)).u8(static_cast<std::uint8_t>(record.reason)).u64(record.ts);
  return seal_signed(k_revocation_record_form, writer.view(), key);
}

}  // namespace dnsmesh::record
