// SPDX-License-Identifier: Apache-2.0
// The network between the nodes: it delays, loses, repeats, truncates, refuses, and falls apart, also in one direction
// only. Calls are HTTP in shape: one request, one answer or one error, with the deadlines of spec/anti-entropy.md 11.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "base/error.hpp"
#include "dice.hpp"
#include "event_queue.hpp"

namespace dnsmesh::simulation {

/// A node's number in its world.
using NodeIndex = int;
inline constexpr NodeIndex k_nobody = -1;

struct NetRequest {
  NodeIndex from = k_nobody;
  std::string endpoint;  // as the caller wrote it
  std::string method;
  std::string target;
  std::string token;
  std::string body;
  std::int64_t wait_ms = 0;  // what the caller allows beyond the usual deadlines
  bool accepts_gzip = false;
};

struct NetAnswer {
  int status = 200;
  std::string body;
  std::string content_type = "application/json";
  std::string location{};  // of a redirect
  std::optional<std::int64_t> date_s{};
  bool endless = false;  // the body never ends
  bool gzipped = false;
};

using NetResponder = std::move_only_function<void(NetAnswer)>;
using NetHandler = std::function<void(const NetRequest&, NetResponder)>;
using NetCallback = std::move_only_function<void(Result<NetAnswer>)>;

/// How one direction of a connection between two nodes behaves.
struct Link {
  bool cut = false;
  double loss = 0;       // of a call
  double duplicate = 0;  // of a request: handled twice, answered once
  double truncate = 0;   // of an answer
  double drip = 0;       // of an answer: comes so slowly that the call ends with its deadline
  std::int64_t delay_ms_min = 1;
  std::int64_t delay_ms_max = 30;
  int refuse_status = 0;  // 403 or 429 instead of what the peer would have said
};

class Network {
 public:
  /// Both must outlive it.
  Network(EventQueue& events, Dice& dice) : events_(events), dice_(dice) {}

  /// Calls to `endpoint` (lower case, no trailing slash) reach `node`.
  void listen(const std::string& endpoint, NodeIndex node) { nodes_[endpoint] = node; }
  /// What answers for `node`; none: connections are refused.
  void serve(NodeIndex node, NetHandler handler);
  NodeIndex node_at(const std::string& endpoint) const;

  Link& link(NodeIndex from, NodeIndex to) { return links_[{from, to}]; }
  /// Every link is quick and sound again.
  void heal() { links_.clear(); }

  /// Starts a call; `done` runs once, later, unless its owner makes it do nothing. Errors: those of sync::Transport.
  void call(NetRequest request, NetCallback done);

  /// Told of each call when it starts, and of each answer when it arrives.
  std::function<void(const NetRequest&, NodeIndex to)> on_call;
  std::function<void(const NetRequest&, NodeIndex to, const NetAnswer&)> on_answer;

  std::uint64_t calls() const { return calls_; }

 private:
  struct Call;
  void fail_after(std::int64_t ms, const std::shared_ptr<Call>& call, ErrorCode code);
  void deliver(const std::shared_ptr<Call>& call);
  void answer(const std::shared_ptr<Call>& call, NetAnswer answer);
  std::int64_t delay_of(const Link& link) { return dice_.between(link.delay_ms_min, link.delay_ms_max); }

  EventQueue& events_;
  Dice& dice_;
  std::map<std::string, NodeIndex> nodes_;
  std::map<NodeIndex, NetHandler> handlers_;
  std::map<std::pair<NodeIndex, NodeIndex>, Link> links_;
  std::uint64_t calls_ = 0;
};

}  // namespace dnsmesh::simulation
