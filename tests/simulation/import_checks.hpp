// SPDX-License-Identifier: Apache-2.0
// What every batch of the engine is held against: S1, S2, S3, S13 and S14 of spec/anti-entropy.md 17.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "env.hpp"
#include "ledger.hpp"
#include "node.hpp"
#include "shadow.hpp"
#include "store/batch.hpp"
#include "store/record.hpp"

namespace dnsmesh::simulation {

class ImportChecks {
 public:
  ImportChecks(Env& env, const Node& node, const Ledger& ledger, bool peer_tombstones, std::int64_t ttl_s_max)
      : env_(env), node_(node), ledger_(ledger), peer_tombstones_(peer_tombstones), ttl_s_max_(ttl_s_max) {}

  /// Before the batch is applied.
  void before(const store::Batch& batch, const Shadow& shadow);
  /// After it is durable.
  void after(const store::Batch& batch, const Shadow& shadow);

 private:
  void check_allowed(const store::Put& put);
  void check_life(const store::Put& put, std::optional<std::int64_t> old_s, const Shadow& shadow);
  void check_end(const store::Put& put, std::int64_t new_s);
  std::int64_t ceiling_s(const store::Put& put, std::int64_t now_s) const;
  void violated(std::string_view invariant, const store::Put& put, std::string_view text);

  Env& env_;
  const Node& node_;
  const Ledger& ledger_;
  const bool peer_tombstones_;
  const std::int64_t ttl_s_max_;
  std::vector<std::optional<std::int64_t>> old_s_;  // of each operation's pair, before the batch
};

}  // namespace dnsmesh::simulation
