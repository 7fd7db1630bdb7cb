// SPDX-License-Identifier: Apache-2.0
#include "dns/known_types.hpp"

#include "record/cluster_manifest.hpp"
#include "record/heartbeat_record.hpp"
#include "record/record_type.hpp"

namespace dnsmesh::dns {
namespace {

using record::RecordType;

constexpr std::string_view k_cluster_label = "cluster.";

bool is_cluster_owner(std::string_view owner, std::string_view base_domain) {
  return !base_domain.empty() && owner.starts_with(k_cluster_label) &&
         owner.substr(k_cluster_label.size()) == base_domain;
}

/// Only at its own place a manifest is the operator's affair; elsewhere it is that of another cluster.
bool is_acceptable_manifest(std::string_view owner, std::string_view value, std::int64_t now_s,
                            const KnownTypes& rules) {
  if (rules.operator_key && is_cluster_owner(owner, rules.base_domain)) {
    return record::parse_cluster_manifest(value, view(*rules.operator_key), now_s, rules.base_domain).has_value();
  }
  return record::sync_accepts(owner, value, now_s, std::nullopt).has_value();
}

}  // namespace

bool is_acceptable(std::string_view owner, std::string_view value, const record::Offer& offer, std::int64_t now_s,
                   const KnownTypes& rules) {
  if (!rules.verify) return true;
  switch (record::record_type_of(value)) {
    case RecordType::unknown_dmp:
    case RecordType::other:
      return true;
    case RecordType::heartbeat:
      return record::parse_heartbeat_record(value, now_s).has_value();
    case RecordType::cluster_manifest:
      return is_acceptable_manifest(owner, value, now_s, rules);
    default:
      break;
  }
  if (!offer.reason) return true;
  // A name that may not be offered is judged before its value, which has then not been looked at.
  return *offer.reason == ErrorCode::record_owner_name &&
         record::sync_accepts(owner, value, now_s, rules.operator_key).has_value();
}

}  // namespace dnsmesh::dns
