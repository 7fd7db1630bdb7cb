// SPDX-License-Identifier: Apache-2.0
#include "record/claim_record.hpp"

#include <algorithm>

#include "base/cursor.hpp"
#include "base/utf8.hpp"
#include "record/refuse.hpp"
#include "record/text_form.hpp"
#include "record/time_rules.hpp"

namespace dnsmesh::record {
namespace {

constexpr std::string_view k_magic = "DMPCL01";
constexpr std::size_t k_blob_bytes_min = 65;
constexpr std::size_t k_body_bytes_min = 74;
constexpr std::size_t k_domain_size_max = 43;

/// In UTF-8 no byte of a longer sequence lies in the forbidden range, so bytes can be asked instead of code points.
bool is_domain_text(std::string_view domain) {
  return std::ranges::none_of(domain, [](char c) { return static_cast<unsigned char>(c) <= 0x20 || c == 0x7F; });
}

std::size_t code_point_count(std::string_view utf8) {
  return static_cast<std::size_t>(
      std::ranges::count_if(utf8, [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

}  // namespace

Result<ClaimRecord> parse_claim_record(std::string_view text, std::int64_t now_s) {
  const auto blob = open_text(k_claim_record_form, text);
  if (!blob) return std::unexpected(blob.error());
  if (blob->size() < k_blob_bytes_min) return fail(ErrorCode::record_short);
  const SignedBody parts = split_signature(*blob);
  auto record = parse_claim_record_body(parts.body);
  if (!record) return record;
  if (!crypto::verify(view(record->sender_spk), parts.signature, parts.body)) return fail(ErrorCode::record_signature);
  if (is_ahead_by_more(record->ts, now_s, k_ts_skew_s)) return fail(ErrorCode::record_ts_future);
  if (is_before_or_at(record->exp, now_s)) return fail(ErrorCode::record_expired);
  if (is_ahead_by_more(record->exp, now_s, k_short_exp_ahead_s_max)) return fail(ErrorCode::record_exp_too_far);
  return record;
}

Result<ClaimRecord> parse_claim_record_body(std::string_view body) {
  if (body.size() < k_body_bytes_min) return fail(ErrorCode::record_body_short);
  ByteReader reader(body);
  if (reader.bytes(k_magic.size()) != k_magic) return fail(ErrorCode::record_body_magic);
  ClaimRecord record;
  record.msg_id = to_array<16>(reader.bytes(16));
  record.sender_spk = to_array<32>(reader.bytes(32));
  const std::size_t domain_size = reader.u8();
  if (domain_size == 0 || domain_size > k_domain_size_max) return fail(ErrorCode::record_body_range);
  record.sender_mailbox_domain = reader.bytes(domain_size);
  if (!reader.ok()) return fail(ErrorCode::record_body_truncated);
  if (!is_utf8(record.sender_mailbox_domain)) return fail(ErrorCode::record_body_utf8);
  record.slot = reader.u8();
  if (reader.ok() && record.slot > k_slot_max) return fail(ErrorCode::record_body_range);
  record.ts = reader.u64();
  record.exp = reader.u64();
  if (!reader.ok()) return fail(ErrorCode::record_body_truncated);
  if (!reader.at_end()) return fail(ErrorCode::record_body_trailing);
  if (record.exp <= record.ts) return fail(ErrorCode::record_body_time_order);
  if (!is_domain_text(record.sender_mailbox_domain)) return fail(ErrorCode::record_body_domain);
  // exp is later than ts, so its bound covers both.
  if (record.exp >= k_signed_time_end) return fail(ErrorCode::record_body_range);
  return record;
}

Result<std::string> issue_claim_record(const ClaimRecord& record, const crypto::SigningKey& key) {
  const std::string& domain = record.sender_mailbox_domain;
  if (key.public_key() != record.sender_spk) return refuse("the signing key is not the key that the record names");
  if (domain.empty() || !is_utf8(domain) || code_point_count(domain) > k_domain_size_max || !is_domain_text(domain)) {
    return refuse("the sender's mailbox domain must be 1 to {} characters without blanks and control characters",
                  k_domain_size_max);
  }
  if (record.slot > k_slot_max) return refuse("a slot is 0 to {}, not {}", k_slot_max, record.slot);
  if (record.exp <= record.ts) return refuse("exp must be later than ts");
  if (record.exp >= k_signed_time_end) return refuse("ts and exp must be below 2^63");
  ByteWriter writer;
  writer.bytes(k_magic).bytes(view(record.msg_id)).bytes(view(record.sender_spk));
  // A domain of 43 characters is at most 172 bytes; what is too long for the cap is refused when the text is made.
  writer.u8(static_cast<std::uint8_t>(domain.size())).bytes(domain).u8(record.slot).u64(record.ts).u64(record.exp);
  return seal_signed(k_claim_record_form, writer.view(), key);
}

}  // namespace dnsmesh::record
