// SPDX-License-Identifier: Apache-2.0
#include "sync/manifest_judge.hpp"

#include <algorithm>
#include <utility>

#include "base/limits.hpp"
#include "record/hostname.hpp"
#include "record/time_rules.hpp"

namespace dnsmesh::sync {

ManifestJudge::ManifestJudge(const crypto::PublicKey& operator_key, const Clock& clock, bool names_bind)
    : key_(operator_key),
      clock_(clock),
      names_bind_(names_bind),
      checks_left_(limits::manifest_checks_burst),
      refilled_ms_(clock.monotonic_ms()) {}

std::optional<Result<record::ClusterManifest>> ManifestJudge::judge(std::string_view text,
                                                                    std::string_view cluster_name) {
  const std::int64_t now_s = clock_.wall_s();
  auto manifest = record::read_cluster_manifest(text);
  if (!manifest) return manifest;
  if (manifest->operator_spk != key_) return fail(ErrorCode::record_key_mismatch);
  if (!names_bind_) cluster_name = manifest->cluster_name;
  if (!record::matches_expected_name(manifest->cluster_name, cluster_name))
    return fail(ErrorCode::record_name_mismatch);
  if (record::is_before(manifest->exp, now_s)) return fail(ErrorCode::record_expired);
  if (record::is_ahead_by_more(manifest->exp, now_s, record::k_long_exp_ahead_s_max)) {
    return fail(ErrorCode::record_exp_too_far);
  }
  std::optional<bool>& genuine = memory_of(text).genuine;
  if (!genuine) {
    if (!take_check()) return std::nullopt;
    genuine = record::parse_cluster_manifest(text, view(key_), now_s, cluster_name).has_value();
  }
  if (!*genuine) return fail(ErrorCode::record_signature);
  return manifest;
}

bool ManifestJudge::count(std::string_view text, std::string_view reason) {
  if (std::exchange(memory_of(text).counted, true)) return false;
  ++counts_[std::string(reason)];
  return true;
}

std::vector<std::pair<std::string, std::uint64_t>> ManifestJudge::counted() const {
  return {counts_.begin(), counts_.end()};
}

ManifestJudge::Memory& ManifestJudge::memory_of(std::string_view text) {
  const crypto::Hash256 hash = crypto::sha256(text);
  const auto known = memory_.find(hash);
  if (known != memory_.end()) return known->second;
  if (memory_.size() >= limits::manifest_verdicts_max) memory_.clear();
  return memory_[hash];
}

bool ManifestJudge::take_check() {
  const std::int64_t now_ms = clock_.monotonic_ms();
  const double refill = static_cast<double>(now_ms - refilled_ms_) / 1000 * limits::manifest_checks_per_s;
  checks_left_ = std::min(limits::manifest_checks_burst, checks_left_ + refill);
  refilled_ms_ = now_ms;
  if (checks_left_ < 1) return false;
  checks_left_ -= 1;
  return true;
}

}  // namespace dnsmesh::sync
