// SPDX-License-Identifier: Apache-2.0
#include "record/cluster_file.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "base/bytes.hpp"
#include "base/json.hpp"
#include "base/limits.hpp"
#include "base/utf8.hpp"
#include "record/cluster_manifest.hpp"
#include "record/text_form.hpp"

namespace dnsmesh::record {
namespace {

using Json = nlohmann::ordered_json;

const std::string* string_member(const Json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_string() ? &found->get_ref<const std::string&>() : nullptr;
}

/// The JSON object of a file, or null when it is none.
Json json_object(std::string_view content) {
  auto parsed = parse_json(content, limits::json_depth_max);
  return parsed && parsed->is_object() ? std::move(*parsed) : Json();
}

/// `text` without its first `count` code points.
std::string_view without_first(std::string_view text, std::size_t count) {
  for (std::size_t i = 0; i < count && !text.empty(); ++i) {
    const auto point = first_code_point(text);
    text.remove_prefix(point ? point->size : 1);
  }
  return text;
}

std::vector<ClusterPeer> peers_of_manifest(std::string_view text) {
  std::vector<ClusterPeer> peers;
  const auto manifest = read_cluster_manifest(text);
  if (!manifest) return peers;
  for (const ClusterNode& node : manifest->nodes) peers.push_back({node.node_id, node.http_endpoint});
  return peers;
}

std::vector<ClusterPeer> peers_of_nodes(const Json& object) {
  std::vector<ClusterPeer> peers;
  const auto nodes = object.find("nodes");
  if (nodes == object.end() || !nodes->is_array()) return peers;
  for (const Json& node : *nodes) {
    if (!node.is_object()) continue;
    const std::string* id = string_member(node, "node_id");
    const std::string* endpoint = string_member(node, "http_endpoint");
    if (id && endpoint) peers.push_back({*id, *endpoint});
  }
  return peers;
}

std::vector<ClusterPeer> all_peers(std::string_view content) {
  if (content.starts_with(k_cluster_manifest_form.prefix)) return peers_of_manifest(content);
  const Json object = json_object(content);
  if (!object.is_object()) return {};
  const std::string* wire = string_member(object, "wire");
  if (!wire) return peers_of_nodes(object);
  // Existing nodes cut off as many characters as the prefix has, whatever they are.
  const std::string_view prefix = k_cluster_manifest_form.prefix;
  return peers_of_manifest(std::string(prefix) + std::string(without_first(*wire, prefix.size())));
}

std::string comparable_endpoint(std::string_view endpoint) {
  while (endpoint.ends_with('/')) endpoint.remove_suffix(1);
  return fold_ascii(endpoint);
}

/// The manifest text in a file, empty when it has none.
std::string manifest_text(std::string_view content) {
  if (content.starts_with(k_cluster_manifest_form.prefix)) return std::string(content);
  const Json object = json_object(content);
  const std::string* wire = object.is_object() ? string_member(object, "wire") : nullptr;
  return wire ? *wire : std::string();
}

}  // namespace

ClusterFileForm cluster_file_form(std::string_view content) {
  content = strip_whitespace(content);
  if (content.starts_with(k_cluster_manifest_form.prefix)) return ClusterFileForm::manifest;
  const Json object = json_object(content);
  if (!object.is_object()) return ClusterFileForm::none;
  if (string_member(object, "wire")) return ClusterFileForm::manifest;
  const auto nodes = object.find("nodes");
  return nodes != object.end() && nodes->is_array() ? ClusterFileForm::nodes : ClusterFileForm::none;
}

std::vector<ClusterPeer> cluster_file_peers(std::string_view content, std::string_view self_node_id,
                                            std::string_view self_http_endpoint) {
  std::vector<ClusterPeer> peers = all_peers(strip_whitespace(content));
  const std::string self_endpoint = comparable_endpoint(self_http_endpoint);
  std::erase_if(peers, [&](const ClusterPeer& peer) {
    return (!self_node_id.empty() && peer.node_id == self_node_id) ||
           (!self_endpoint.empty() && comparable_endpoint(peer.http_endpoint) == self_endpoint);
  });
  return peers;
}

Result<ClusterPublication> cluster_file_publication(std::string_view content,
                                                    const std::optional<crypto::PublicKey>& operator_key,
                                                    std::int64_t now_s) {
  ClusterPublication out;
  out.text = manifest_text(strip_whitespace(content));
  const auto head = read_cluster_manifest_head(out.text);
  if (!head) return std::unexpected(head.error());
  std::string name = head->cluster_name;
  if (operator_key) {
    auto manifest = parse_cluster_manifest(out.text, view(*operator_key), now_s);
    if (!manifest) return std::unexpected(manifest.error());
    name = std::move(manifest->cluster_name);
  }
  out.owner_name = "cluster." + name;
  out.seq = head->seq;
  const auto end_s = static_cast<std::int64_t>(std::min<std::uint64_t>(head->exp, INT64_MAX));
  out.ttl_s = end_s > now_s ? end_s - std::max<std::int64_t>(now_s, 0) : 1;
  return out;
}

}  // namespace dnsmesh::record
