// SPDX-License-Identifier: Apache-2.0
// Rows that another node wrote into the record file get what this node keeps beside a row.
#pragma once

#include "store/feed_clock.hpp"
#include "store/sqlite.hpp"
#include "store/sqlite_schema.hpp"

namespace dnsmesh::store {

/// Every row without an rseq gets one in write order, its hash if that is empty, and its offer; expired ones and names
/// with a line feed are dropped, and tombstones of pairs that live again. Inside a transaction; failures stay with the
/// connection.
void adopt_rows(sqlite::Connection& connection, const OfferJudge& judge, CommitStamp& stamp);

/// Judges every row. One that may be offered now and could not before gets a new rseq and `stamp.stored_ms`: readers
/// are past its old place. True when there was such a row.
bool judge_again(sqlite::Connection& connection, const OfferJudge& judge, CommitStamp& stamp);

}  // namespace dnsmesh::store
