// SPDX-License-Identifier: Apache-2.0
#include "sync/acceptance.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <utility>

#include "base/base64.hpp"
#include "base/limits.hpp"
#include "crypto/hash.hpp"
#include "record/record_type.hpp"
#include "record/signed_exp.hpp"
#include "record/text_form.hpp"
#include "record/time_rules.hpp"

namespace dnsmesh::sync {
namespace {

using record::RecordType;

/// Seconds from `now_s` to a signed end, at most `ttl_s_max`; 0 when it is past by the boundary of the type
/// (spec/records.md 1.5: a claim ends at its `exp`, everything else after it).
std::int64_t ttl_s_to(std::uint64_t exp, RecordType type, std::int64_t now_s, std::int64_t ttl_s_max) {
  const bool past = type == RecordType::claim ? record::is_before_or_at(exp, now_s) : record::is_before(exp, now_s);
  if (past) return 0;
  if (record::is_ahead_by_more(exp, now_s, static_cast<std::uint64_t>(ttl_s_max))) return ttl_s_max;
  return std::max<std::int64_t>(1, static_cast<std::int64_t>(exp) - now_s);
}

constexpr std::array k_forms = {
    &record::k_cluster_manifest_form,
    &record::k_bootstrap_record_form,
    &record::k_identity_record_form,
    &record::k_prekey_form,
    &record::k_slot_manifest_form,
    &record::k_rotation_record_form,
    &record::k_revocation_record_form,
    &record::k_claim_record_form,
    &record::k_chunk_form,
};

}  // namespace

Matched match(const std::vector<Wanted>& wanted, std::vector<PulledRecord> records, bool no_hash_gate) {
  std::map<PairKey, std::size_t> by_pair;
  std::map<std::string_view, std::size_t> by_name;
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    by_pair.emplace(wanted[i].pair, i);
    by_name.emplace(wanted[i].pair.name, i);
  }
  Matched matched;
  matched.arrivals.resize(wanted.size());
  for (PulledRecord& pulled : records) {
    PairKey pair{std::move(pulled.name), crypto::sha256(pulled.value)};
    const auto named = by_name.find(pair.name);
    const auto asked = by_pair.find(pair);
    if (asked == by_pair.end() && !(no_hash_gate && named != by_name.end())) {
      matched.strays.push_back({std::move(pair), named != by_name.end()});
      continue;
    }
    Arrival& arrival = matched.arrivals[asked != by_pair.end() ? asked->second : named->second];
    if (arrival.fate == Fate::arrived) continue;
    arrival = {.fate = Fate::arrived, .value = std::move(pulled.value), .ttl_ms = pulled.ttl_ms, .reason = {}};
  }
  return matched;
}

std::int64_t ttl_s_ceiling(std::string_view value, std::int64_t now_s, std::int64_t ttl_s_max) {
  const RecordType type = record::record_type_of(value);
  const std::optional<std::uint64_t> exp = record::read_signed_exp(value);
  if (!exp) return ttl_s_max;
  if (type == RecordType::cluster_manifest) return ttl_s_to(*exp, type, now_s, limits::sync_manifest_ttl_s_max);
  return ttl_s_to(*exp, type, now_s, ttl_s_max);
}

void judge_arrival(Arrival& arrival, const Wanted& wanted, std::int64_t now_s, const WorkerOptions& options,
                   const InjectedBugs& bugs) {
  if (arrival.fate != Fate::arrived) return;
  if (std::cmp_greater(arrival.value.size(), options.value_bytes_max)) {
    arrival = {.fate = Fate::refused, .value = {}, .ttl_ms = 0, .reason = "too-big"};
    return;
  }
  const std::int64_t ceiling_s = ttl_s_ceiling(arrival.value, now_s, options.ttl_s_max);
  if (!bugs.no_ttl_clamp || ceiling_s <= 0) {
    arrival.ttl_ms = std::min({arrival.ttl_ms, wanted.ttl_ms_max, ceiling_s * 1000});
  }
  if (arrival.ttl_ms <= 0) arrival = {.fate = Fate::settled, .value = {}, .ttl_ms = 0, .reason = {}};
}

std::int64_t ttl_s_left(std::int64_t ttl_ms, std::int64_t sent_ms, std::int64_t now_ms) {
  const std::int64_t left_ms = ttl_ms - std::max<std::int64_t>(now_ms - sent_ms, 0);
  return left_ms > 0 ? left_ms / 1000 : 0;
}

bool close_enough(std::int64_t own_expires_s, std::int64_t ttl_s, std::int64_t now_s) {
  return ttl_s <= own_expires_s - now_s + limits::sync_ttl_slop_s;
}

bool is_alias(std::string_view value, std::string* blob) {
  const auto form = std::ranges::find_if(k_forms, [&](const auto* known) { return value.starts_with(known->prefix); });
  if (form == k_forms.end()) return false;
  const auto decoded = record::open_text(**form, value);
  if (!decoded) return false;
  const bool canonical = value.substr((*form)->prefix.size()) == base64_encode(*decoded);
  if (blob != nullptr) *blob = std::string((*form)->prefix) + *decoded;
  return !canonical;
}

}  // namespace dnsmesh::sync
