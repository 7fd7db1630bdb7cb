// SPDX-License-Identifier: Apache-2.0
// What our nodes say to others is held against what they may say: S4, S5, S7 of spec/anti-entropy.md 17, the manners of
// 6.3, and the peace of L7.
#pragma once

#include <cstdint>
#include <map>
#include <utility>

#include "env.hpp"
#include "ledger.hpp"
#include "manifests.hpp"

namespace dnsmesh::simulation {

class TrafficChecks {
 public:
  /// All must outlive it.
  TrafficChecks(Env& env, Ledger& ledger, const Manifests& manifests)
      : env_(env), ledger_(ledger), manifests_(manifests) {}

  /// One of our nodes calls. `classic`: the peer is an existing node.
  void call(const NetRequest& request, NodeIndex to, bool classic);

  /// One of our nodes has got an answer.
  void answered(const NetRequest& request, NodeIndex to, const NetAnswer& answer);

  /// From now on the world is quiet: L7 counts what each pair of nodes says.
  /// `steady`: no clock was set, so nothing is stamped later than it was written, and L7 looks at bytes too.
  void begin_quiet(bool steady);
  /// So much time has passed in quiet.
  void end_quiet(std::int64_t passed_ms, std::int64_t interval_ms_min);

 private:
  struct Bucket {
    double tokens = 0;
    std::int64_t counted_ms = 0;
  };
  void check_position(const NetRequest& request, NodeIndex to);
  void check_wants(const NetRequest& request, NodeIndex to);
  void check_manners(const NetRequest& request, NodeIndex to);

  Env& env_;
  Ledger& ledger_;
  const Manifests& manifests_;
  std::map<std::pair<NodeIndex, NodeIndex>, Bucket> buckets_;
  std::map<std::pair<NodeIndex, NodeIndex>, std::int64_t> quiet_calls_;
  std::map<std::pair<NodeIndex, NodeIndex>, std::int64_t> quiet_bytes_;
  bool quiet_ = false;
  bool steady_ = false;
  std::int64_t quiet_since_ms_ = 0;
};

}  // namespace dnsmesh::simulation
