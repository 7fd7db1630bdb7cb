// SPDX-License-Identifier: Apache-2.0
#include "record/signed_exp.hpp"

#include "record/bootstrap_record.hpp"
#include "record/claim_record.hpp"
#include "record/cluster_manifest.hpp"
#include "record/prekey.hpp"
#include "record/record_type.hpp"
#include "record/rotation_record.hpp"
#include "record/slot_manifest.hpp"
#include "record/text_form.hpp"

namespace dnsmesh::record {
namespace {

template <class Record>
std::optional<std::uint64_t> exp_of(const Result<Record>& record) {
  if (!record) return std::nullopt;
  return record->exp;
}

/// The body of a text with `signature_count` signatures.
std::optional<std::string> body_of(const TextForm& form, std::string_view text, std::size_t signature_count) {
  auto blob = open_text(form, text);
  const std::size_t signature_bytes = signature_count * k_signature_bytes;
  if (!blob || blob->size() < signature_bytes) return std::nullopt;
  blob->resize(blob->size() - signature_bytes);
  return *blob;
}

}  // namespace

std::optional<std::uint64_t> read_signed_exp(std::string_view value) {
  switch (record_type_of(value)) {
    case RecordType::slot_manifest:
      return exp_of(read_slot_manifest(value));
    case RecordType::prekey:
      return exp_of(read_prekey(value));
    case RecordType::cluster_manifest:
      return exp_of(read_cluster_manifest(value));
    case RecordType::bootstrap:
      return exp_of(read_bootstrap_record(value));
    case RecordType::claim: {
      const auto body = body_of(k_claim_record_form, value, 1);
      return body ? exp_of(parse_claim_record_body(*body)) : std::nullopt;
    }
    case RecordType::rotation: {
      const auto body = body_of(k_rotation_record_form, value, 2);
      return body ? exp_of(parse_rotation_record_body(*body)) : std::nullopt;
    }
    default:
      return std::nullopt;
  }
}

}  // namespace dnsmesh::record
