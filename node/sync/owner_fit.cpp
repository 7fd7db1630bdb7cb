// SPDX-License-Identifier: Apache-2.0
#include "sync/owner_fit.hpp"

#include <string>

#include "base/utf8.hpp"
#include "record/bootstrap_record.hpp"
#include "record/cluster_manifest.hpp"
#include "record/identity_record.hpp"
#include "record/owner_name.hpp"
#include "record/record_type.hpp"
#include "record/slot_manifest.hpp"
#include "record/text_form.hpp"

namespace dnsmesh::sync {
namespace {

std::string_view first_label(std::string_view name) { return name.substr(0, name.find('.')); }
std::string_view after_first_label(std::string_view name) {
  const std::size_t dot = name.find('.');
  return dot == std::string_view::npos ? std::string_view{} : name.substr(dot + 1);
}

/// `<word>-<digits>`
bool is_numbered(std::string_view label, std::string_view word) {
  if (!label.starts_with(word) || label.size() == word.size()) return false;
  return label.substr(word.size()).find_first_not_of("0123456789") == std::string_view::npos;
}

bool identity_fits(std::string_view name, std::string_view value) {
  if (name.starts_with("dmp.")) return true;
  const auto record = record::read_identity_record(value);
  if (!record) return false;
  return first_label(name) == first_label(record::identity_hashed_owner(record->username, "zone"));
}

bool slot_manifest_fits(std::string_view name, std::string_view value) {
  const auto manifest = record::read_slot_manifest(value);
  if (!manifest || !is_numbered(first_label(name), "slot-")) return false;
  const auto owner = record::slot_owner(manifest->recipient_id, 0, "zone");
  return owner && first_label(after_first_label(name)) == first_label(after_first_label(*owner));
}

bool cluster_manifest_fits(std::string_view name, std::string_view value) {
  const auto head = record::read_cluster_manifest_head(value);
  return head && name == "cluster." + fold_ascii(head->cluster_name);
}

bool bootstrap_fits(std::string_view name, std::string_view value) {
  const auto record = record::read_bootstrap_record(value);
  return record && name == "_dmp." + fold_ascii(record->user_domain);
}

bool chunk_fits(std::string_view name) {
  const std::string_view label = first_label(name);
  const std::size_t dash = label.rfind('-');
  return label.starts_with("chunk-") && dash != std::string_view::npos && is_numbered(label.substr(0, dash), "chunk-");
}

}  // namespace

bool owner_fits(std::string_view owner_name, std::string_view value) {
  using record::RecordType;
  const std::string name = fold_ascii(owner_name);
  switch (record::record_type_of(value)) {
    case RecordType::slot_manifest:
      return slot_manifest_fits(name, value);
    case RecordType::identity:
      return identity_fits(name, value);
    case RecordType::prekey:
      return name.starts_with("prekeys.id-") || name.starts_with("pk-");
    case RecordType::cluster_manifest:
      return cluster_manifest_fits(name, value);
    case RecordType::bootstrap:
      return bootstrap_fits(name, value);
    case RecordType::chunk:
      return chunk_fits(name);
    case RecordType::claim:
      return is_numbered(first_label(name), "claim-") && after_first_label(name).starts_with("mb-");
    case RecordType::rotation:
    case RecordType::revocation:
      return name.starts_with("rotate.");
    case RecordType::heartbeat:
      return name.starts_with("_dnsmesh-heartbeat.");
    case RecordType::unknown_dmp:
    case RecordType::other:
      return true;
  }
  return true;
}

}  // namespace dnsmesh::sync
