// SPDX-License-Identifier: Apache-2.0
// The thread of discovery: it drives the engine and its look-ups, and nothing else waits for it.
#pragma once

#include <atomic>
#include <memory>
#include <thread>

#include "base/clock.hpp"
#include "base/random.hpp"
#include "discovery/discovery.hpp"
#include "net/txt_client.hpp"

namespace dnsmesh::net {

/// Started, stopped and destroyed by one thread.
class DiscoveryThread {
 public:
  /// Starts at once. All references must outlive it.
  DiscoveryThread(discovery::Identity identity, discovery::DiscoveryOptions options, TxtClientOptions look_ups,
                  const Clock& clock, Random& random, store::RecordStore& records, store::SeenStore& seen);
  ~DiscoveryThread();
  DiscoveryThread(const DiscoveryThread&) = delete;
  DiscoveryThread& operator=(const DiscoveryThread&) = delete;

  /// Ends look-ups in flight and the thread, and waits for it: nothing is written afterwards. Idempotent.
  void stop();

  /// Any thread.
  discovery::DiscoveryCounts counts() const { return engine_.counts(); }

 private:
  void run();

  TxtClient client_;
  discovery::Discovery engine_;
  std::atomic<bool> is_stopping_{false};
  std::thread thread_;
};

}  // namespace dnsmesh::net
