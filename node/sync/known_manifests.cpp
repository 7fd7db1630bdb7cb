// SPDX-License-Identifier: Apache-2.0
#include "sync/known_manifests.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cassert>
#include <charconv>
#include <utility>

#include "base/base64.hpp"
#include "base/hex.hpp"
#include "base/limits.hpp"
#include "base/utf8.hpp"
#include "record/offer.hpp"
#include "record/record_type.hpp"
#include "record/text_form.hpp"
#include "record/time_rules.hpp"

namespace dnsmesh::sync {
namespace {

constexpr std::string_view k_owner_prefix = "cluster.";
/// Where the mark is kept among the positions of peers; no endpoint of a peer is spelled so.
constexpr std::string_view k_mark_peer = "cluster";
constexpr std::string_view k_mark_kind = "applied";

bool looks_like_manifest(std::string_view value) {
  return record::record_type_of(value) == record::RecordType::cluster_manifest;
}

std::optional<AppliedMark> parse_mark(std::string_view text, const MarkOwner& owner) {
  AppliedMark mark;
  const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), mark.seq);
  if (fault != std::errc()) return std::nullopt;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  const std::string whose = fmt::format(" {} {}", to_hex(view(owner.operator_key)), owner.cluster_name);
  if (!text.starts_with(' ') || !text.ends_with(whose)) return std::nullopt;
  text.remove_prefix(1);
  text.remove_suffix(std::min(whose.size(), text.size()));
  const auto hash = from_hex(text);
  if (!hash || hash->size() != mark.hash.size()) return std::nullopt;
  std::ranges::copy(*hash, mark.hash.begin());
  return mark;
}

}  // namespace

KnownManifest::KnownManifest(record::ClusterManifest the_fields, std::string the_wire, std::int64_t the_expires_s)
    : fields(std::move(the_fields)), wire(std::move(the_wire)), expires_s(the_expires_s) {
  const record::TextForm& form = record::k_cluster_manifest_form;
  const auto blob = record::open_text(form, wire);
  assert(blob.has_value());
  hash = crypto::sha256(std::string(form.prefix) + base64_encode(*blob));
}

std::string manifest_owner(std::string_view cluster_name) {
  return std::string(k_owner_prefix) + fold_ascii(cluster_name);
}

Result<StoredManifests> stored_manifests(const store::RecordStore& store, ManifestJudge& judge,
                                         std::string_view cluster_name) {
  auto rows = store.values_at(manifest_owner(cluster_name));
  if (!rows) return std::unexpected(rows.error());
  StoredManifests out;
  for (store::Record& row : *rows) {
    if (!looks_like_manifest(row.value)) continue;
    auto verdict = judge.judge(row.value, cluster_name);
    if (!verdict) {
      out.postponed = true;
    } else if (!*verdict) {
      judge.count(row.value, error_name(verdict->error().code));
    } else {
      out.manifests.emplace_back(std::move(**verdict), std::move(row.value), row.expires_s);
    }
  }
  return out;
}

Result<std::optional<ServedManifest>> manifest_by_head(const store::RecordStore& store, std::string_view cluster_name,
                                                       std::int64_t now_s) {
  const auto rows = store.values_at(manifest_owner(cluster_name));
  if (!rows) return std::unexpected(rows.error());
  std::optional<ServedManifest> best;
  for (const store::Record& row : *rows) {
    const auto head = record::read_cluster_manifest_head(row.value);
    if (!head || record::is_before(head->exp, now_s) || (best && best->seq >= head->seq)) continue;
    best = {row.value, head->seq, head->exp, head->cluster_name};
  }
  return best;
}

Result<FoundClusters> find_clusters(const store::RecordStore& store, ManifestJudge& judge) {
  const auto rows = store.rows_under(k_owner_prefix, limits::cluster_scan_rows_max);
  if (!rows) return std::unexpected(rows.error());
  FoundClusters out;
  for (const store::Record& row : *rows) {
    if (!looks_like_manifest(row.value)) continue;
    std::string name = fold_ascii(row.name).substr(k_owner_prefix.size());
    const auto verdict = judge.judge(row.value, name);
    if (!verdict) out.postponed = true;
    if (verdict && *verdict) out.names.insert(std::move(name));
  }
  return out;
}

std::vector<store::Operation> manifest_puts(std::string_view cluster_name, std::string_view wire, std::int64_t ttl_s,
                                            std::int64_t now_s, const std::optional<crypto::PublicKey>& operator_key) {
  const std::string folded = manifest_owner(cluster_name);
  const std::string spelled = std::string(k_owner_prefix) + std::string(cluster_name);
  store::Put put;
  put.name = folded;
  put.value = wire;
  put.ttl_s = ttl_s;
  put.ttl_rule = store::TtlRule::never_shorten;
  put.rrset_bounded = false;
  put.offer = record::judge_offer(folded, wire, now_s, operator_key);
  std::vector<store::Operation> out{put};
  if (spelled == folded) return out;
  put.name = spelled;
  out.emplace_back(std::move(put));
  return out;
}

std::int64_t life_until(std::uint64_t exp, std::int64_t now_s) {
  const auto end_s = static_cast<std::int64_t>(std::min<std::uint64_t>(exp, INT64_MAX));
  return end_s > now_s ? end_s - std::max<std::int64_t>(now_s, 0) : 1;
}

Result<std::optional<AppliedMark>> applied_mark(const store::RecordStore& store, const MarkOwner& owner) {
  const auto position = store.position(k_mark_peer, k_mark_kind);
  if (!position) return std::unexpected(position.error());
  if (!*position) return std::nullopt;
  return parse_mark(**position, owner);
}

store::SetPosition set_applied_mark(const AppliedMark& mark, const MarkOwner& owner) {
  return {std::string(k_mark_peer), std::string(k_mark_kind),
          fmt::format("{} {} {} {}", mark.seq, to_hex(view(mark.hash)), to_hex(view(owner.operator_key)),
                      owner.cluster_name)};
}

}  // namespace dnsmesh::sync
