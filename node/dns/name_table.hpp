// SPDX-License-Identifier: Apache-2.0
// A hash table from folded names to nodes that any number of readers may search while one writer changes it. Open
// addressing over an array of atomic pointers; growing makes a new array and retires the old one.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>

#include "base/bytes.hpp"
#include "base/random.hpp"
#include "dns/reclaimer.hpp"
#include "dns/rrset.hpp"
#include "dns/tail.hpp"

namespace dnsmesh::dns {

/// What is known of one name: its values, its descendants, or both. Readers use the two atomics, the writer all of it.
struct NameNode final : HasTail {
  std::atomic<const RRset*> rrset{nullptr};
  /// The latest expiry among the descendants' values. Rises at once; falls when the last descendant goes.
  std::atomic<std::int64_t> below_until_s{0};
  std::uint32_t below_count = 0;  // descendants with values
  std::uint32_t name_octets = 0;  // the name is the tail
  std::uint64_t hash = 0;

  std::string_view name() const { return {tail_of(this), name_octets}; }
  std::size_t bytes() const { return sizeof(NameNode) + name_octets; }
};

class NameTable {
 public:
  /// `random` gives the key of the hash, so that publishers cannot choose names that collide.
  NameTable(EpochReclaimer& reclaimer, Random& random);
  NameTable(const NameTable&) = delete;
  NameTable& operator=(const NameTable&) = delete;
  ~NameTable();

  /// Readers between enter and leave, and the writer.
  const NameNode* find(std::string_view name) const;

  // --- the writer's thread ---
  NameNode* find_mutable(std::string_view name);
  NameNode& find_or_add(std::string_view name);
  /// Takes the node out and retires it, but not its RRset.
  void remove(NameNode& node);
  /// Every node once.
  template <class Visit>
  void for_each(Visit visit) const {
    const Slots& slots = *slots_.load();
    for (std::size_t i = 0; i < slots.count(); ++i) {
      const NameNode* node = slots.slot[i].node.load();
      if (node != nullptr && node != &removed_) visit(*node);
    }
  }
  /// Nodes, and what they and the array take in memory.
  std::size_t size() const { return node_count_; }
  std::size_t bytes() const;

 private:
  struct Slot {
    std::atomic<NameNode*> node{nullptr};
    /// Upper half of the hash, so that a probe touches few foreign nodes. Written once, before `node`.
    std::atomic<std::uint32_t> tag{0};
  };
  struct Slots {
    explicit Slots(std::size_t slot_count) : mask(slot_count - 1), slot(std::make_unique<Slot[]>(slot_count)) {}
    std::size_t count() const { return mask + 1; }
    std::size_t mask;  // a power of two less one
    std::unique_ptr<Slot[]> slot;
  };

  std::uint64_t hash_of(std::string_view name) const;
  Slot* find_slot(std::string_view name, std::uint64_t hash) const;
  static void place(Slots& slots, NameNode* node);
  void make_room();

  EpochReclaimer& reclaimer_;
  ByteArray<16> hash_key_{};
  /// Stands where a node was removed, so that probes go on behind it.
  NameNode removed_;
  std::atomic<Slots*> slots_;
  std::size_t used_slots_ = 0;  // nodes and removed ones
  std::size_t node_count_ = 0;
  std::size_t node_bytes_ = 0;
};

}  // namespace dnsmesh::dns
