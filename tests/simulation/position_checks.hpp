// SPDX-License-Identifier: Apache-2.0
// S4 of spec/anti-entropy.md 17: a stored position passes nothing that is not settled. Held against what the peer
// lists.
#pragma once

#include <string>
#include <vector>

#include "env.hpp"
#include "ledger.hpp"
#include "node.hpp"
#include "shadow.hpp"
#include "store/batch.hpp"
#include "store/record_store.hpp"

namespace dnsmesh::simulation {

class PositionChecks {
 public:
  PositionChecks(Env& env, const Node& node, const Ledger& ledger, const store::RecordStore& rows)
      : env_(env), node_(node), ledger_(ledger), rows_(rows) {}

  /// Before the batch is applied.
  void before(const store::Batch& batch);
  /// After it is durable.
  void after(const Shadow& shadow) const;

 private:
  struct Move {
    NodeIndex peer = k_nobody;
    store::SetPosition to;
    std::string from;  // empty: there was none
  };
  std::vector<ListedPair> passed(const Move& move) const;
  bool still_listed(NodeIndex index, const store::PairKey& pair) const;
  bool settled(const Move& move, const ListedPair& pair, const Shadow& shadow) const;

  Env& env_;
  const Node& node_;
  const Ledger& ledger_;
  const store::RecordStore& rows_;
  std::vector<Move> moves_;
};

}  // namespace dnsmesh::simulation
