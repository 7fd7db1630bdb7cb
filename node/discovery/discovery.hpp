// SPDX-License-Identifier: Apache-2.0
// How a node makes itself known and finds others (spec/heartbeat.md): an engine that is told the time and the answers
// to its look-ups. docs/discovery.md tells it for operators.
#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/discovery_limits.hpp"
#include "base/error.hpp"
#include "base/random.hpp"
#include "discovery/harvest_plan.hpp"
#include "discovery/publisher.hpp"
#include "store/seen_file.hpp"

namespace dnsmesh::discovery {

struct DiscoveryOptions {
  std::vector<std::string> seeds;       // zones
  std::vector<std::string> peer_hosts;  // zones of the sync peers
  std::size_t zones_max = static_cast<std::size_t>(limits::harvest_zones_max_default);
  std::int64_t period_ms = limits::harvest_period_s_default * 1000;
  std::int64_t renew_ms = limits::heartbeat_renew_s_max * 1000;
};

/// TXT look-ups as the engine needs them.
class TxtLookUps {
 public:
  virtual ~TxtLookUps() = default;
  /// Begins a look-up, whose outcome comes through Discovery::answered() with the same `id`; never inside this call.
  virtual void start(std::uint64_t id, const std::string& owner) = 0;
};

/// What happened since the start. A zone whose values our own store could not take counts as neither answered nor
/// failed.
struct DiscoveryCounts {
  std::uint64_t zones_answered = 0;
  std::uint64_t zones_failed = 0;
  std::uint64_t values_accepted = 0;
  std::uint64_t values_known = 0;
  std::uint64_t values_refused = 0;
  std::uint64_t publishes = 0;
  std::uint64_t publishes_failed = 0;
};

/// One thread drives it; counts() is for any.
class Discovery {
 public:
  /// All references must outlive it.
  Discovery(Identity identity, DiscoveryOptions options, const Clock& clock, Random& random,
            store::RecordStore& records, store::SeenStore& seen, TxtLookUps& look_ups);

  /// Does what is due: signs and publishes, begins a period, asks zones. Gives the milliseconds until it wants to be
  /// called again, at the latest.
  std::int64_t step();

  /// The outcome of a look-up: the values at the owner, none when there are none, or why nobody said.
  void answered(std::uint64_t id, const Result<std::vector<std::string>>& values);

  DiscoveryCounts counts() const;

 private:
  /// One zone that is being asked: first for its heartbeats, then for those it has seen.
  struct Asking {
    std::string zone;
    bool asks_seen = false;
    std::size_t accepted = 0;
    bool is_lost = false;  // it said something, and our store failed
  };
  /// Work that can fail again and again: the first failure and its end are told.
  struct Work {
    std::string_view what;
    bool is_failing = false;
  };

  void publish();
  void publish_seen();
  static void note(Work& work, const Result<void>& done);
  void note_publish(Work& work, const Result<void>& done);
  void begin_period();
  void ask_due(std::int64_t now_ms);
  void take(Asking& asking, const std::vector<std::string>& values);
  void finish(const Asking& asking, std::string_view reason);

  const DiscoveryOptions options_;
  const Clock& clock_;
  store::SeenStore& seen_;
  TxtLookUps& look_ups_;
  Publisher publisher_;
  const NodeName self_;
  HarvestPlan plan_;
  std::map<std::uint64_t, Asking> asking_;
  std::uint64_t ids_given_ = 0;
  std::int64_t next_publish_ms_ = 0;
  bool has_begun_ = false;
  bool has_harvested_ = false;  // the first period is through: what others published before us is known again
  Work publish_own_{"publish our heartbeat"};
  Work publish_seen_{"publish the heartbeats of others"};
  Work store_seen_{"store the heartbeats of others"};
  Work read_seen_{"read the heartbeats of others"};

  struct AtomicCounts {
    std::atomic<std::uint64_t> zones_answered{0}, zones_failed{0}, values_accepted{0}, values_known{0},
        values_refused{0}, publishes{0}, publishes_failed{0};
  } counts_;
};

}  // namespace dnsmesh::discovery
