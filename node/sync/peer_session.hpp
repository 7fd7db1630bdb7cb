// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

#include "sync/await.hpp"
#include "sync/classic_reader.hpp"
#include "sync/extended_reader.hpp"

namespace dnsmesh::sync {

/// Keeps us equal with one peer for as long as it lives: gossip, then data, in the mode that the peer speaks, and a
/// pause; on the loop's thread. Destroying it ends everything at once; not from inside one of its own coroutines.
class PeerSession {
 public:
  /// `context` must outlive it. `load`: take up the positions of the store.
  PeerSession(SyncContext& context, Peer peer, bool manifest_only, bool load);

  void start();

  const Peer& peer() const { return state_.peer; }
  bool manifest_only() const { return state_.manifest_only; }
  /// The peer is now known under this id and for this; `reset`: it is somebody else and read from the start.
  void become(Peer peer, bool manifest_only, bool reset);

  /// Reads its feed now; any number of calls before that make one reading.
  void hinted() { waker_.wake(); }
  /// Tell it that we have news: now, or once it is known to be one of ours and answers.
  void send_hint();

 private:
  Task<> run();
  Task<> tick();
  Task<> gossip();
  Task<Step> read_classic();
  Task<Step> read_extended();
  Task<Step> meet();
  void send_owed_hint();
  Task<> run_hint();
  bool hint_due() const;
  bool gossip_due() const;
  bool may_be_extended() const;
  std::int64_t pause_ms(std::int64_t began_ms) const;
  void set_mode(Mode mode);
  void show(Step step, bool contiguous);

  SyncContext& context_;
  PeerState state_;
  PeerCalls calls_;
  Importer importer_;
  ClassicReader classic_;
  ExtendedReader extended_;
  Waker waker_;
  Waker hint_waker_;

  std::int64_t gossip_due_ms_ = 0;
  std::int64_t classic_until_ms_ = 0;  // monotonic: a call of the extension was not understood
  bool reset_asked_ = false;
  bool long_wait_ = false;  // the last pass left nothing behind: the peer may hold the next request
  bool hint_owed_ = false;
  bool hint_waits_ = false;  // until a refused one is sent again

  Task<> run_task_;
  Task<> hint_task_;
};

}  // namespace dnsmesh::sync
