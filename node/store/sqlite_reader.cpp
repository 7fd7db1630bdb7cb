// SPDX-License-Identifier: Apache-2.0
#include "store/sqlite_reader.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "store/rrset.hpp"
#include "store/sqlite_row.hpp"
#include "store/sqlite_target.hpp"

namespace dnsmesh::store {
namespace {

std::vector<Record> read_records(sqlite::Rows rows) {
  std::vector<Record> out;
  while (rows.next()) out.push_back(read_record(rows));
  return out;
}

/// Both spellings carry the liveness test.
std::string live_at_folded() {
  return fmt::format("SELECT * FROM ({}) WHERE expires_at > ?2", fmt::format(k_at_folded, k_columns));
}

}  // namespace

Result<std::unique_ptr<SqliteReader>> SqliteReader::open(const std::string& path, int busy_timeout_ms) {
  auto connection = sqlite::Connection::open(path, busy_timeout_ms);
  if (!connection) return std::unexpected(connection.error());
  (*connection)->execute("PRAGMA query_only = 1");
  std::unique_ptr<SqliteReader> reader(new SqliteReader(std::move(*connection)));
  if (auto failure = reader->take_failure()) return std::unexpected(std::move(failure->error));
  return reader;
}

SqliteReader::SqliteReader(std::unique_ptr<sqlite::Connection> connection)
    : connection_(std::move(connection)),
      values_at_(*connection_, live_at_folded()),
      values_at_exactly_(*connection_, fmt::format("SELECT {} FROM records WHERE name = ?1 AND expires_at > ?2 "
                                                   "ORDER BY stored_ts, name, value_hash",
                                                   k_columns)),
      digest_(*connection_,
              fmt::format("SELECT {} FROM records INDEXED BY idx_records_page WHERE (stored_ts, name, value_hash) > "
                          "(?1, ?2, ?3) AND stored_ts < ?4 AND expires_at > ?5 AND offer_reason IS NULL "
                          "AND offer_until >= ?5 ORDER BY stored_ts, name, value_hash LIMIT ?6",
                          k_feed_columns)),
      changes_(*connection_, fmt::format("SELECT {} FROM records WHERE rseq > ?1 AND rseq <= ?2 ORDER BY rseq LIMIT ?3",
                                         k_feed_columns)),
      // All of it in the order of the file: by an index every row would cost a seek.
      all_(*connection_, fmt::format("SELECT {} FROM records NOT INDEXED", k_columns)),
      live_count_(*connection_, "SELECT count(*) FROM records WHERE expires_at > ?1"),
      position_(*connection_, "SELECT position FROM sync_positions WHERE peer = ?1 AND kind = ?2"),
      quarantined_(*connection_,
                   "SELECT peer, name, value_hash, reason, retry_at, attempts FROM sync_quarantine WHERE peer = ?1 "
                   "ORDER BY name, value_hash"),
      tombstone_(*connection_,
                 fmt::format("SELECT {} FROM tombstones WHERE name = ?1 AND value_hash = ?2 AND until > ?3",
                             k_tombstone_columns)) {}

std::vector<Record> SqliteReader::values_at(std::string_view folded_name, std::int64_t now_s) {
  return union_of_spellings(read_records(values_at_.run(folded_name, now_s)));
}

std::vector<Record> SqliteReader::values_at_exactly(std::string_view name, std::int64_t now_s) {
  return read_records(values_at_exactly_.run(name, now_s));
}

DigestPage SqliteReader::digest(const DigestCursor& after, std::int64_t below_ms, std::size_t limit,
                                std::int64_t now_s) {
  DigestPage page;
  page.records = read_records(digest_.run(after.stored_ms, after.name, after.hash, below_ms, now_s, limit + 1));
  page.has_more = page.records.size() > limit;
  if (page.has_more) page.records.pop_back();
  return page;
}

ChangePage SqliteReader::changes(std::int64_t after_rseq, std::int64_t high, std::size_t limit, std::int64_t now_s) {
  ChangePage page;
  page.records = read_records(changes_.run(after_rseq, high, limit));
  const bool full = page.records.size() == limit;
  page.next = full ? page.records.back().rseq : high;
  page.has_more = full && page.next < high;
  std::erase_if(page.records, [now_s](const Record& r) { return r.expires_s <= now_s || !r.offer.allowed_at(now_s); });
  return page;
}

std::size_t SqliteReader::for_each(const std::function<void(const Record&)>& visit) {
  std::size_t visited = 0;
  for (sqlite::Rows rows = all_.run(); rows.next(); ++visited) visit(read_record(rows));
  return visited;
}

std::int64_t SqliteReader::live_count(std::int64_t now_s) {
  sqlite::Rows rows = live_count_.run(now_s);
  return rows.next() ? rows.integer(0) : 0;
}

std::optional<std::string> SqliteReader::position(std::string_view peer, std::string_view kind) {
  sqlite::Rows rows = position_.run(peer, kind);
  if (!rows.next()) return std::nullopt;
  return std::string(rows.text(0));
}

std::vector<Quarantine> SqliteReader::quarantined(std::string_view peer) {
  std::vector<Quarantine> out;
  for (sqlite::Rows rows = quarantined_.run(peer); rows.next();) {
    out.push_back({std::string(rows.text(0)), std::string(rows.text(1)), hash_from(rows.text(2)),
                   std::string(rows.text(3)), rows.integer(4), rows.integer(5)});
  }
  return out;
}

std::optional<Tombstone> SqliteReader::tombstone(std::string_view name, const crypto::Hash256& hash,
                                                 std::int64_t now_s) {
  sqlite::Rows rows = tombstone_.run(name, hash_text(hash), now_s);
  if (!rows.next()) return std::nullopt;
  return read_tombstone(rows);
}

bool ReaderPool::readable() const {
  const std::scoped_lock lock(mutex_);
  return readable_;
}

void ReaderPool::close() {
  std::unique_lock lock(mutex_);
  closed_ = true;
  returned_.wait(lock, [this] { return lent_ == 0; });
  idle_.clear();
}

Result<std::unique_ptr<SqliteReader>> ReaderPool::borrow() {
  {
    const std::scoped_lock lock(mutex_);
    if (closed_) return fail(ErrorCode::store_closed);
    ++lent_;
    if (!idle_.empty()) {
      auto reader = std::move(idle_.back());
      idle_.pop_back();
      return reader;
    }
  }
  auto reader = SqliteReader::open(path_, busy_timeout_ms_);
  if (!reader) give_back(nullptr, false);
  return reader;
}

void ReaderPool::give_back(std::unique_ptr<SqliteReader> reader, bool succeeded) {
  std::unique_ptr<SqliteReader> surplus;  // closed outside the lock
  const std::scoped_lock lock(mutex_);
  readable_ = succeeded;
  --lent_;
  if (reader && idle_.size() < limits::sqlite_readers_kept) {
    idle_.push_back(std::move(reader));
  } else {
    surplus = std::move(reader);
  }
  returned_.notify_all();
}

}  // namespace dnsmesh::store
