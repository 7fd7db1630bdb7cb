// SPDX-License-Identifier: Apache-2.0
#include "manifests.hpp"

#include <iterator>

#include "node.hpp"

namespace dnsmesh::simulation {

std::string Manifests::sign(const std::vector<record::ClusterNode>& nodes, std::string_view cluster) {
  for (const record::ClusterNode& node : nodes) endpoints_.insert(node.http_endpoint);
  incomplete_ = incomplete_ || nodes.size() < nodes_.size();
  reshaped_ = reshaped_ || nodes != nodes_;
  seq_ += static_cast<std::uint64_t>(env_.dice.between(1, 3));
  std::string wire = env_.pool.manifest(seq_, late_s(), nodes, cluster);
  legitimate_[seq_] = wire;
  return wire;
}

std::string Manifests::whole() { return sign(nodes_); }

std::string Manifests::next() {
  std::vector<record::ClusterNode> nodes = nodes_;
  const std::size_t one = env_.dice.index(nodes.size());
  // Existing nodes would not read those that are left out any more, whatever comes later (9.4).
  switch (env_.dice.index(gullible_ ? 6 : 10)) {
    case 0:
      nodes[one].node_id += "-renamed";
      return sign(nodes);
    case 1:
      nodes[one].http_endpoint = Node::other_endpoint_of(static_cast<NodeIndex>(one));
      return sign(nodes);
    case 6:
      nodes.resize(1);
      return sign(nodes);
    case 7:
      nodes.erase(nodes.begin() + 1 + env_.dice.between(0, static_cast<std::int64_t>(nodes.size()) - 2));
      return sign(nodes);
    case 8:
      return sign(nodes, "Mesh.Sim");
    default:
      return sign(nodes);
  }
}

std::string Manifests::rival() {
  if (legitimate_.empty()) return next();
  std::vector<record::ClusterNode> nodes = nodes_;
  for (record::ClusterNode& node : nodes) node.node_id += "-too";
  reshaped_ = true;
  return env_.pool.manifest(newest_seq(), late_s(), std::move(nodes));
}

std::string Manifests::unfit() {
  seq_ += 1;  // as high as any, so that only the fault keeps it out
  const std::int64_t now_s = env_.events.now_ms() / 1000;
  std::vector<record::ClusterNode> nodes = nodes_;
  switch (env_.dice.index(gullible_ ? 4 : 6)) {
    case 0:
      return env_.pool.manifest(seq_, now_s - 3600, nodes);
    case 1:
      return env_.pool.manifest_by_stranger(seq_, late_s(), nodes);
    case 2:
      return env_.pool.manifest_of_others(seq_, late_s(), nodes);
    case 3:
      return env_.pool.manifest(seq_, now_s + std::int64_t{6} * 365 * 86400, nodes);
    case 4:
      return env_.pool.manifest(seq_, late_s(), {});
    default:
      nodes.front().http_endpoint = "ftp://outside.sim/";
      return env_.pool.manifest(seq_, late_s(), nodes);
  }
}

std::string Manifests::earlier() {
  if (legitimate_.empty()) return {};
  return std::next(legitimate_.begin(), static_cast<std::ptrdiff_t>(env_.dice.index(legitimate_.size())))->second;
}

}  // namespace dnsmesh::simulation
