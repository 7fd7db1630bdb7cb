// SPDX-License-Identifier: Apache-2.0
#include "store/sqlite_reader.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <numeric>
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

/// Everything read while it lives is of one snapshot.
class Snapshot {
 public:
  explicit Snapshot(sqlite::Connection& connection) : connection_(connection) { connection_.execute("BEGIN"); }
  ~Snapshot() { connection_.roll_back(); }
  Snapshot(const Snapshot&) = delete;
  Snapshot& operator=(const Snapshot&) = delete;

 private:
  sqlite::Connection& connection_;
};

/// The places of the keys, ordered by key.
std::vector<std::size_t> in_order(std::span<const PairKey> keys) {
  std::vector<std::size_t> order(keys.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::sort(order, {}, [keys](std::size_t place) -> const PairKey& { return keys[place]; });
  return order;
}

/// The first text after all that begin with the prefix, which is ASCII.
std::string end_of_prefix(std::string_view prefix) {
  std::string end(prefix);
  ++end.back();
  return end;
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
      tombstones_after_(*connection_,
                        "SELECT name, value_hash, until, rseq FROM tombstones WHERE rseq > ?1 AND rseq <= ?2 ORDER BY "
                        "rseq LIMIT ?3"),
      hashes_at_(*connection_, "SELECT value_hash, expires_at, rseq FROM records WHERE name = ?1 AND expires_at > ?2"),
      rows_at_(*connection_, fmt::format("SELECT {} FROM records WHERE rseq = ?1 AND expires_at > ?2", k_columns)),
      rows_under_(*connection_,
                  fmt::format("SELECT {0} FROM records WHERE name >= ?1 AND name < ?2 AND name = lower(name) AND "
                              "expires_at > ?3 UNION ALL SELECT {0} FROM records WHERE lower(name) >= ?1 AND "
                              "lower(name) < ?2 AND name <> lower(name) AND expires_at > ?3 ORDER BY name, value "
                              "LIMIT ?4",
                              k_columns)),
      // All of it in the order of the file: by an index every row would cost a seek.
      all_(*connection_, fmt::format("SELECT {} FROM records NOT INDEXED", k_columns)),
      live_count_(*connection_, "SELECT count(*) FROM records WHERE expires_at > ?1"),
      position_(*connection_, "SELECT position FROM sync_positions WHERE peer = ?1 AND kind = ?2"),
      quarantined_(*connection_,
                   "SELECT peer, name, value_hash, reason, retry_at, attempts, first_seen, until FROM sync_quarantine "
                   "WHERE peer = ?1 ORDER BY name, value_hash"),
      tombstone_(*connection_,
                 fmt::format("SELECT {} FROM tombstones WHERE name = ?1 AND value_hash = ?2 AND until > ?3",
                             k_tombstone_columns)) {}

std::vector<Record> SqliteReader::values_at(std::string_view folded_name, std::int64_t now_s) {
  return union_of_spellings(read_records(values_at_.run(folded_name, now_s)));
}

std::vector<Record> SqliteReader::values_at_exactly(std::string_view name, std::int64_t now_s) {
  return read_records(values_at_exactly_.run(name, now_s));
}

std::vector<Record> SqliteReader::values_at_names(std::span<const std::string> names, std::int64_t now_s) {
  const Snapshot snapshot(*connection_);
  std::vector<Record> found;
  for (const std::string& name : names) std::ranges::move(values_at_exactly(name, now_s), std::back_inserter(found));
  std::ranges::sort(found, in_feed_order);
  return found;
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
  const Snapshot snapshot(*connection_);
  ChangePage page;
  page.records = read_records(changes_.run(after_rseq, high, limit));
  page.tombstones = tombstones_after(after_rseq, high, limit);
  page.next = high;
  if (page.records.size() + page.tombstones.size() >= limit) {
    std::vector<std::int64_t> examined;
    for (const Record& record : page.records) examined.push_back(record.rseq);
    for (const BuriedPair& buried : page.tombstones) examined.push_back(buried.rseq);
    const auto last = examined.begin() + static_cast<std::ptrdiff_t>(limit) - 1;
    std::ranges::nth_element(examined, last);
    page.next = *last;
  }
  page.has_more = page.next < high;
  std::erase_if(page.records, [&](const Record& record) {
    return record.rseq > page.next || record.expires_s <= now_s || !record.offer.allowed_at(now_s);
  });
  std::erase_if(page.tombstones,
                [&](const BuriedPair& buried) { return buried.rseq > page.next || buried.until_s <= now_s; });
  return page;
}

std::vector<BuriedPair> SqliteReader::tombstones_after(std::int64_t after_rseq, std::int64_t high, std::size_t limit) {
  std::vector<BuriedPair> out;
  for (sqlite::Rows rows = tombstones_after_.run(after_rseq, high, limit); rows.next();) {
    out.push_back({{std::string(rows.text(0)), hash_from(rows.text(1))}, rows.integer(2), rows.integer(3)});
  }
  return out;
}

/// Calls `found` for every key of a live row with the key's place, the row's expiry and its rseq. Each name is looked
/// up once: many keys of a page share one, and a name may have thousands of values.
void SqliteReader::find_live(std::span<const PairKey> keys, std::int64_t now_s, const FoundRow& found) {
  const std::vector<std::size_t> order = in_order(keys);
  std::span<const std::size_t> rest(order);
  while (!rest.empty()) {
    const std::string& name = keys[rest.front()].name;
    const auto end = std::ranges::find_if(rest, [&](std::size_t place) { return keys[place].name != name; });
    const auto same_name = rest.first(static_cast<std::size_t>(end - rest.begin()));
    rest = rest.subspan(same_name.size());
    for (sqlite::Rows rows = hashes_at_.run(name, now_s); rows.next();) {
      const auto asked = std::ranges::equal_range(same_name, hash_from(rows.text(0)), {},
                                                  [keys](std::size_t place) { return keys[place].hash; });
      for (const std::size_t place : asked) found(place, rows.integer(1), rows.integer(2));
    }
  }
}

std::vector<PairState> SqliteReader::states_of(std::span<const PairKey> keys, std::int64_t now_s) {
  const Snapshot snapshot(*connection_);
  std::vector<PairState> states(keys.size());
  find_live(keys, now_s, [&states](std::size_t place, std::int64_t expires_s, std::int64_t) {
    states[place].expires_s = expires_s;
  });
  for (std::size_t place = 0; place < keys.size(); ++place) {
    states[place].tombstone = tombstone(keys[place].name, keys[place].hash, now_s);
  }
  return states;
}

std::vector<Record> SqliteReader::rows_of(std::span<const PairKey> keys, std::int64_t now_s) {
  const Snapshot snapshot(*connection_);
  std::vector<std::int64_t> rseqs;
  find_live(keys, now_s, [&rseqs](std::size_t, std::int64_t, std::int64_t rseq) { rseqs.push_back(rseq); });
  return offered_at(rseqs, now_s);
}

std::vector<Record> SqliteReader::rows_at(std::span<const std::int64_t> rseqs, std::int64_t now_s) {
  const Snapshot snapshot(*connection_);
  return offered_at(rseqs, now_s);
}

std::vector<Record> SqliteReader::offered_at(std::span<const std::int64_t> rseqs, std::int64_t now_s) {
  std::vector<Record> out;
  for (const std::int64_t rseq : rseqs)
    std::ranges::move(read_records(rows_at_.run(rseq, now_s)), std::back_inserter(out));
  std::erase_if(out, [now_s](const Record& record) { return !record.offer.allowed_at(now_s); });
  return out;
}

std::vector<Record> SqliteReader::rows_under(std::string_view name_prefix, std::size_t rows_max, std::int64_t now_s) {
  return read_records(rows_under_.run(name_prefix, end_of_prefix(name_prefix), now_s, rows_max));
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
                   std::string(rows.text(3)), rows.integer(4), rows.integer(5), rows.integer(6), rows.integer(7)});
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
