// SPDX-License-Identifier: Apache-2.0
// The layout of the record file: what is made, what older files get, and what another node's writes get
// (spec/storage.md 2). All of it in one transaction at open.
#pragma once

#include <string>

#include "base/clock.hpp"
#include "base/error.hpp"
#include "base/random.hpp"
#include "store/feed_clock.hpp"
#include "store/offer_judge.hpp"
#include "store/record_store.hpp"
#include "store/sqlite.hpp"

namespace dnsmesh::store {

/// What a start finds out.
struct Opened {
  Epoch epoch;
  FeedClock feed;
};

/// Refuses a file that this node must not touch, without changing it: store_newer_schema, store_corrupt,
/// store_unusable. `path` is for the message. Reads the whole file.
Result<void> inspect(sqlite::Connection& connection, const std::string& path);

/// Makes or upgrades the layout, adopts rows that another node wrote, and begins a new boot. When `judge_id` is not the
/// one of the last start, every row is judged again.
Result<Opened> open_layout(sqlite::Connection& connection, const OfferJudge& judge, const std::string& judge_id,
                           const Clock& clock, Random& random);

}  // namespace dnsmesh::store
