// SPDX-License-Identifier: Apache-2.0
#include "record/offer.hpp"

#include <algorithm>

#include "base/base64.hpp"
#include "record/chunk.hpp"
#include "record/claim_record.hpp"
#include "record/cluster_manifest.hpp"
#include "record/identity_record.hpp"
#include "record/name_rule.hpp"
#include "record/record_type.hpp"
#include "record/revocation_record.hpp"
#include "record/rotation_record.hpp"
#include "record/signed_exp.hpp"
#include "record/slot_manifest.hpp"
#include "record/text_form.hpp"

namespace dnsmesh::record {
namespace {

/// What a reader can ask of a record whose signer it does not know: one byte and a signature.
constexpr std::size_t k_structural_blob_bytes_min = 65;

template <class Record>
Result<void> verdict(const Result<Record>& record) {
  if (!record) return std::unexpected(record.error());
  return {};
}

/// Strict base64 even for prekeys, which clients read leniently.
Result<void> check_structure(const TextForm& form, std::string_view value) {
  const auto blob = base64_decode_strict(value.substr(form.prefix.size()));
  if (!blob) return fail(ErrorCode::record_base64);
  if (blob->size() < k_structural_blob_bytes_min) return fail(ErrorCode::record_short);
  return {};
}

std::int64_t clamp_to_signed(std::uint64_t time_s) {
  return static_cast<std::int64_t>(std::min<std::uint64_t>(time_s, Offer::k_always_valid));
}

/// The last second at which a reader's own check still passes.
std::int64_t last_valid_s(std::string_view value) {
  const RecordType type = record_type_of(value);
  const bool ends = type == RecordType::cluster_manifest || type == RecordType::claim || type == RecordType::rotation;
  const auto exp = ends ? read_signed_exp(value) : std::nullopt;
  if (!exp) return Offer::k_always_valid;
  return clamp_to_signed(*exp) - (type == RecordType::claim ? 1 : 0);
}

}  // namespace

Result<void> sync_accepts(std::string_view owner_name, std::string_view value, std::int64_t now_s,
                          const std::optional<crypto::PublicKey>& operator_key) {
  switch (record_type_of(value)) {
    case RecordType::slot_manifest:
      return verdict(parse_slot_manifest(value, now_s));
    case RecordType::identity:
      return verdict(parse_identity_record(value));
    case RecordType::prekey:
      return check_structure(k_prekey_form, value);
    case RecordType::cluster_manifest:
      if (operator_key) return verdict(parse_cluster_manifest(value, view(*operator_key), now_s));
      return check_structure(k_cluster_manifest_form, value);
    case RecordType::bootstrap:
      return check_structure(k_bootstrap_record_form, value);
    case RecordType::chunk:
      return verdict(parse_chunk(value));
    case RecordType::claim:
      return verdict(parse_claim_record(value, now_s));
    case RecordType::rotation:
      return verdict(parse_rotation_record(value, now_s));
    case RecordType::revocation:
      return verdict(parse_revocation_record(value, now_s));
    case RecordType::heartbeat:
    case RecordType::unknown_dmp:
      return fail(ErrorCode::record_unknown_type);
    case RecordType::other:
      break;
  }
  if (value.empty()) return fail(ErrorCode::record_empty_value);
  if (is_reserved_owner(owner_name)) return fail(ErrorCode::record_reserved_owner);
  return {};
}

Offer judge_offer(std::string_view owner_name, std::string_view value, std::int64_t now_s,
                  const std::optional<crypto::PublicKey>& operator_key) {
  if (!is_digest_name(owner_name) || owner_name.ends_with('.')) return {.reason = ErrorCode::record_owner_name};
  if (const auto accepted = sync_accepts(owner_name, value, now_s, operator_key); !accepted) {
    return {.reason = accepted.error().code};
  }
  return {.reason = std::nullopt, .valid_until_s = last_valid_s(value)};
}

}  // namespace dnsmesh::record
