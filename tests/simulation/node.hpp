// SPDX-License-Identifier: Apache-2.0
// A node of the simulated world, whatever runs on it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "env.hpp"
#include "sim_clock.hpp"

namespace dnsmesh::simulation {

struct LivePair {
  std::string name;
  std::string value;
  std::int64_t remaining_s = 0;
};

class Node {
 public:
  Node(Env& env, NodeIndex index, SimClock clock) : env_(env), index_(index), clock_(clock) {}
  virtual ~Node() = default;
  Node(const Node&) = delete;
  Node& operator=(const Node&) = delete;

  NodeIndex index() const { return index_; }
  std::string id() const { return "node-" + std::to_string(index_); }
  std::string endpoint() const { return endpoint_of(index_); }
  /// Every second one is reached over TLS, where nodes compress what they say.
  static std::string endpoint_of(NodeIndex index) {
    return (index % 2 == 0 ? "http://n" : "https://n") + std::to_string(index) + ".sim:8053";
  }
  /// Where it can be reached too, and where a manifest may move it.
  static std::string other_endpoint_of(NodeIndex index) { return "http://m" + std::to_string(index) + ".sim:8053"; }
  SimClock& clock() { return clock_; }
  const SimClock& clock() const { return clock_; }

  virtual bool honest() const = 0;
  /// Whatever it lies about: the pairs that live() gives are listed as they should be, and must arrive (L3).
  virtual bool faithful() const { return honest(); }
  /// Runs our code.
  virtual bool ours() const { return false; }
  /// How far the stamps of its classic feed are ahead of its clock.
  virtual std::int64_t feed_ahead_ms() const { return 0; }
  virtual bool up() const = 0;
  virtual void start() = 0;
  /// As kill -9 or a power cut: everything but the durable part of the store is gone.
  virtual void crash() = 0;

  /// Troubles of a store; the last two only while the node is down.
  virtual void set_disk_full(bool) {}
  virtual void keep_copy() {}
  virtual void restore_copy() {}
  virtual void lose_store() {}

  /// What its operator and its users do.
  virtual void publish(const std::string& name, const std::string& value, std::int64_t ttl_s) = 0;
  virtual void remove(const std::string& name, const std::optional<std::string>& value) = 0;

  /// The pairs that it serves now, in no promised order.
  virtual std::vector<LivePair> live() const = 0;
  /// True when it need not hold the pair although others do: deleted here, or given a shorter life.
  virtual bool excused(std::string_view, std::string_view) const { return false; }
  /// True when the pair is one that it takes from peers for at least `ahead_s` more seconds.
  virtual bool takes(const LivePair& pair, std::int64_t ahead_s) const = 0;

 protected:
  Env& env_;

 private:
  const NodeIndex index_;
  SimClock clock_;
};

}  // namespace dnsmesh::simulation
