// SPDX-License-Identifier: Apache-2.0
#include "event_queue.hpp"

#include <algorithm>
#include <cassert>
#include <utility>

namespace dnsmesh::simulation {

void EventQueue::after(std::int64_t ms, Task task) {
  assert(ms >= 0);
  heap_.push_back({now_ms_ + ms, number_++, std::move(task)});
  std::ranges::push_heap(heap_, later);
}

bool EventQueue::run_next(std::int64_t until_ms) {
  if (heap_.empty() || heap_.front().at_ms > until_ms) {
    now_ms_ = std::max(now_ms_, until_ms);
    standing_still_ = 0;
    return false;
  }
  std::ranges::pop_heap(heap_, later);
  Event event = std::move(heap_.back());
  heap_.pop_back();
  standing_still_ = event.at_ms == now_ms_ ? standing_still_ + 1 : 0;
  now_ms_ = event.at_ms;
  event.task();
  return true;
}

}  // namespace dnsmesh::simulation
