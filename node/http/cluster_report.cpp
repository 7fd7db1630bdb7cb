// SPDX-License-Identifier: Apache-2.0
#include "http/cluster_report.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "base/json.hpp"
#include "http/page_template.hpp"
#include "http/responses.hpp"

namespace dnsmesh::http {
namespace {

using Json = nlohmann::ordered_json;

/// What is shown of peers that nobody reads.
constexpr std::string_view k_not_read = "not read";

template <class Number>
Json or_null(const std::optional<Number>& number) {
  return number ? Json(*number) : Json(nullptr);
}
Json or_null(const std::string& text) { return text.empty() ? Json(nullptr) : Json(text); }

std::string_view mode_name(sync::Mode mode) {
  switch (mode) {
    case sync::Mode::classic:
      return "classic";
    case sync::Mode::extended:
      return "extended";
    case sync::Mode::unknown:
      break;
  }
  return "unknown";
}

Json manifest_json(const sync::ClusterView& cluster) {
  return {{"applied_seq", or_null(cluster.applied_seq)},
          {"best_seq", or_null(cluster.best_seq)},
          {"exp", or_null(cluster.applied_exp)},
          {"conflict", cluster.conflict},
          {"lists_this_node", cluster.applied_seq ? Json(!cluster.self_missing) : Json(nullptr)}};
}

Json quarantine_json(const sync::PeerStatus& peer) {
  Json out = Json::object();
  for (const auto& [reason, count] : peer.quarantine) out[reason] = count;
  return out;
}

Json peer_json(const PeerRow& row, bool complete) {
  const sync::PeerStatus& peer = row.status;
  Json out = {{"node_id", peer.node_id},
              {"endpoint", complete || row.is_public ? Json(peer.endpoint) : Json(nullptr)},
              {"state", peer.state},
              {"mode", mode_name(peer.mode)},
              {"manifests_only", row.manifests_only}};
  if (!complete) return out;
  out["lag_seconds"] = or_null(peer.lag_s);
  out["backlog"] = or_null(peer.backlog);
  out["last_success"] = or_null(peer.last_success_s);
  out["clock_offset_seconds"] = or_null(peer.clock_offset_s);
  out["manifest_seq"] = or_null(peer.manifest_seq);
  out["position"] = or_null(peer.position);
  out["back_off_ms"] = peer.back_off_ms;
  out["quarantine"] = quarantine_json(peer);
  out["last_error"] = or_null(peer.last_error);
  out["last_error_at"] = or_null(peer.last_error_s);
  return out;
}

std::string row_html(const PeerRow& row) {
  const bool is_current = row.status.state == "current";
  const std::string endpoint =
      row.is_public ? fmt::format(" <span>{}</span>", escape_html(row.status.endpoint)) : std::string{};
  return fmt::format("<li><b class=\"{}\">{}</b><code>{}</code>{}</li>\n", is_current ? "good" : "bad",
                     escape_html(row.status.state), escape_html(row.status.node_id), endpoint);
}

}  // namespace

std::string_view cluster_mode(const sync::ClusterView& cluster) {
  if (cluster.applied_seq) return "manifest";
  return cluster.peers.peers.empty() ? "single" : "configured";
}

std::vector<PeerRow> peer_rows(const ClusterFacts& facts) {
  std::vector<PeerRow> out;
  const auto add = [&](const sync::Peer& peer, bool manifests_only) {
    const auto known = std::ranges::find(facts.sync.peers, peer.endpoint, &sync::PeerStatus::endpoint);
    PeerRow& row = out.emplace_back();
    if (known != facts.sync.peers.end()) {
      row.status = *known;
    } else {
      row.status.node_id = peer.node_id;
      row.status.endpoint = peer.endpoint;
      row.status.state = facts.has_worker ? "waiting" : k_not_read;
    }
    row.is_public = facts.cluster->applied_seq && !peer.synthetic_id && !manifests_only;
    row.manifests_only = manifests_only;
  };
  for (const sync::Peer& peer : facts.cluster->peers.peers) add(peer, false);
  for (const sync::Peer& peer : facts.cluster->peers.manifest_only) add(peer, true);
  return out;
}

Response answer_cluster(const Request& request, access::Access& access, const NodeView& view) {
  if (!request.authorization.empty() && !access.allows_request(request.peer_address)) {
    return json_error(429, "rate limit exceeded");
  }
  const bool complete = access.is_operator(request.authorization) || view.is_peer(request);
  const ClusterFacts facts = view.cluster();
  const sync::ClusterView& cluster = *facts.cluster;
  Json peers = Json::array();
  for (const PeerRow& row : peer_rows(facts)) peers.push_back(peer_json(row, complete));
  return json_response(200, write_json({{"node_id", or_null(cluster.self_node_id)},
                                        {"cluster", or_null(cluster.base_domain)},
                                        {"mode", cluster_mode(cluster)},
                                        {"reads_peers", facts.has_worker},
                                        {"complete", complete},
                                        {"manifest", manifest_json(cluster)},
                                        {"peers", std::move(peers)}}));
}

std::string cluster_html(const ClusterFacts& facts) {
  const sync::ClusterView& cluster = *facts.cluster;
  const std::vector<PeerRow> rows = peer_rows(facts);
  std::string out;
  if (!cluster.base_domain.empty()) {
    const std::string seq = cluster.applied_seq ? fmt::format(", manifest {}", *cluster.applied_seq) : std::string{};
    out += fmt::format("<p>Part of <code>{}</code>{}.</p>\n", escape_html(cluster.base_domain), seq);
  }
  if (rows.empty()) {
    return out +
           "<p>This node has no peers.</p>\n<p class=\"note\">A signed manifest (<code>DMP_CLUSTER_FILE</code>) or a "
           "list (<code>DMP_SYNC_PEERS</code>) names them, and <code>DMP_SYNC_PEER_TOKEN</code> opens them.</p>\n";
  }
  out += "<ul>\n";
  for (const PeerRow& row : rows) out += row_html(row);
  return out + "</ul>\n";
}

}  // namespace dnsmesh::http
