// SPDX-License-Identifier: Apache-2.0
#include "store/sqlite_adopt.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <thread>
#include <vector>

#include "base/log.hpp"
#include "store/sqlite_row.hpp"

namespace dnsmesh::store {
namespace {

using sqlite::Connection;
using sqlite::Rows;
using sqlite::Statement;

struct Row {
  std::int64_t rowid = 0;
  std::string name;
  std::string value;
  record::Offer before;
  record::Offer offer;
};

/// Judging checks signatures, about 0.1 ms a row: all cores share the rows.
void judge_rows(std::vector<Row>& rows, const OfferJudge& judge) {
  if (!judge) return;
  const std::size_t workers = std::min<std::size_t>(std::max(1U, std::thread::hardware_concurrency()), rows.size());
  std::vector<std::jthread> threads;
  for (std::size_t worker = 0; worker < workers; ++worker) {
    threads.emplace_back([&rows, &judge, worker, workers] {
      for (std::size_t i = worker; i < rows.size(); i += workers) rows[i].offer = judge(rows[i].name, rows[i].value);
    });
  }
}

void log_dropped(std::size_t count, const std::string& first) {
  if (count == 0) return;
  log::warning(log::k_node,
               fmt::format("dropped {} record(s) whose name holds a line feed, the first at {}", count, first),
               {{"count", static_cast<std::int64_t>(count)}});
}

std::vector<Row> next_unnumbered(Statement& select) {
  std::vector<Row> rows;
  for (Rows found = select.run(static_cast<std::int64_t>(limits::adopt_rows_max)); found.next();) {
    Row& row = rows.emplace_back();
    row.rowid = found.integer(0);
    row.name = found.text(1);
    row.value = found.text(2);
  }
  return rows;
}

}  // namespace

void adopt_rows(Connection& connection, const OfferJudge& judge, CommitStamp& stamp) {
  Statement drop_expired(connection, "DELETE FROM records WHERE rseq IS NULL AND expires_at <= ?1");
  drop_expired.execute(stamp.now_s);
  Statement select(connection, "SELECT rowid, name, value FROM records WHERE rseq IS NULL ORDER BY rowid LIMIT ?1");
  Statement drop(connection, "DELETE FROM records WHERE rowid = ?1");
  Statement number(
      connection,
      "UPDATE records SET rseq = ?2, value_hash = ?3, offer_reason = ?4, offer_until = ?5 WHERE rowid = ?1");
  std::size_t adopted = 0;
  std::size_t dropped = 0;
  std::string first_dropped;
  for (std::vector<Row> rows = next_unnumbered(select); !rows.empty(); rows = next_unnumbered(select)) {
    judge_rows(rows, judge);
    for (const Row& row : rows) {
      if (row.name.contains('\n')) {
        if (dropped++ == 0) first_dropped = row.name;
        drop.execute(row.rowid);
        continue;
      }
      ++adopted;
      // Computed although it may be there: everything that compares pairs relies on it.
      number.execute(row.rowid, ++stamp.rseq, crypto::sha256_hex(row.value), reason_text(row.offer),
                     row.offer.valid_until_s);
    }
    if (connection.failure()) return;
  }
  log_dropped(dropped, first_dropped);
  if (adopted == 0) return;
  log::info(log::k_node, fmt::format("took over {} record(s) that another node wrote", adopted));
  connection.execute(
      "DELETE FROM tombstones WHERE life_until = 0 AND EXISTS (SELECT 1 FROM records WHERE records.name = "
      "tombstones.name "
      "AND records.value_hash = tombstones.value_hash)");
}

bool judge_again(Connection& connection, const OfferJudge& judge, CommitStamp& stamp) {
  Statement select(connection,
                   "SELECT rowid, name, value, offer_reason, offer_until FROM records WHERE rowid > ?1 ORDER BY rowid "
                   "LIMIT ?2");
  Statement update(connection, "UPDATE records SET offer_reason = ?2, offer_until = ?3 WHERE rowid = ?1");
  Statement move(connection, "UPDATE records SET rseq = ?2, stored_ts = ?3 WHERE rowid = ?1");
  bool restamped = false;
  std::int64_t after = std::numeric_limits<std::int64_t>::min();
  while (true) {
    std::vector<Row> rows;
    for (Rows found = select.run(after, static_cast<std::int64_t>(limits::adopt_rows_max)); found.next();) {
      Row& row = rows.emplace_back();
      row.rowid = found.integer(0);
      row.name = found.text(1);
      row.value = found.text(2);
      row.before = read_offer(found, 3);
    }
    if (rows.empty()) return restamped;
    after = rows.back().rowid;
    judge_rows(rows, judge);
    for (const Row& row : rows) {
      if (row.offer == row.before) continue;
      update.execute(row.rowid, reason_text(row.offer), row.offer.valid_until_s);
      if (row.offer.reason || !row.before.reason) continue;
      move.execute(row.rowid, ++stamp.rseq, stamp.stored_ms);
      restamped = true;
    }
  }
}

}  // namespace dnsmesh::store
