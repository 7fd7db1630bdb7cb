// SPDX-License-Identifier: Apache-2.0
#include "import_checks.hpp"

#include <algorithm>
#include <limits>
#include <variant>

#include "base/hex.hpp"
#include "base/utf8.hpp"
#include "crypto/hash.hpp"
#include "record/record_type.hpp"
#include "record/signed_exp.hpp"

namespace dnsmesh::simulation {
namespace {

constexpr std::size_t k_value_bytes_max = 16384;
/// What rounding and the slop of spec/anti-entropy.md 7.1 may add to a listed life.
constexpr std::int64_t k_slop_s = 7;
/// What rounding and drift may add to a life on all its ways between our nodes together.
constexpr std::int64_t k_total_slop_ms = 8000;
/// A check and the commit of what it let through are at most so far apart.
constexpr std::int64_t k_check_to_commit_s = 120;

bool is_cluster_name(std::string_view name) { return fold_ascii(name).starts_with("cluster."); }

}  // namespace

void ImportChecks::violated(std::string_view invariant, const store::Put& put, std::string_view text) {
  env_.violated(invariant, fmt::format("{}: {} {} ({})", node_.id(), put.name, text,
                                       record::record_type_title(record::record_type_of(put.value))));
}

void ImportChecks::before(const store::Batch& batch, const Shadow& shadow) {
  old_s_.clear();
  const std::int64_t now_s = node_.clock().wall_s();
  for (const store::Operation& operation : batch.operations) {
    std::optional<std::int64_t> old_s;
    if (const auto* put = std::get_if<store::Put>(&operation)) {
      old_s = shadow.live_until_s({put->name, crypto::sha256(put->value)}, now_s);
      check_allowed(*put);
    } else if (std::holds_alternative<store::Delete>(operation)) {
      env_.violated("S2", node_.id() + ": the engine deletes");
    } else if (std::holds_alternative<store::Tombstone>(operation) && !peer_tombstones_) {
      env_.violated("S2", node_.id() + ": the engine buries although tombstones of peers are not honoured");
    }
    old_s_.push_back(old_s);
  }
}

/// S1: somebody listed the pair, and it passes the type check and the caps.
void ImportChecks::check_allowed(const store::Put& put) {
  if (!put.from_peer) {
    if (!is_cluster_name(put.name)) violated("S1", put, "is written by the engine as if a user had");
    return;
  }
  const std::string hash = to_hex(view(crypto::sha256(put.value)));
  if (!ledger_.listed_ttl_s(node_.index(), put.name, hash)) {
    violated("S1", put, "was never listed with hash " + hash.substr(0, 8));
  }
  if (put.value.size() > k_value_bytes_max) violated("S1", put, "is larger than a value of a peer may be");
  const std::int64_t now_s = node_.clock().wall_s();
  if (!env_.verdicts.judge(put.name, put.value, now_s).accepted &&
      !env_.verdicts.judge(put.name, put.value, now_s - k_check_to_commit_s).accepted) {
    violated("S1", put, "does not pass the check of its type");
  }
}

void ImportChecks::after(const store::Batch& batch, const Shadow& shadow) {
  for (std::size_t i = 0; i < batch.operations.size(); ++i) {
    const auto* put = std::get_if<store::Put>(&batch.operations[i]);
    if (put != nullptr && put->from_peer) check_life(*put, old_s_[i], shadow);
  }
}

/// S2, S3 and S13: never shorter, never longer than listed and than its type allows, never beyond a floor.
void ImportChecks::check_life(const store::Put& put, std::optional<std::int64_t> old_s, const Shadow& shadow) {
  const std::int64_t now_s = node_.clock().wall_s();
  const store::PairKey pair{put.name, crypto::sha256(put.value)};
  const auto found = shadow.rows.find(pair);
  if (found == shadow.rows.end()) {
    if (old_s) violated("S2", put, "is gone after an import");
    return;
  }
  const std::int64_t new_s = found->second.expires_s;
  if (old_s && new_s < *old_s) violated("S2", put, "lives shorter after an import");
  if (old_s && new_s == *old_s) return;
  if (const auto floor = shadow.floor(pair, now_s); floor && new_s > std::max(floor->life_until_s, old_s.value_or(0))) {
    violated("S13", put,
             fmt::format("lives until {} although a delete or shorter life holds until {}", new_s, floor->until_s));
  }
  const auto listed_s = ledger_.listed_ttl_s(node_.index(), put.name, to_hex(view(pair.hash)));
  const std::int64_t longest_s = std::min(listed_s.value_or(0), std::numeric_limits<std::int64_t>::max() / 2);
  if (new_s > now_s + longest_s + k_slop_s && !is_cluster_name(put.name)) {
    violated("S3", put, fmt::format("gets {} s, listed were {} s at most", new_s - now_s, longest_s));
  }
  check_end(put, new_s);
  if (new_s > now_s + ceiling_s(put, now_s)) {
    violated("S3", put, fmt::format("gets {} s, its type allows {} s", new_s - now_s, ceiling_s(put, now_s)));
  }
}

/// S3: where nobody but our nodes hands a pair on, however often they do, it ends with the longest life that a user
/// gave it anywhere.
void ImportChecks::check_end(const store::Put& put, std::int64_t new_s) {
  if (!env_.ours_alone || is_cluster_name(put.name)) return;
  const std::int64_t end_ms = env_.events.now_ms() + new_s * 1000 - node_.clock().wall_ms();
  const auto latest_ms = env_.users.latest_end_ms({put.name, put.value});
  if (!latest_ms) return violated("S3", put, "lives although no user has published it");
  if (end_ms > *latest_ms + k_total_slop_ms) {
    violated("S3", put, fmt::format("lives {} ms longer than any user asked for", end_ms - *latest_ms));
  }
}

std::int64_t ImportChecks::ceiling_s(const store::Put& put, std::int64_t now_s) const {
  const auto exp = record::read_signed_exp(put.value);
  const std::int64_t left_s = exp ? std::max<std::int64_t>(1, static_cast<std::int64_t>(*exp) - now_s) : ttl_s_max_;
  if (record::record_type_of(put.value) == record::RecordType::cluster_manifest && exp) return left_s;
  return std::min(left_s, ttl_s_max_);
}

}  // namespace dnsmesh::simulation
