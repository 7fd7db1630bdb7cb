// SPDX-License-Identifier: Apache-2.0
// The parts of the node that keep it equal with its peers, wired to each other: the sync thread with its calls, the
// verifying threads, cluster, worker and server (spec/anti-entropy.md 10).
#pragma once

#include <memory>
#include <span>
#include <string>

#include "app/housekeeping.hpp"
#include "app/settings.hpp"
#include "base/clock.hpp"
#include "base/error.hpp"
#include "base/random.hpp"
#include "http/node_view.hpp"
#include "store/record_store.hpp"
#include "sync/server.hpp"

namespace dnsmesh::app {

/// Made, started, reloaded and stopped by the main thread.
class SyncParts {
 public:
  /// Errors: config_file (certificates that cannot be read), net_io. `store`, `clock` and `random` must outlive it.
  static Result<std::unique_ptr<SyncParts>> create(const NodeSettings& settings, store::RecordStore& store,
                                                   const Clock& clock, Random& random);
  ~SyncParts();

  /// A row that was there at start; before the first applied().
  void load(const store::Record& record);

  /// What a commit changed. On the store's writer thread.
  void applied(std::span<const store::Change> changes);

  /// Publishes the cluster file, applies the highest manifest that is known, and begins to read the peers.
  void start();

  /// SIGHUP: the cluster file and the configured peers again.
  void reload(const NodeSettings& settings);

  /// Ends calls in flight and all threads, answers peers that wait. Nothing is written to the store afterwards. It must
  /// still live while the store and the HTTP server do. Idempotent.
  void stop();

  /// Any thread.
  sync::Server& server();
  http::ClusterFacts facts() const;
  /// What the housekeeping thread asks; not after stop().
  HousekeepingQuestions questions() const;

 private:
  struct Parts;
  explicit SyncParts(std::unique_ptr<Parts> parts);

  std::unique_ptr<Parts> parts_;
};

}  // namespace dnsmesh::app
