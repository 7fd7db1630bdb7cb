// SPDX-License-Identifier: Apache-2.0
// What a node publishes under its zone: its own heartbeat, and those of the nodes that it has heard (spec/heartbeat.md
// 3 and 4). Other nodes may publish at the same names; their values are never touched.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "crypto/ed25519.hpp"
#include "discovery/intake.hpp"
#include "store/record_store.hpp"

namespace dnsmesh::discovery {

/// What our own heartbeat says.
struct Identity {
  crypto::SigningKey key;
  std::string endpoint;
  std::string version;
  std::string zone;  // served; without one nothing is published
  bool provides_claims = false;
  std::int64_t ttl_s = 0;  // life of the record, and of published values in the store

  NodeName name() const;
};

/// Fails with record_issue_refused when no heartbeat can say that: a bad endpoint, a long version or zone.
Result<void> check_identity(const Identity& identity, std::int64_t now_s);

/// Not for use by two threads at once; commits wait for the store.
class Publisher {
 public:
  /// `store` must outlive it.
  Publisher(Identity identity, store::RecordStore& store);

  const Identity& identity() const { return identity_; }

  /// Signs a heartbeat and puts it in the place of the last one; the first time, of every value there that carries our
  /// name. Its ts is later than that of each before, unless that one is so far ahead that no reader can have taken it.
  /// Errors: record_issue_refused, those of the store.
  Result<void> publish_own(std::int64_t now_s);

  /// Publishes the first limits::seen_values_published_max of `rows` (newest first) that are not ours, in the place of
  /// what was published last; the first time, of values of the same nodes with another text, and of our own. Errors:
  /// those of the store.
  Result<void> publish_seen(std::span<const store::SeenRow> rows, std::int64_t now_s);

 private:
  struct Owner {
    std::string name;
    std::set<std::string> values;  // that we wrote and that may still be there
    bool is_swept = false;
  };

  Result<void> sweep(Owner& owner, const std::vector<store::SeenRow>& fresh, store::Batch& batch, std::int64_t now_s);
  Result<void> replace(Owner& owner, std::set<std::string> values, store::Batch batch);
  store::Put put(const Owner& owner, const std::string& value, std::int64_t ttl_s, std::int64_t now_s) const;

  const Identity identity_;
  const NodeName name_;
  store::RecordStore& store_;
  Owner own_;
  Owner seen_;
  std::int64_t last_ts_s_ = 0;
};

}  // namespace dnsmesh::discovery
