// SPDX-License-Identifier: Apache-2.0
#include "dns/name_table.hpp"

#include <sodium.h>

#include <algorithm>
#include <bit>
#include <cassert>

namespace dnsmesh::dns {
namespace {

std::uint32_t tag_of(std::uint64_t hash) { return static_cast<std::uint32_t>(hash >> 32); }

NameNode* make_node(std::string_view name, std::uint64_t hash) {
  auto* node = new_with_tail<NameNode>(name.size());
  node->name_octets = static_cast<std::uint32_t>(name.size());
  node->hash = hash;
  std::ranges::copy(name, tail_of(node));
  return node;
}

}  // namespace

NameTable::NameTable(EpochReclaimer& reclaimer, Random& random)
    : reclaimer_(reclaimer), slots_(new Slots(limits::index_slots_min)) {
  static_assert(crypto_shorthash_KEYBYTES == 16 && crypto_shorthash_BYTES == 8);
  random.fill(hash_key_);
}

NameTable::~NameTable() {
  for_each([](const NameNode& node) { delete &node; });
  delete slots_.load();
}

std::uint64_t NameTable::hash_of(std::string_view name) const {
  ByteArray<8> out;
  crypto_shorthash(out.data(), octets(name), name.size(), hash_key_.data());
  return std::bit_cast<std::uint64_t>(out);
}

NameTable::Slot* NameTable::find_slot(std::string_view name, std::uint64_t hash) const {
  const Slots& slots = *slots_.load();
  for (std::size_t i = hash & slots.mask;; i = (i + 1) & slots.mask) {
    Slot& slot = slots.slot[i];
    const NameNode* node = slot.node.load();
    if (node == nullptr) return nullptr;
    if (slot.tag.load(std::memory_order_relaxed) != tag_of(hash) || node == &removed_) continue;
    if (node->hash == hash && node->name() == name) return &slot;
  }
}

const NameNode* NameTable::find(std::string_view name) const {
  const Slot* slot = find_slot(name, hash_of(name));
  if (slot == nullptr) return nullptr;
  const NameNode* node = slot->node.load();
  return node == &removed_ ? nullptr : node;
}

NameNode* NameTable::find_mutable(std::string_view name) {
  const Slot* slot = find_slot(name, hash_of(name));
  return slot == nullptr ? nullptr : slot->node.load();
}

NameNode& NameTable::find_or_add(std::string_view name) {
  if (NameNode* known = find_mutable(name)) return *known;
  make_room();
  NameNode* node = make_node(name, hash_of(name));
  place(*slots_.load(), node);
  ++used_slots_;
  ++node_count_;
  node_bytes_ += node->bytes();
  return *node;
}

void NameTable::remove(NameNode& node) {
  Slot* slot = find_slot(node.name(), node.hash);
  assert(slot != nullptr && slot->node.load() == &node);
  --node_count_;
  node_bytes_ -= node.bytes();
  slot->node.store(&removed_);
  reclaimer_.retire(&node);
}

std::size_t NameTable::bytes() const { return node_bytes_ + slots_.load()->count() * sizeof(Slot); }

void NameTable::place(Slots& slots, NameNode* node) {
  std::size_t i = node->hash & slots.mask;
  while (slots.slot[i].node.load() != nullptr) i = (i + 1) & slots.mask;
  slots.slot[i].tag.store(tag_of(node->hash), std::memory_order_relaxed);
  slots.slot[i].node.store(node);
}

void NameTable::make_room() {
  Slots* const old = slots_.load();
  if ((used_slots_ + 1) * 2 <= old->count()) return;
  // Twice the slots for twice the nodes; many removed nodes alone need only a fresh array of the same size.
  const std::size_t wanted = std::max(limits::index_slots_min, std::bit_ceil((node_count_ + 1) * 3));
  auto* fresh = new Slots(wanted);
  for (std::size_t i = 0; i < old->count(); ++i) {
    NameNode* node = old->slot[i].node.load();
    if (node != nullptr && node != &removed_) place(*fresh, node);
  }
  slots_.store(fresh);
  used_slots_ = node_count_;
  reclaimer_.retire(old);
}

}  // namespace dnsmesh::dns
