// SPDX-License-Identifier: Apache-2.0
#include "sync/manifest_file.hpp"

#include <fmt/format.h>

#include <utility>

#include "base/log.hpp"
#include "base/utf8.hpp"
#include "record/name_rule.hpp"

namespace dnsmesh::sync {
namespace {

constexpr std::string_view k_owner_prefix = "cluster.";

std::string described(const Error& error) {
  return fmt::format("{}{}{}", error_name(error.code), error.text.empty() ? "" : ", ", error.text);
}

std::vector<Peer> named_peers(std::string_view content, const Self& self) {
  std::vector<std::string> problems;
  auto peers = peers_of(record::cluster_file_peers(content, self.node_id, self.endpoint), self, problems);
  for (const std::string& problem : problems) log::error(log::k_sync, problem);
  return peers;
}

/// The manifest of a file that holds one, when it may be published.
Result<record::ClusterPublication> publication_of(std::string_view content,
                                                  const std::optional<crypto::PublicKey>& operator_key,
                                                  std::int64_t now_s) {
  auto publication = record::cluster_file_publication(content, operator_key, now_s);
  // Without a pinned key the name is whatever the file says.
  if (publication && !record::is_http_name(publication->owner_name)) return fail(ErrorCode::record_owner_name);
  return publication;
}

}  // namespace

ManifestFile read_manifest_file(std::string_view content, const std::optional<crypto::PublicKey>& operator_key,
                                std::string_view base_domain, const Self& self, std::int64_t now_s) {
  ManifestFile out;
  content = strip_whitespace(content);
  if (content.empty()) return out;
  const record::ClusterFileForm form = record::cluster_file_form(content);
  if (form == record::ClusterFileForm::none) {
    log::warning(log::k_sync, "the cluster file is not published: it is neither a manifest nor a list of nodes");
    return out;
  }
  if (form == record::ClusterFileForm::nodes) {
    out.peers = named_peers(content, self);
    return out;
  }
  auto publication = publication_of(content, operator_key, now_s);
  if (publication) {
    out.cluster_name = fold_ascii(publication->owner_name).substr(k_owner_prefix.size());
    out.publication = std::move(*publication);
  } else {
    log::warning(log::k_sync, fmt::format("the cluster file is not published: {}", described(publication.error())));
  }
  // The signature stands before the end of life in the checks: what is expired is genuine.
  const bool genuine = publication || publication.error().code == ErrorCode::record_expired;
  if (operator_key && !genuine) {
    log::error(log::k_sync, "the cluster file names no peers: its manifest does not verify under the operator's key");
  } else if (operator_key && publication && !base_domain.empty() && out.cluster_name != base_domain) {
    log::error(log::k_sync, fmt::format("the cluster file names no peers: its cluster is {}, ours is {}",
                                        out.cluster_name, base_domain));
  } else {
    out.peers = named_peers(content, self);
  }
  return out;
}

}  // namespace dnsmesh::sync
