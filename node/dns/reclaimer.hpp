// SPDX-License-Identifier: Apache-2.0
// Epoch-based reclamation: one writer takes objects out of a shared structure while readers may still look at them, and
// frees each when no reader can hold it any more. Readers never wait and never allocate.
//
// A reader writes the current epoch into its slot before it loads any pointer and clears the slot behind its last use.
// The writer, having replaced a pointer, tags the old object with the epoch and then advances the epoch. An object is
// freed when every occupied slot holds a later epoch than its tag. All operations on slots, on the epoch and on the
// shared pointers themselves are sequentially consistent: either the writer sees the reader's slot, or the reader's
// load comes after the replacement and cannot find the old object.
#pragma once

#include <array>
#include <atomic>
#include <cassert>
#include <cstddef>
#include <cstdint>
#include <deque>

#include "base/limits.hpp"

namespace dnsmesh::dns {

class EpochReclaimer {
 public:
  EpochReclaimer() = default;
  EpochReclaimer(const EpochReclaimer&) = delete;
  EpochReclaimer& operator=(const EpochReclaimer&) = delete;
  /// Frees everything. No reader is inside.
  ~EpochReclaimer();

  // --- readers, any thread ---
  /// Takes a slot; at most limits::index_readers_max are out at a time.
  std::size_t take_slot();
  void give_back_slot(std::size_t slot);
  /// Between enter and leave, pointers of the structure stay valid for the thread that uses `slot`. Not nested.
  void enter(std::size_t slot) {
    assert(slots_[slot].epoch.load(std::memory_order_relaxed) == k_outside);
    slots_[slot].epoch.store(epoch_.load());
  }
  void leave(std::size_t slot) { slots_[slot].epoch.store(k_outside, std::memory_order_release); }

  // --- the writer's thread ---
  /// Takes over `object`, which new readers can no longer find.
  template <class T>
  void retire(const T* object) {
    retire_erased(object, [](const void* memory) { delete static_cast<const T*>(memory); });
  }
  /// Ends the epoch of what was retired and frees what no reader can hold. Cheap.
  void reclaim();
  std::size_t waiting() const { return retired_.size(); }

 private:
  static constexpr std::uint64_t k_outside = 0;
  static constexpr std::size_t k_cache_line = 64;
  struct alignas(k_cache_line) Slot {
    std::atomic<std::uint64_t> epoch{k_outside};
    std::atomic<bool> taken{false};
  };
  struct Retired {
    std::uint64_t epoch;
    const void* object;
    void (*destroy)(const void*);
  };
  void retire_erased(const void* object, void (*destroy)(const void*));

  std::atomic<std::uint64_t> epoch_{1};
  std::array<Slot, limits::index_readers_max> slots_;
  std::atomic<std::size_t> slots_in_use_{0};  // slots from here on were never taken
  std::deque<Retired> retired_;
};

}  // namespace dnsmesh::dns
