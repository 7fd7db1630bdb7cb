// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <vector>

#include "sync/classic_reader.hpp"
#include "sync/get_fetcher.hpp"
#include "sync/peer_tombstones.hpp"
#include "sync/positions.hpp"

namespace dnsmesh::sync {

/// Reads the change feed of one node of ours (spec/anti-entropy.md 15.2 to 15.4): pages from the last rseq on, the next
/// one fetched while this one is taken in, and a comparison of all pairs at first contact, when the peer has another
/// database or was restarted, and every ten minutes.
class ExtendedReader {
 public:
  /// All must outlive it.
  ExtendedReader(SyncContext& context, PeerState& peer, PeerCalls& calls, Importer& importer)
      : context_(context),
        peer_(peer),
        calls_(calls),
        importer_(importer),
        fetcher_(context, peer, calls, importer),
        tombstones_(context, peer, importer) {}

  /// The position before a restart, when there is one.
  void load();
  void reset();
  /// There is a position to read on from.
  bool positioned() const { return position_.has_value(); }

  /// What the peer says of itself: where to read on, or how to begin. Makes it positioned() unless a call fails.
  Task<bool> meet(Extension extension);

  /// Compares all pairs when it is time. False when the pass has to end.
  Task<bool> reconcile_when_due();

  void begin_pass();
  /// One page; the peer may hold the request up to `wait_ms`.
  Task<Step> read_page(std::int64_t wait_ms);
  Task<bool> end_pass();

  /// The peer did not know a call of the extension; reset by reading it.
  bool take_unsupported();
  const std::optional<ExtendedPosition>& position() const { return position_; }
  /// The current pass has come past everything that it saw.
  bool contiguous() const { return contiguous_; }
  /// The current pass has written something, so there may be more at once.
  bool wrote() const { return written_count_ > 0; }

 private:
  enum class Outcome { converged, incomplete, failed };
  Task<Outcome> reconcile();
  Task<CallResult> call_feed(std::int64_t after, std::size_t rows, std::int64_t wait_ms);
  Task<CallResult> call_reconcile(std::string message);
  bool follows(const WireEpoch& epoch);
  void note_epoch(const WireEpoch& epoch);
  Task<bool> take_page(FeedAnswer answer, std::int64_t sent_ms);
  std::uint64_t records_written() const;
  std::optional<store::SetPosition> position_at(const std::vector<FeedEntry>& entries, std::int64_t next,
                                                std::size_t end);
  std::int64_t rseq_at(const std::vector<FeedEntry>& entries, std::int64_t next, std::size_t end) const;
  store::SetPosition stored(const ExtendedPosition& position) const;
  std::vector<crypto::Hash256> without_vain(std::vector<crypto::Hash256> need) const;

  SyncContext& context_;
  PeerState& peer_;
  PeerCalls& calls_;
  Importer& importer_;
  GetFetcher fetcher_;
  PeerTombstones tombstones_;

  std::optional<ExtendedPosition> position_;
  std::int64_t written_rseq_ = 0;     // in the last batch
  std::int64_t position_due_ms_ = 0;  // when a position is written that came without records
  std::int64_t reconcile_due_ms_ = 0;
  std::set<crypto::Hash256> vain_;  // ids that are not asked for again in this period
  bool unsupported_ = false;

  std::int64_t scan_ = 0;
  bool contiguous_ = true;
  bool behind_ = false;
  std::uint64_t written_count_ = 0;
  Task<CallResult> next_page_;  // in flight while the page before it is taken in
};

}  // namespace dnsmesh::sync
