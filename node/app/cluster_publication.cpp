// SPDX-License-Identifier: Apache-2.0
#include "app/cluster_publication.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <optional>
#include <string>
#include <system_error>
#include <utility>

#include "app/sources.hpp"
#include "base/limits.hpp"
#include "base/log.hpp"
#include "base/utf8.hpp"
#include "record/cluster_file.hpp"
#include "record/cluster_manifest.hpp"
#include "record/name_rule.hpp"
#include "record/offer.hpp"

namespace dnsmesh::app {
namespace {

/// A mount of a missing file makes a folder of that name (spec/configuration.md 8.3): both mean "no file".
bool is_there(const std::string& path) {
  std::error_code error;
  return std::filesystem::is_regular_file(path, error);
}

store::Put put_of(const std::string& name, const record::ClusterPublication& publication, record::Offer offer) {
  store::Put put;
  put.name = name;
  put.value = publication.text;
  put.ttl_s = publication.ttl_s;
  put.ttl_rule = store::TtlRule::never_shorten;
  put.rrset_bounded = false;
  put.offer = std::move(offer);
  return put;
}

}  // namespace

/// What keeps a file from being published: a verifying manifest at its name that is newer, or as new and another.
/// Without a pinned key there is none, since a stranger may have put any number there.
Result<std::optional<std::uint64_t>> seq_in_the_way(const record::ClusterPublication& publication,
                                                    const ClusterSettings& settings, const store::RecordStore& store,
                                                    std::int64_t now_s) {
  if (!settings.operator_key) return std::nullopt;
  const std::string name = fold_ascii(publication.owner_name);
  const auto present = store.values_at(name);
  if (!present) return std::unexpected(present.error());
  std::optional<std::uint64_t> highest;
  for (const store::Record& record : *present) {
    const auto manifest = record::parse_cluster_manifest(record.value, view(*settings.operator_key), now_s);
    const bool counts =
        manifest && record.value != publication.text && fold_ascii("cluster." + manifest->cluster_name) == name;
    if (counts && manifest->seq >= publication.seq) highest = std::max(highest.value_or(0), manifest->seq);
  }
  return highest;
}

void publish_cluster_file(const ClusterSettings& settings, store::RecordStore& store, const Clock& clock) {
  if (!is_there(settings.file)) {
    log::debug(log::k_node, fmt::format("no cluster file at {}", settings.file));
    return;
  }
  const auto warn = [&](const Error& error) {
    log::warning(log::k_node, fmt::format("cluster file {} is not published: {}{}{}", settings.file,
                                          error_name(error.code), error.text.empty() ? "" : ", ", error.text));
  };
  const auto content = read_bounded_file(settings.file, limits::cluster_file_bytes_max);
  if (!content) return warn(content.error());
  const std::int64_t now_s = clock.wall_s();
  const auto publication = record::cluster_file_publication(*content, settings.operator_key, now_s);
  if (!publication) return warn(publication.error());
  // Without a pinned key the name is whatever the file says.
  if (!record::is_http_name(publication->owner_name)) return warn({ErrorCode::record_owner_name, {}});
  const auto in_the_way = seq_in_the_way(*publication, settings, store, now_s);
  if (!in_the_way) return warn(in_the_way.error());
  if (*in_the_way) {
    log::warning(log::k_node, fmt::format("cluster file {} is not published: its seq is {}, and {} has seq {} already",
                                          settings.file, publication->seq, publication->owner_name, **in_the_way));
    return;
  }
  const record::Offer offer =
      record::judge_offer(publication->owner_name, publication->text, now_s, settings.operator_key);
  const std::string folded = fold_ascii(publication->owner_name);
  store::Batch batch;
  batch.operations.emplace_back(put_of(folded, *publication, offer));
  if (folded != publication->owner_name) {
    batch.operations.emplace_back(put_of(publication->owner_name, *publication, offer));
  }
  const auto done = store::commit_and_wait(store, std::move(batch));
  if (!done) return warn(done.error());
  log::info(log::k_node, fmt::format("cluster file {} is published at {}", settings.file, folded));
}

}  // namespace dnsmesh::app
