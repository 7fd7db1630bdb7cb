// SPDX-License-Identifier: Apache-2.0
// The record store in one SQLite file, with the layout of spec/storage.md 2.
#pragma once

#include <memory>
#include <string>

#include "base/clock.hpp"
#include "base/error.hpp"
#include "base/limits.hpp"
#include "base/random.hpp"
#include "store/offer_judge.hpp"
#include "store/record_store.hpp"

namespace dnsmesh::store {

struct SqliteStoreOptions {
  std::string path;
  /// Judges rows that another node wrote; empty: all of them may be offered.
  OfferJudge judge;
  /// Names what `judge` depends on (its version, the operator key). When it changes, all rows are judged again at open.
  std::string judge_id;
  int busy_timeout_ms = limits::sqlite_busy_timeout_ms;
  int retry_ms = limits::store_retry_ms;
};

/// Opens or makes the file, its folders and its lock. A file that is refused is left as it is. Errors, with a text that
/// names the file and what to do: store_in_use, store_newer_schema, store_corrupt, store_unusable. `clock` must outlive
/// the store; `random` is used only here.
Result<std::unique_ptr<RecordStore>> open_sqlite_store(const SqliteStoreOptions& options, const Clock& clock,
                                                       Random& random);

}  // namespace dnsmesh::store
