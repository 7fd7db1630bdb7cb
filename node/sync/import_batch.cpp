// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <array>
#include <optional>
#include <utility>

#include "sync/import_work.hpp"

namespace dnsmesh::sync {
namespace {

/// Reasons of ours that are no verdict of a record check, and what they count as.
constexpr std::array k_reason_results = {
    std::pair{std::string_view{"too-big"}, RecordResult::too_big},
    std::pair{std::string_view{"hash-mismatch"}, RecordResult::hash_mismatch},
    std::pair{std::string_view{"missing"}, RecordResult::rejected},
    std::pair{std::string_view{"alias"}, RecordResult::rejected},
    std::pair{std::string_view{"misplaced"}, RecordResult::rejected},
    std::pair{std::string_view{"rrset-full"}, RecordResult::rejected},
};

RecordResult result_of(std::string_view reason) {
  for (const auto& [known, result] : k_reason_results) {
    if (known == reason) return result;
  }
  return RecordResult::unverifiable;
}

/// Builds the batch of one import; holds what the steps share.
class BatchBuilder {
 public:
  BatchBuilder(SyncContext& context, PeerState& peer, ImportWork& work)
      : context_(context), peer_(peer), work_(work), page_(*work.from.page) {}

  store::Batch build() {
    work_.settled.clear();
    work_.operation_arrival.clear();
    for (std::size_t i = 0; i < work_.arrivals.size(); ++i) add(i);
    if (page_.position_at) {
      const std::size_t end = page_.prefix.end_with(work_.settled);
      if (auto position = page_.position_at(end)) operations_.emplace_back(std::move(*position));
    }
    return {std::move(operations_)};
  }

 private:
  void add(std::size_t i) {
    switch (work_.arrivals[i].fate) {
      case Fate::arrived:
        return add_record(i);
      case Fate::settled:
        return add_settled(i);
      case Fate::refused:
        return add_refused(i, work_.arrivals[i].reason);
      case Fate::missing:
        return add_missing(i);
    }
  }

  void add_settled(std::size_t i) {
    work_.settled.push_back(work_.from.indices[i]);
    if (auto release = peer_.quarantine.release(work_.pair(i))) operations_.emplace_back(std::move(*release));
  }

  void add_record(std::size_t i) {
    const std::int64_t now_ms = context_.bugs.no_elapsed ? work_.from.sent_ms : context_.monotonic_ms();
    const std::int64_t ttl_s = ttl_s_left(work_.arrivals[i].ttl_ms, work_.from.sent_ms, now_ms);
    if (ttl_s > 0) {
      store::Put put;
      put.name = work_.pair(i).name;
      put.value = work_.arrivals[i].value;
      put.ttl_s = ttl_s;
      put.ttl_rule = store::TtlRule::never_shorten;
      put.values_per_name_max = limits::sync_values_per_name_max;
      put.offer = work_.offers[i];
      put.from_peer = true;
      put.announced = !work_.from.extended;
      work_.operation_arrival.emplace_back(operations_.size(), i);
      operations_.emplace_back(std::move(put));
    }
    add_settled(i);
  }

  void add_refused(std::size_t i, std::string_view reason) {
    ++peer_.status.counters.records[result_of(reason)];
    const std::int64_t until_s = context_.now_s() + page_.entries[work_.from.indices[i]].ttl_ms / 1000;
    auto entry = peer_.quarantine.put(work_.pair(i), reason, until_s, context_.now_s(), context_.random);
    if (!entry) return note_overflow();
    operations_.emplace_back(std::move(*entry));
    work_.settled.push_back(work_.from.indices[i]);
  }

  /// The first miss leaves the entry open, the second in a row sends it to quarantine (F26).
  void add_missing(std::size_t i) {
    const PairKey& pair = work_.pair(i);
    if (peer_.quarantine.contains(pair)) {
      if (peer_.quarantine.not_returned(pair)) add_settled(i);
      return;
    }
    if (peer_.missed_before.contains(pair)) return add_refused(i, "missing");
    if (peer_.missed.size() >= limits::sync_misses_max) return note_overflow();
    peer_.missed.insert(pair);
  }

  void note_overflow() {
    page_.overflowed = true;
    context_.published->with([](Published& published) { ++published.quarantine_full; });
    peer_.log.warning(peer_.peer.node_id, "quarantine-full",
                      "it offers more records that cannot be taken than are kept track of", context_.monotonic_ms());
  }

  SyncContext& context_;
  PeerState& peer_;
  ImportWork& work_;
  OfferPage& page_;
  std::vector<store::Operation> operations_;
};

RecordResult result_of(store::Outcome outcome) {
  switch (outcome) {
    case store::Outcome::inserted:
      return RecordResult::written;
    case store::Outcome::refreshed:
      return RecordResult::refreshed;
    default:
      return RecordResult::held;  // by us with a later expiry, or buried
  }
}

}  // namespace

store::Batch batch_of(SyncContext& context, PeerState& peer, ImportWork& work) {
  return BatchBuilder(context, peer, work).build();
}

void settle_committed(PeerState& peer, ImportWork& work, const store::Receipt& receipt) {
  for (const auto& [operation, arrival] : work.operation_arrival) {
    ++peer.status.counters.records[result_of(receipt.outcomes[operation])];
  }
  for (const std::size_t index : work.settled) work.from.page->prefix.settle(index);
}

}  // namespace dnsmesh::sync
