// SPDX-License-Identifier: Apache-2.0
#include "record/record_type.hpp"

#include "record/text_form.hpp"

namespace dnsmesh::record {
namespace {

struct Row {
  RecordType type;
  std::string_view prefix;
  std::string_view title;
};

constexpr Row row(RecordType type, const TextForm& form) { return {type, form.prefix, form.title}; }

constexpr Row k_rows[] = {
    row(RecordType::slot_manifest, k_slot_manifest_form),
    row(RecordType::identity, k_identity_record_form),
    row(RecordType::prekey, k_prekey_form),
    row(RecordType::cluster_manifest, k_cluster_manifest_form),
    row(RecordType::bootstrap, k_bootstrap_record_form),
    row(RecordType::chunk, k_chunk_form),
    row(RecordType::claim, k_claim_record_form),
    row(RecordType::rotation, k_rotation_record_form),
    row(RecordType::revocation, k_revocation_record_form),
    row(RecordType::heartbeat, k_heartbeat_record_form),
    {RecordType::unknown_dmp, "v=dmp", "unknown DMP record"},
    {RecordType::other, "", "other text"},
};

}  // namespace

RecordType record_type_of(std::string_view value) {
  for (const Row& candidate : k_rows) {
    if (value.starts_with(candidate.prefix)) return candidate.type;
  }
  return RecordType::other;
}

std::string_view record_type_title(RecordType type) { return k_rows[static_cast<std::size_t>(type)].title; }

}  // namespace dnsmesh::record
