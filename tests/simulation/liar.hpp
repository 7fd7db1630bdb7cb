// SPDX-License-Identifier: Apache-2.0
// A malicious peer: serves a feed, and lies about it in the ways that were drawn for it. It reads nobody.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "lies.hpp"
#include "manifests.hpp"
#include "node.hpp"

namespace dnsmesh::simulation {

class Liar final : public Node {
 public:
  Liar(Env& env, NodeIndex index, SimClock clock, Manifests& manifests, NodeIndex nodes);

  bool honest() const override { return false; }
  bool faithful() const override { return is_faithful(lies_); }
  bool up() const override { return up_; }
  void start() override;
  void crash() override;
  void publish(const std::string& name, const std::string& value, std::int64_t ttl_s) override;
  void remove(const std::string& name, const std::optional<std::string>& value) override;
  std::vector<LivePair> live() const override;
  bool takes(const LivePair&, std::int64_t) const override { return true; }

 private:
  struct Row {
    std::string name;
    std::string value;
    std::string hash;
    std::int64_t ts_ms = 0;
    std::int64_t expires_s = 0;
    std::int64_t rseq = 0;
    bool good = true;  // false: made to be refused
  };

  bool lies(Lie lie) const { return lies_.contains(lie); }
  bool lies_now(Lie lie) { return lies(lie) && env_.dice.chance(0.5); }
  void add(const std::string& name, const std::string& value, std::int64_t ttl_s, bool good);
  void add_lies();
  void molest();

  NetAnswer answer(const NetRequest& request);
  std::optional<NetAnswer> disturbance();
  NetAnswer digest(const NetRequest& request);
  NetAnswer pull(const NetRequest& request);
  NetAnswer manifest();
  NetAnswer feed(const NetRequest& request);
  NetAnswer get(const NetRequest& request);
  NetAnswer reconcile();
  std::string entry(const Row& row);
  std::string odd_entry();
  std::string record(const Row& row);
  std::string extension();
  std::int64_t left_s(const Row& row) const { return std::max<std::int64_t>(1, row.expires_s - clock().wall_s()); }
  std::string random_bytes(std::size_t size);

  const Lies lies_;
  Manifests& manifests_;
  const NodeIndex nodes_;
  const bool extended_;
  std::string epoch_;
  std::int64_t boot_ = 5;
  bool up_ = false;
  std::vector<Row> rows_;  // in the order of the feed
  std::int64_t last_ts_ms_ = 0;
  std::int64_t forged_ = 0;
};

}  // namespace dnsmesh::simulation
