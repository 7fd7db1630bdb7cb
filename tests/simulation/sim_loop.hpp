// SPDX-License-Identifier: Apache-2.0
// A node's loop over the one queue of events. When it goes, what it still had to do is destroyed without being run.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <utility>

#include "event_queue.hpp"
#include "sync/loop.hpp"

namespace dnsmesh::simulation {

class SimLoop final : public sync::Loop {
 public:
  /// `events` must outlive it.
  explicit SimLoop(EventQueue& events) : events_(events), waiting_(std::make_shared<Waiting>()) {}
  ~SimLoop() override {
    // Tasks may hold the last owner of something that posts: nothing is taken any more while they go.
    const auto going = std::exchange(waiting_, nullptr);
    going->clear();
  }

  void post(Task task) override { after(0, std::move(task)); }

  void after(std::int64_t ms, Task task) override {
    if (!waiting_) return;
    const std::uint64_t number = ++number_;
    waiting_->emplace(number, std::move(task));
    events_.after(ms, [weak = std::weak_ptr(waiting_), number] {
      const auto waiting = weak.lock();
      if (!waiting) return;
      auto node = waiting->extract(number);
      if (!node.empty()) node.mapped()();
    });
  }

 private:
  using Waiting = std::map<std::uint64_t, Task>;

  EventQueue& events_;
  std::uint64_t number_ = 0;
  std::shared_ptr<Waiting> waiting_;
};

}  // namespace dnsmesh::simulation
