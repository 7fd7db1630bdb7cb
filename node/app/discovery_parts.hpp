// SPDX-License-Identifier: Apache-2.0
// The parts of the node that make it known and find others, wired to each other (spec/heartbeat.md 1).
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "app/settings.hpp"
#include "base/clock.hpp"
#include "base/error.hpp"
#include "base/metrics.hpp"
#include "base/random.hpp"
#include "http/node_table.hpp"
#include "store/record_store.hpp"

namespace dnsmesh::app {

/// Made, started and stopped by the main thread.
class DiscoveryParts {
 public:
  /// Reads the key and opens the table of seen heartbeats. Off when it is not enabled, and, with an ERROR in the log,
  /// when the endpoint or the key is missing or cannot be used. `takes_claims`: unsigned claims are accepted, so that
  /// our heartbeat may say so. `store`, `clock` and `random` must outlive it. Errors: those of store::open_seen_file.
  static Result<std::unique_ptr<DiscoveryParts>> create(const NodeSettings& settings, store::RecordStore& store,
                                                        const Clock& clock, Random& random, bool takes_claims);
  ~DiscoveryParts();

  /// Begins to publish and to ask, once; does nothing when it is off.
  void start();

  /// Ends look-ups in flight and the thread; nothing is written to the store afterwards. Idempotent.
  void stop();

  /// Nothing when it is off. Any thread.
  std::optional<http::HeartbeatFacts> facts() const;
  /// Every family, also when it is off. Any thread.
  MetricsSnapshot metrics() const;

 private:
  struct Parts;
  explicit DiscoveryParts(std::unique_ptr<Parts> parts);

  std::unique_ptr<Parts> parts_;
};

/// `path` with a `~` at its front replaced by `home`; as it is when `home` is empty.
std::string expand_home(const std::string& path, const std::string& home);

}  // namespace dnsmesh::app
