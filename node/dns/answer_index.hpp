// SPDX-License-Identifier: Apache-2.0
// The answer index: every stored TXT value by its folded owner name, in memory, ready to be sent. Readers (dns threads)
// take no lock and allocate nothing; there is one writer.
//
// Memory: a record is a node, its value, and at most limits::index_ancestor_labels_max nodes for its ancestors. A node
// is 32 bytes, its name (at most 255) and less than 96 bytes of the table, so whatever the name is, a record takes less
// than 7 KB beside its value. Ancestors with more labels are not kept: where only they exist, the answer is NXDOMAIN.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "base/clock.hpp"
#include "base/random.hpp"
#include "dns/name.hpp"
#include "dns/name_table.hpp"
#include "dns/reclaimer.hpp"
#include "dns/rrset.hpp"
#include "store/record_store.hpp"

namespace dnsmesh::dns {

/// What the index knows of one name. Valid as long as the guard it came from.
struct Found {
  const RRset* rrset = nullptr;    // some or all of its values may have expired
  std::int64_t below_until_s = 0;  // the latest expiry among its descendants' values

  bool has_live_values(std::int64_t now_s) const { return rrset != nullptr && rrset->latest_expiry_s() > now_s; }
  /// May stay true until the sweep when the longest-lived descendant was deleted and the others have expired.
  bool has_live_below(std::int64_t now_s) const { return below_until_s > now_s; }
};

class AnswerIndex {
 public:
  /// `zone` is the folded served zone in wire form when there is one: names inside it make empty non-terminals up to
  /// the zone, not above. `clock` and `random` are used by the writer only and outlive the index.
  AnswerIndex(const Clock& clock, Random& random, std::optional<Name> zone);
  ~AnswerIndex();

  // --- the writer: one thread at a time ---
  /// Adds a row at start. Names that are not DNS names are passed over.
  void load(const store::Record& record);
  /// From now on a miss is an answer.
  void finish_loading() { complete_.store(true); }
  /// The store's commit listener (store::CommitListener).
  void apply(std::span<const store::Change> changes);

  // --- any thread ---
  /// False while it loads: what it does not know may still be stored.
  bool complete() const { return complete_.load(); }
  /// Memory of nodes, values and the table, without the allocator's share.
  std::size_t bytes() const { return bytes_.load(std::memory_order_relaxed); }
  /// Names with values, and names that only have descendants.
  std::size_t names() const { return names_.load(std::memory_order_relaxed); }
  /// SERIAL of the SOA (spec/dns.md 4): the second of the last change, never going back.
  std::uint32_t soa_serial() const { return static_cast<std::uint32_t>(serial_.load(std::memory_order_relaxed)); }

  /// A thread's place among the readers. One a thread; it must not outlive the index.
  class Reader {
   public:
    explicit Reader(const AnswerIndex& index) : index_(index), slot_(index.reclaimer_.take_slot()) {}
    Reader(const Reader&) = delete;
    Reader& operator=(const Reader&) = delete;
    ~Reader() { index_.reclaimer_.give_back_slot(slot_); }

   private:
    friend class AnswerIndex;
    const AnswerIndex& index_;
    std::size_t slot_;
  };

  /// While it lives, everything found through it stays valid. Hold it for one answer; not two at once for a Reader.
  class ReadGuard {
   public:
    explicit ReadGuard(const Reader& reader) : reader_(reader) { reader.index_.reclaimer_.enter(reader.slot_); }
    ReadGuard(const ReadGuard&) = delete;
    ReadGuard& operator=(const ReadGuard&) = delete;
    ~ReadGuard() { reader_.index_.reclaimer_.leave(reader_.slot_); }
    /// `folded_wire` as Name::wire() gives it after fold().
    Found find(std::string_view folded_wire) const;

   private:
    const Reader& reader_;
  };

 private:
  void put(std::string_view stored_name, std::string_view value, std::int64_t expires_s);
  void remove(std::string_view stored_name, std::string_view value);
  void replace_rrset(NameNode& node, std::unique_ptr<const RRset> rrset);
  /// Tells the name's ancestors, up to the zone or the root, what became of its values.
  void count_below(std::string_view name, bool had_values, const RRset* rrset);
  void remove_if_unused(NameNode& node);
  void publish_sizes();

  const Clock& clock_;
  const std::optional<Name> zone_;
  mutable EpochReclaimer reclaimer_;
  NameTable table_;
  std::size_t rrset_bytes_ = 0;
  std::int64_t last_bump_s_ = 0;
  std::atomic<std::int64_t> serial_;
  std::atomic<std::size_t> bytes_{0};
  std::atomic<std::size_t> names_{0};
  std::atomic<bool> complete_{false};
};

}  // namespace dnsmesh::dns
