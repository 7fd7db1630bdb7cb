// SPDX-License-Identifier: Apache-2.0
// Which texts are manifests of our operator, at a bounded price: whatever can be told without arithmetic is told first,
// the verdict on a signature is remembered, and only so many signatures are checked a second.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.hpp"
#include "base/error.hpp"
#include "crypto/ed25519.hpp"
#include "crypto/hash.hpp"
#include "record/cluster_manifest.hpp"

namespace dnsmesh::sync {

/// Not thread-safe.
class ManifestJudge {
 public:
  /// `clock` must outlive it. Without `names_bind` every cluster name will do: for the simulation's own test.
  ManifestJudge(const crypto::PublicKey& operator_key, const Clock& clock, bool names_bind = true);

  const crypto::PublicKey& operator_key() const { return key_; }

  /// The manifest when `text` is one of this cluster, signed by the operator and in force now. Errors: the codes of
  /// spec/records.md 2.2, those that need the signature last. Nothing: no more signatures may be checked now, ask again
  /// in a second.
  std::optional<Result<record::ClusterManifest>> judge(std::string_view text, std::string_view cluster_name);

  /// Counts a text that was refused, once while it is remembered; true when this was the time.
  bool count(std::string_view text, std::string_view reason);
  /// Reason, how many texts.
  std::vector<std::pair<std::string, std::uint64_t>> counted() const;

 private:
  struct Memory {
    std::optional<bool> genuine;  // the signature is the operator's
    bool counted = false;
  };
  Memory& memory_of(std::string_view text);
  bool take_check();

  const crypto::PublicKey key_;
  const Clock& clock_;
  const bool names_bind_;
  std::map<crypto::Hash256, Memory> memory_;
  std::map<std::string, std::uint64_t, std::less<>> counts_;
  double checks_left_;
  std::int64_t refilled_ms_;
};

}  // namespace dnsmesh::sync
