// SPDX-License-Identifier: Apache-2.0
// A model of the existing nodes: sections 3 to 9 of spec/anti-entropy.md with all their defects. It ticks one peer at a
// time, one page and 256 pairs a tick; loses rows inside a millisecond and on late commits; stalls on bad rows; lets a
// peer set any life; follows redirects with the token; and lets its data part starve its gossip part.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "node.hpp"
#include "ref_store.hpp"
#include "ref_wire.hpp"

namespace dnsmesh::simulation {

struct RefOptions {
  std::vector<std::pair<std::string, std::string>> peers;  // node id, endpoint
  std::int64_t interval_ms = 10000;
  std::int64_t commit_ms_max = 20;  // a write is visible so much later than its stamp
  double races = 0;                 // of the digests: two writers are at work while it is read
};

class RefNode final : public Node {
 public:
  RefNode(Env& env, NodeIndex index, SimClock clock, RefOptions options);
  ~RefNode() override;

  bool honest() const override { return true; }
  bool up() const override { return life_ != nullptr; }
  void start() override;
  void crash() override;
  void publish(const std::string& name, const std::string& value, std::int64_t ttl_s) override;
  void remove(const std::string& name, const std::optional<std::string>& value) override;
  std::vector<LivePair> live() const override;
  bool excused(std::string_view name, std::string_view value) const override;
  bool takes(const LivePair& pair, std::int64_t ahead_s) const override;

 private:
  struct Peer {
    std::string id;
    std::string endpoint;
    RefStore::Position watermark{};
  };
  struct Tick;
  /// Everything that a crash ends: events of an earlier life find it gone.
  struct Life {
    std::vector<Peer> peers;
    std::size_t turn = 0;
    std::int64_t installed_seq = -1;
    std::map<NodeIndex, std::pair<double, std::int64_t>> buckets;  // of the rate limit: tokens, and when counted
  };

  void handle(const NetRequest& request, NetResponder respond);
  NetAnswer answer(const NetRequest& request);
  NetAnswer serve_digest(const NetRequest& request) const;
  NetAnswer serve_pull(const NetRequest& request) const;
  NetAnswer serve_manifest() const;
  bool bucket_empty(NodeIndex from);
  void race();

  void write(const std::string& name, const std::string& value, std::int64_t ttl_s, std::int64_t visible_ms);
  void after(std::int64_t ms, std::move_only_function<void()> task);
  void call(const std::string& endpoint, std::string method, std::string target, std::string body,
            std::move_only_function<void(Result<NetAnswer>)> done, int redirects_left = 3);

  void tick();
  void take_digest(const std::shared_ptr<Tick>& tick, const Result<NetAnswer>& answer);
  void take_pull(const std::shared_ptr<Tick>& tick, const Result<NetAnswer>& answer);
  void finish_data(const std::shared_ptr<Tick>& tick);
  void gossip(const std::shared_ptr<Tick>& tick);
  void take_manifest(const Result<NetAnswer>& answer);
  void replace_peers(const record::ClusterManifest& manifest);
  void end_tick();
  void check_offer(const Tick& tick, const std::string& name, const std::string& value);
  void check_dropped(const Tick& tick, std::size_t dropped);
  /// One of our nodes, when that is who this tick asks.
  const Node* our_peer(const Tick& tick) const;
  Peer* peer_of(const Tick& tick);

  const RefOptions options_;
  RefStore store_;
  /// Pairs that a user here deleted once or gave a shorter life: whether a peer's copy brings the longer life back
  /// hangs on who lists what when (15.6).
  std::set<std::pair<std::string, std::string>> shortened_;
  std::shared_ptr<Life> life_;
};

}  // namespace dnsmesh::simulation
