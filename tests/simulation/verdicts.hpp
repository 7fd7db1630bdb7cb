// SPDX-License-Identifier: Apache-2.0
// The checks of records, done each time or remembered. Most seeds remember: a signature costs more than everything else
// that happens to a record. What depends on time is judged as of the start of a window of 30 s, so that what is
// remembered does not depend on who asked first.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "crypto/ed25519.hpp"
#include "record/cluster_manifest.hpp"
#include "record/offer.hpp"

namespace dnsmesh::simulation {

class Verdicts {
 public:
  Verdicts(const crypto::PublicKey& operator_key, bool remember) : operator_key_(operator_key), remember_(remember) {}

  struct Judgement {
    Result<void> accepted;
    record::Offer offer;
  };
  /// record::sync_accepts and record::judge_offer.
  Judgement judge(std::string_view name, std::string_view value, std::int64_t now_s);

  /// record::parse_cluster_manifest under the pinned key.
  Result<record::ClusterManifest> manifest(const std::string& wire, std::int64_t now_s, std::string_view cluster_name);

  const crypto::PublicKey& operator_key() const { return operator_key_; }

 private:
  Judgement judge_now(std::string_view name, std::string_view value, std::int64_t now_s) const;

  const crypto::PublicKey operator_key_;
  const bool remember_;
  std::unordered_map<std::string, Judgement> judged_;
  std::unordered_map<std::string, Result<record::ClusterManifest>> manifests_;
};

}  // namespace dnsmesh::simulation
