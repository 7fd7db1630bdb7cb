// SPDX-License-Identifier: Apache-2.0
#include "manifests.hpp"

#include <iterator>

namespace dnsmesh::simulation {

std::string Manifests::next() {
  seq_ += static_cast<std::uint64_t>(env_.dice.between(1, 3));
  std::string wire = env_.pool.manifest(seq_, late_s(), nodes_);
  legitimate_[seq_] = wire;
  return wire;
}

std::string Manifests::rival() {
  if (legitimate_.empty()) return next();
  std::vector<record::ClusterNode> nodes = nodes_;
  for (record::ClusterNode& node : nodes) node.node_id += "-too";
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
