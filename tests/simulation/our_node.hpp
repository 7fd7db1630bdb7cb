// SPDX-License-Identifier: Apache-2.0
// A node that runs our engine: store, set of pairs, cluster, worker and server, put together as the program does it. A
// crash destroys all of it; a start makes it anew on what the disk still has.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "feed_walker.hpp"
#include "ledger.hpp"
#include "manifests.hpp"
#include "node.hpp"
#include "sim_store.hpp"
#include "sync/cluster.hpp"
#include "sync/peer.hpp"
#include "sync/worker.hpp"

namespace dnsmesh::simulation {

struct OurOptions {
  std::vector<sync::Peer> peers;
  std::int64_t interval_ms = 10000;
  bool extended = true;
  bool peer_tombstones = false;
  bool open_millisecond = false;
  bool knows_itself = true;
  sync::InjectedBugs bugs{};
  sync::ClusterBugs cluster_bugs{};
};

class OurNode final : public Node {
 public:
  /// References must outlive it.
  OurNode(Env& env, NodeIndex index, SimClock clock, const Ledger& ledger, const Manifests& manifests,
          OurOptions options);
  ~OurNode() override;

  bool honest() const override { return true; }
  bool ours() const override { return true; }
  bool up() const override { return life_ != nullptr; }
  void start() override;
  void crash() override;
  void publish(const std::string& name, const std::string& value, std::int64_t ttl_s) override;
  void remove(const std::string& name, const std::optional<std::string>& value) override;
  std::vector<LivePair> live() const override;
  bool excused(std::string_view name, std::string_view value) const override;
  bool takes(const LivePair& pair, std::int64_t ahead_s) const override;

  void set_disk_full(bool full) override;
  void keep_copy() override;
  void restore_copy() override;
  void lose_store() override;

  std::optional<std::uint64_t> applied_seq() const;
  std::int64_t feed_ahead_ms() const override;
  /// S8 and S11, asked of a quiet node.
  void check_quiet();

 private:
  struct Life;

  void handle(const NetRequest& request, NetResponder respond);
  void changed(std::span<const store::Change> changes);
  void peers_changed(const sync::PeerSet& peers);
  void check_manifest();
  void keep_house();
  const Shadow& shadow() const;

  const Ledger& ledger_;
  const Manifests& manifests_;
  const OurOptions options_;
  Disk disk_;  // while it is down
  std::optional<Disk> copy_;
  bool disk_full_ = false;
  FeedWalker walker_;
  std::unique_ptr<SimStore> store_;  // while it is up; outlives what works on it
  std::unique_ptr<Life> life_;
};

}  // namespace dnsmesh::simulation
