// SPDX-License-Identifier: Apache-2.0
#include "app/cluster_publication.hpp"

#include <fmt/format.h>

#include <filesystem>
#include <string>
#include <system_error>
#include <utility>

#include "app/sources.hpp"
#include "base/limits.hpp"
#include "base/log.hpp"
#include "base/utf8.hpp"
#include "record/cluster_file.hpp"
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
