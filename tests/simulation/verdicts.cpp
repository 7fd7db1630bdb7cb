// SPDX-License-Identifier: Apache-2.0
#include "verdicts.hpp"

#include "record/hostname.hpp"
#include "record/name_rule.hpp"
#include "record/record_type.hpp"

namespace dnsmesh::simulation {
namespace {

using record::RecordType;

constexpr std::int64_t k_window_s = 30;
constexpr std::int64_t k_five_years_s = std::int64_t{5} * 365 * 86400;
/// What is remembered of one process that runs thousands of seeds.
constexpr std::size_t k_remembered_max = 100000;

bool depends_on_time(RecordType type) {
  return type == RecordType::cluster_manifest || type == RecordType::claim || type == RecordType::rotation ||
         type == RecordType::revocation;
}

}  // namespace

Verdicts::Judgement Verdicts::judge_now(std::string_view name, std::string_view value, std::int64_t now_s) const {
  Judgement judgement{record::sync_accepts(name, value, now_s, operator_key_), {}};
  if (!judgement.accepted) {
    judgement.offer.reason = judgement.accepted.error().code;
  } else if (!record::is_digest_name(name) || name.ends_with('.')) {
    judgement.offer.reason = ErrorCode::record_owner_name;
  } else {
    judgement.offer = record::judge_offer(name, value, now_s, operator_key_);
  }
  return judgement;
}

Verdicts::Judgement Verdicts::judge(std::string_view name, std::string_view value, std::int64_t now_s) {
  if (!remember_) return judge_now(name, value, now_s);
  const RecordType type = record::record_type_of(value);
  const std::int64_t window = depends_on_time(type) ? now_s / k_window_s : 0;
  std::string key = std::to_string(window) + (record::is_reserved_owner(name) ? 'r' : '-');
  key += record::is_digest_name(name) && !name.ends_with('.') ? '.' : '!';
  key += value;
  auto found = judged_.find(key);
  if (found == judged_.end()) {
    if (judged_.size() > k_remembered_max) judged_.clear();
    found = judged_.emplace(key, judge_now(name, value, window > 0 ? window * k_window_s : now_s)).first;
  }
  Judgement judgement = found->second;
  if (judgement.accepted && now_s > judgement.offer.valid_until_s) {
    judgement = {fail(ErrorCode::record_expired), {.reason = ErrorCode::record_expired}};
  }
  return judgement;
}

Result<record::ClusterManifest> Verdicts::manifest(const std::string& wire, std::int64_t now_s,
                                                   std::string_view cluster_name) {
  if (!remember_) return record::parse_cluster_manifest(wire, view(operator_key_), now_s, cluster_name);
  auto found = manifests_.find(wire);
  if (found == manifests_.end()) {
    if (manifests_.size() > k_remembered_max) manifests_.clear();
    // Everything but time and name: at its last second a manifest is in force.
    const auto head = record::read_cluster_manifest_head(wire);
    const std::int64_t last_s = head ? static_cast<std::int64_t>(head->exp) : now_s;
    found = manifests_.emplace(wire, record::parse_cluster_manifest(wire, view(operator_key_), last_s)).first;
  }
  Result<record::ClusterManifest> manifest = found->second;
  if (!manifest) return manifest;
  const auto exp_s = static_cast<std::int64_t>(manifest->exp);
  if (exp_s < now_s) return fail(ErrorCode::record_expired);
  if (exp_s - now_s > k_five_years_s) return fail(ErrorCode::record_exp_too_far);
  if (!record::matches_expected_name(manifest->cluster_name, cluster_name)) {
    return fail(ErrorCode::record_name_mismatch);
  }
  return manifest;
}

}  // namespace dnsmesh::simulation
