// SPDX-License-Identifier: Apache-2.0
#include "record/cluster_manifest.hpp"

#include <algorithm>
#include <utility>

#include "base/cursor.hpp"
#include "base/utf8.hpp"
#include "record/hostname.hpp"
#include "record/refuse.hpp"
#include "record/signed_list.hpp"
#include "record/text_form.hpp"

namespace dnsmesh::record {
namespace {

constexpr std::string_view k_magic = "DMPCL01";
constexpr std::size_t k_blob_bytes_min = 71;
constexpr std::size_t k_head_bytes = 56;
constexpr std::size_t k_seq_end = 15;  // where the seq ends, after the magic

bool is_node_id(std::string_view id) { return !id.empty() && id.size() <= k_node_id_bytes_max && is_ascii(id); }

bool is_endpoint_text(std::string_view text, std::size_t bytes_max) {
  return text.size() <= bytes_max && is_utf8(text);
}

Result<ClusterNode> read_node(ByteReader& reader) {
  const std::string_view id = reader.bytes(reader.u8());
  const std::string_view http = reader.bytes(reader.u16());
  const std::string_view dns = reader.bytes(reader.u16());
  const bool legal = reader.ok() && is_node_id(id) && !http.empty() &&
                     is_endpoint_text(http, k_http_endpoint_bytes_max) &&
                     is_endpoint_text(dns, k_dns_endpoint_bytes_max);
  if (!legal) return fail(ErrorCode::record_body_node);
  ClusterNode node{std::string(id), std::string(http), std::nullopt};
  if (!dns.empty()) node.dns_endpoint = std::string(dns);
  return node;
}

bool has_node(const std::vector<ClusterNode>& nodes, std::string_view id) {
  return std::ranges::find(nodes, id, &ClusterNode::node_id) != nodes.end();
}

Result<void> write_node(ByteWriter& writer, const ClusterNode& node) {
  if (!is_node_id(node.node_id)) return refuse("a node id must be 1 to {} ASCII bytes", k_node_id_bytes_max);
  if (node.http_endpoint.empty() || !is_endpoint_text(node.http_endpoint, k_http_endpoint_bytes_max)) {
    return refuse("node {}: the HTTP endpoint must be 1 to {} bytes of UTF-8, it has {}", node.node_id,
                  k_http_endpoint_bytes_max, node.http_endpoint.size());
  }
  const std::string dns = node.dns_endpoint.value_or("");
  if ((node.dns_endpoint && dns.empty()) || !is_endpoint_text(dns, k_dns_endpoint_bytes_max)) {
    return refuse("node {}: a DNS endpoint must be 1 to {} bytes of UTF-8, or left out; it has {}", node.node_id,
                  k_dns_endpoint_bytes_max, dns.size());
  }
  writer.u8(static_cast<std::uint8_t>(node.node_id.size())).bytes(node.node_id);
  writer.u16(static_cast<std::uint16_t>(node.http_endpoint.size())).bytes(node.http_endpoint);
  writer.u16(static_cast<std::uint16_t>(dns.size())).bytes(dns);
  return {};
}

}  // namespace

Result<ClusterManifest> parse_cluster_manifest(std::string_view text, std::string_view operator_spk, std::int64_t now_s,
                                               std::optional<std::string_view> expected_cluster_name) {
  const auto body = open_signed_list(k_cluster_manifest_form, text, operator_spk);
  if (!body) return std::unexpected(body.error());
  auto manifest = parse_cluster_manifest_body(*body);
  if (!manifest) return manifest;
  const ListHead head{manifest->seq, manifest->exp, manifest->operator_spk, manifest->cluster_name};
  if (auto held = check_list_head(head, operator_spk, now_s, expected_cluster_name); !held) {
    return std::unexpected(held.error());
  }
  return manifest;
}

Result<ClusterManifest> read_cluster_manifest(std::string_view text) {
  const auto blob = open_text(k_cluster_manifest_form, text);
  if (!blob) return std::unexpected(blob.error());
  if (blob->size() < k_blob_bytes_min) return fail(ErrorCode::record_short);
  return parse_cluster_manifest_body(split_signature(*blob).body);
}

Result<ClusterManifest> parse_cluster_manifest_body(std::string_view body) {
  ByteReader reader(body);
  auto head = read_list_head(reader, k_magic);
  if (!head) return std::unexpected(head.error());
  ClusterManifest manifest{std::move(head->name), head->spk, head->seq, head->exp, {}};
  const std::uint8_t node_count = reader.u8();
  if (!reader.ok()) return fail(ErrorCode::record_body_truncated);
  if (node_count > k_cluster_nodes_max) return fail(ErrorCode::record_body_count);
  for (int i = 0; i < node_count; ++i) {
    auto node = read_node(reader);
    if (!node) return std::unexpected(node.error());
    if (has_node(manifest.nodes, node->node_id)) return fail(ErrorCode::record_body_duplicate);
    manifest.nodes.push_back(std::move(*node));
  }
  if (!reader.at_end()) return fail(ErrorCode::record_body_trailing);
  return manifest;
}

Result<std::string> issue_cluster_manifest(const ClusterManifest& manifest, const crypto::SigningKey& key) {
  const ListHead head{manifest.seq, manifest.exp, manifest.operator_spk, manifest.cluster_name};
  auto writer = write_list_head(head, k_magic, key, "cluster name");
  if (!writer) return std::unexpected(writer.error());
  if (manifest.nodes.empty() || manifest.nodes.size() > k_cluster_nodes_max) {
    return refuse("a manifest names 1 to {} nodes, not {}", k_cluster_nodes_max, manifest.nodes.size());
  }
  writer->u8(static_cast<std::uint8_t>(manifest.nodes.size()));
  std::vector<ClusterNode> written;
  for (const ClusterNode& node : manifest.nodes) {
    if (has_node(written, node.node_id)) return refuse("node id {} is used twice", node.node_id);
    if (auto done = write_node(*writer, node); !done) return std::unexpected(done.error());
    written.push_back(node);
  }
  return seal_signed(k_cluster_manifest_form, writer->view(), key);
}

Result<ClusterManifestHead> read_cluster_manifest_head(std::string_view text) {
  const auto blob = open_text(k_cluster_manifest_form, text);
  if (!blob) return std::unexpected(blob.error());
  if (blob->size() < k_head_bytes + k_signature_bytes) return fail(ErrorCode::record_short);
  ByteReader reader(split_signature(*blob).body);
  if (reader.bytes(k_magic.size()) != k_magic) return fail(ErrorCode::record_body_magic);
  ClusterManifestHead head;
  head.seq = reader.u64();
  head.exp = reader.u64();
  reader.bytes(crypto::PublicKey{}.size());
  head.cluster_name = without_trailing_dots(reader.bytes(reader.u8()));
  if (!reader.ok()) return fail(ErrorCode::record_body_truncated);
  return head;
}

Result<std::uint64_t> read_cluster_manifest_seq(std::string_view text) {
  TextForm any_length = k_cluster_manifest_form;
  any_length.text_bytes_max = k_no_text_cap;
  const auto blob = open_text(any_length, text);
  if (!blob) return std::unexpected(blob.error());
  if (blob->size() < k_seq_end + k_signature_bytes) return fail(ErrorCode::record_short);
  ByteReader reader(*blob);
  if (reader.bytes(k_magic.size()) != k_magic) return fail(ErrorCode::record_body_magic);
  return reader.u64();
}

}  // namespace dnsmesh::record
