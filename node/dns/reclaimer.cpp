// SPDX-License-Identifier: Apache-2.0
#include "dns/reclaimer.hpp"

#include <algorithm>
#include <cassert>

namespace dnsmesh::dns {

EpochReclaimer::~EpochReclaimer() {
  for (const Retired& retired : retired_) retired.destroy(retired.object);
}

std::size_t EpochReclaimer::take_slot() {
  for (std::size_t i = 0; i < slots_.size(); ++i) {
    if (slots_[i].taken.exchange(true)) continue;
    std::size_t in_use = slots_in_use_.load();
    while (in_use <= i && !slots_in_use_.compare_exchange_weak(in_use, i + 1)) {
    }
    return i;
  }
  assert(false && "more reader threads than limits::index_readers_max");
  return 0;
}

void EpochReclaimer::give_back_slot(std::size_t slot) {
  assert(slots_[slot].epoch.load() == k_outside);
  slots_[slot].taken.store(false);
}

void EpochReclaimer::retire_erased(const void* object, void (*destroy)(const void*)) {
  retired_.push_back({epoch_.load(), object, destroy});
}

void EpochReclaimer::reclaim() {
  if (retired_.empty()) return;
  std::uint64_t oldest = epoch_.fetch_add(1) + 1;
  const std::size_t in_use = slots_in_use_.load();
  for (std::size_t i = 0; i < in_use; ++i) {
    const std::uint64_t epoch = slots_[i].epoch.load();
    if (epoch != k_outside) oldest = std::min(oldest, epoch);
  }
  while (!retired_.empty() && retired_.front().epoch < oldest) {
    const Retired retired = retired_.front();
    retired_.pop_front();
    retired.destroy(retired.object);
  }
}

}  // namespace dnsmesh::dns
