// SPDX-License-Identifier: Apache-2.0
// A worker over a store in memory, with peers that a test scripts.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/hex.hpp"
#include "fake_peer.hpp"
#include "sync/positions.hpp"
#include "sync/worker.hpp"

namespace dnsmesh::test {

inline constexpr std::int64_t k_start_ms = 1795341751333;

inline std::string hash_of(std::string_view value) { return to_hex(view(crypto::sha256(value))); }

class WorkerHouse {
 public:
  explicit WorkerHouse(bool extended = false) : extended_(extended) {
    options.node_id = "us";
    options.token = "secret";
    options.interval_ms = 2000;
  }
  ~WorkerHouse() {
    if (worker) worker->stop();
  }

  FakePeer& add_peer(const std::string& name) {
    peers_.push_back(std::make_unique<FakePeer>(clock, loop, extended_, 100 + peers_.size()));
    sync::Peer peer{name, "http://" + name + ":8053", false};
    net.peers[peer.endpoint] = peers_.back().get();
    set.peers.push_back(std::move(peer));
    return *peers_.back();
  }

  /// A worker as after a start of the program, over the store as it is.
  void start() {
    if (worker) worker->stop();
    worker = std::make_unique<sync::Worker>(options, *own.store, own.pairs, net, verifier, clock, random, loop, gossip,
                                            bugs);
    worker->set_peers(set);
  }
  /// One interval: every peer is read.
  void pass() { loop.advance_ms(options.interval_ms + 1000); }
  void advance_ms(std::int64_t ms) { loop.advance_ms(ms); }

  sync::PeerStatus status(std::size_t peer = 0) const { return worker->status().peers.at(peer); }
  std::uint64_t count(sync::RecordResult result, std::size_t peer = 0) const {
    const auto counted = status(peer).counters.records;
    const auto found = counted.find(result);
    return found == counted.end() ? 0 : found->second;
  }
  std::vector<store::Quarantine> quarantined(std::size_t peer = 0) const {
    return own.store->quarantined(sync::normalised_endpoint(set.peers.at(peer).endpoint)).value();
  }
  /// The stored classic watermark's name; empty at the beginning.
  std::string watermark_name(std::size_t peer = 0) const {
    const auto text = own.store->position(sync::normalised_endpoint(set.peers.at(peer).endpoint), "classic").value();
    if (!text) return {};
    return sync::read_classic_position(*text, set.peers.at(peer)).value().wm.name;
  }
  std::int64_t expiry(std::string_view name) const { return own.values(name).at(0).expires_s; }

  ManualClock clock{k_start_ms};
  ManualLoop loop{clock};
  SeededRandom random{7};
  FakeNet net{loop};
  DirectVerifier verifier{loop};
  MemoryNode own{clock, 1};
  sync::WorkerOptions options;
  sync::InjectedBugs bugs;
  sync::Worker::Gossip gossip;
  sync::PeerSet set;
  std::unique_ptr<sync::Worker> worker;

 private:
  bool extended_;
  std::vector<std::unique_ptr<FakePeer>> peers_;
};

}  // namespace dnsmesh::test
