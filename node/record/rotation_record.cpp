// SPDX-License-Identifier: Apache-2.0
#include "record/rotation_record.hpp"

#include <utility>

#include "base/bytes.hpp"
#include "record/refuse.hpp"
#include "record/text_form.hpp"
#include "record/time_rules.hpp"

namespace dnsmesh::record {
namespace {

constexpr std::string_view k_magic = "DMPROT1";
constexpr std::size_t k_blob_bytes_min = 135;
constexpr std::size_t k_body_bytes_min = 97;
constexpr std::size_t k_bytes_after_subject = 88;

Result<void> check_expected(const RotationRecord& record, std::optional<std::string_view> expected_old_spk,
                            std::optional<std::string_view> expected_subject) {
  if (expected_old_spk && expected_old_spk->size() != record.old_spk.size()) return fail(ErrorCode::record_key_arg);
  if (expected_old_spk && *expected_old_spk != view(record.old_spk)) return fail(ErrorCode::record_key_mismatch);
  if (expected_subject && !matches_expected_subject(record.subject_type, record.subject, *expected_subject)) {
    return fail(ErrorCode::record_subject_mismatch);
  }
  return {};
}

}  // namespace

Result<RotationRecord> parse_rotation_record(std::string_view text, std::int64_t now_s,
                                             std::optional<std::string_view> expected_old_spk,
                                             std::optional<std::string_view> expected_subject) {
  const auto blob = open_text(k_rotation_record_form, text);
  if (!blob) return std::unexpected(blob.error());
  if (blob->size() < k_blob_bytes_min) return fail(ErrorCode::record_short);
  const SignedBody by_new = split_signature(*blob);
  const SignedBody by_old = split_signature(by_new.body);
  const std::string_view body = by_old.body;
  auto record = parse_rotation_record_body(body);
  if (!record) return record;
  if (!crypto::verify(view(record->old_spk), by_old.signature, body)) return fail(ErrorCode::record_signature);
  if (!crypto::verify(view(record->new_spk), by_new.signature, body)) return fail(ErrorCode::record_signature);
  if (auto held = check_expected(*record, expected_old_spk, expected_subject); !held) {
    return std::unexpected(held.error());
  }
  if (is_before(record->exp, now_s)) return fail(ErrorCode::record_expired);
  if (is_ahead_by_more(record->exp, now_s, k_long_exp_ahead_s_max)) return fail(ErrorCode::record_exp_too_far);
  return record;
}

Result<RotationRecord> parse_rotation_record_body(std::string_view body) {
  if (body.size() < k_body_bytes_min) return fail(ErrorCode::record_body_short);
  ByteReader reader(body);
  if (reader.bytes(k_magic.size()) != k_magic) return fail(ErrorCode::record_body_magic);
  auto field = read_subject(reader);
  if (!field) return std::unexpected(field.error());
  if (reader.remaining() < k_bytes_after_subject) return fail(ErrorCode::record_body_truncated);
  if (reader.remaining() > k_bytes_after_subject) return fail(ErrorCode::record_body_trailing);
  if (!is_subject(field->type, field->subject)) return fail(ErrorCode::record_body_subject);
  RotationRecord record;
  record.subject_type = field->type;
  record.subject = std::move(field->subject);
  record.old_spk = to_array<32>(reader.bytes(32));
  record.new_spk = to_array<32>(reader.bytes(32));
  record.seq = reader.u64();
  record.ts = reader.u64();
  record.exp = reader.u64();
  if (record.old_spk == record.new_spk) return fail(ErrorCode::record_body_keys_equal);
  return record;
}

Result<std::string> issue_rotation_record(const RotationRecord& record, const crypto::SigningKey& old_key,
                                          const crypto::SigningKey& new_key) {
  if (old_key.public_key() != record.old_spk) return refuse("the old signing key is not the record's old key");
  if (new_key.public_key() != record.new_spk) return refuse("the new signing key is not the record's new key");
  if (record.old_spk == record.new_spk) return refuse("the old and the new key are the same");
  ByteWriter writer;
  writer.bytes(k_magic);
  if (auto done = write_subject(writer, record.subject_type, record.subject); !done) {
    return std::unexpected(done.error());
  }
  writer.bytes(view(record.old_spk)).bytes(view(record.new_spk)).u64(record.seq).u64(record.ts).u64(record.exp);
  std::string blob = writer.view();
  blob += view(old_key.sign(writer.view()));
  blob += view(new_key.sign(writer.view()));
  return seal_text(k_rotation_record_form, blob);
}

}  // namespace dnsmesh::record
