// SPDX-License-Identifier: Apache-2.0
// Brings what a peer sent into the store: gates, verification, and one batch of records, quarantine and the position
// that they cover (spec/anti-entropy.md 6.3, 7, 8).
#pragma once

#include <memory>
#include <vector>

#include "sync/import_work.hpp"
#include "sync/session_context.hpp"
#include "sync/task.hpp"

namespace dnsmesh::sync {

class Importer {
 public:
  /// Both must outlive it.
  Importer(SyncContext& context, PeerState& peer) : context_(context), peer_(peer) {}

  /// False when nothing was written and the pass has to end: the store failed, or our clock is not to be believed.
  Task<bool> take(Arrived arrived);

  /// Writes the position of what is settled in `page` (may be null), and `more`, when there is anything to write.
  Task<bool> write_position(std::shared_ptr<OfferPage> page, std::vector<store::Operation> more);

  /// Takes over the store's table: at start, and after a failed commit, when the one in memory may be ahead.
  void reload_quarantine();

 private:
  Task<> verify(std::shared_ptr<ImportWork> work);
  void commit_failed(const Error& error);

  SyncContext& context_;
  PeerState& peer_;
};

}  // namespace dnsmesh::sync
