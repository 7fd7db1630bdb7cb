// SPDX-License-Identifier: Apache-2.0
// How fast the record store commits, against plain SQLite on a file of the same layout, and how long a start takes.
//
//   store_bench FOLDER [SECONDS_EACH] [ROWS_AT_START]
//
#include <fmt/format.h>
#include <sqlite3.h>

#include <atomic>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <semaphore>
#include <string>

#include "base/clock.hpp"
#include "base/hex.hpp"
#include "base/random.hpp"
#include "store/sqlite_row.hpp"
#include "store/sqlite_store.hpp"

using namespace dnsmesh;
using namespace dnsmesh::store;
using std::chrono::steady_clock;

namespace {

double seconds_since(steady_clock::time_point start) {
  return std::chrono::duration<double>(steady_clock::now() - start).count();
}

/// A pair as a mailbox slot has it: a name of 40 octets, a value of 700.
Put any_put(std::uint64_t number) {
  Put put;
  put.name = fmt::format("slot-{}.mb-{:012x}.mesh.example.org", number % 10, number);
  put.value = fmt::format("v=dmp1;t=manifest;d={:0>680}", number);
  put.ttl_s = 86400;
  put.values_per_name_max = 64;
  return put;
}

std::unique_ptr<RecordStore> open_store(const std::string& path, Clock& clock, Random& random) {
  SqliteStoreOptions options;
  options.path = path;
  auto opened = open_sqlite_store(options, clock, random);
  if (!opened) {
    fmt::print(stderr, "{}\n", opened.error().text);
    std::exit(1);
  }
  return std::move(*opened);
}

/// Rows a second with `publishers` batches of one row waiting at any time.
double measure_store(RecordStore& store, std::ptrdiff_t publishers, double seconds, std::uint64_t& number) {
  std::counting_semaphore<> places(publishers);
  std::atomic<std::uint64_t> rows{0};
  const auto start = steady_clock::now();
  while (seconds_since(start) < seconds) {
    places.acquire();
    Batch batch;
    batch.operations.emplace_back(any_put(number++));
    store.commit(std::move(batch), [&](const Result<Receipt>& receipt) {
      rows += receipt.has_value() ? 1 : 0;
      places.release();
    });
  }
  for (std::ptrdiff_t i = 0; i < publishers; ++i) places.acquire();
  return static_cast<double>(rows) / seconds_since(start);
}

/// Rows a second of plain SQLite with `rows_each` rows a transaction, with a look-up of the name before each.
double measure_raw(const std::string& path, int rows_each, bool looked_up, double seconds, std::uint64_t& number) {
  sqlite3* handle = nullptr;
  sqlite3_open(path.c_str(), &handle);
  sqlite3_exec(handle, "PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 20000", nullptr, nullptr, nullptr);
  sqlite3_stmt* insert = nullptr;
  sqlite3_stmt* select = nullptr;
  const std::string sql =
      fmt::format("INSERT OR REPLACE INTO records ({}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, NULL, ?)", k_columns);
  sqlite3_prepare_v2(handle, sql.c_str(), -1, &insert, nullptr);
  sqlite3_prepare_v2(handle, "SELECT value, expires_at FROM records WHERE name = ?", -1, &select, nullptr);
  std::uint64_t rows = 0;
  const auto start = steady_clock::now();
  while (seconds_since(start) < seconds) {
    sqlite3_exec(handle, "BEGIN IMMEDIATE", nullptr, nullptr, nullptr);
    for (int i = 0; i < rows_each; ++i, ++rows) {
      const Put put = any_put(number++);
      const std::string hash = crypto::sha256_hex(put.value);
      if (looked_up) {
        sqlite3_bind_text(select, 1, put.name.c_str(), -1, SQLITE_STATIC);
        while (sqlite3_step(select) == SQLITE_ROW) {
        }
        sqlite3_reset(select);
      }
      sqlite3_bind_text(insert, 1, put.name.c_str(), -1, SQLITE_STATIC);
      sqlite3_bind_text(insert, 2, put.value.c_str(), -1, SQLITE_STATIC);
      for (int column = 3; column <= 9; ++column)
        sqlite3_bind_int64(insert, column, 1'800'000'000'000 + static_cast<std::int64_t>(number));
      sqlite3_bind_text(insert, 7, hash.c_str(), -1, SQLITE_STATIC);
      sqlite3_step(insert);
      sqlite3_reset(insert);
    }
    sqlite3_exec(handle, "COMMIT", nullptr, nullptr, nullptr);
  }
  const double elapsed = seconds_since(start);
  sqlite3_finalize(insert);
  sqlite3_finalize(select);
  sqlite3_close(handle);
  return static_cast<double>(rows) / elapsed;
}

void measure_start(const std::string& path, std::uint64_t rows, Clock& clock, Random& random) {
  auto store = open_store(path, clock, random);
  std::counting_semaphore<> places(64);
  for (std::uint64_t number = 0; number < rows;) {
    Batch batch;
    for (int i = 0; i < 500 && number < rows; ++i) batch.operations.emplace_back(any_put(number++));
    places.acquire();
    store->commit(std::move(batch), [&places](const Result<Receipt>&) { places.release(); });
  }
  auto start = steady_clock::now();
  store.reset();
  fmt::print("close with {} rows             {:>10.2f} s\n", rows, seconds_since(start));
  start = steady_clock::now();
  store = open_store(path, clock, random);
  fmt::print("open                           {:>10.2f} s\n", seconds_since(start));
  start = steady_clock::now();
  std::uint64_t visited = 0;
  static_cast<void>(store->for_each([&visited](const Record&) { ++visited; }));
  fmt::print("visit {} rows              {:>10.2f} s\n", visited, seconds_since(start));
  start = steady_clock::now();
  static_cast<void>(store->live_count());
  fmt::print("count                          {:>10.3f} s\n", seconds_since(start));
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) {
    fmt::print(stderr, "usage: store_bench FOLDER [SECONDS_EACH] [ROWS_AT_START]\n");
    return 2;
  }
  const std::filesystem::path folder = argv[1];
  const double seconds = argc > 2 ? std::atof(argv[2]) : 2;
  const std::uint64_t rows_at_start = argc > 3 ? std::strtoull(argv[3], nullptr, 10) : 200'000;
  std::filesystem::create_directories(folder);
  SystemClock clock;
  SystemRandom random;
  for (const char* name : {"store.db", "raw.db", "start.db"}) std::filesystem::remove(folder / name);

  const std::string raw_path = (folder / "raw.db").string();
  open_store(raw_path, clock, random).reset();
  const auto store = open_store((folder / "store.db").string(), clock, random);
  std::uint64_t store_number = 0;
  std::uint64_t raw_number = 0;
  for (const int count : {1, 64, 100, 1000}) {
    const double raw = measure_raw(raw_path, count, false, seconds, raw_number);
    const double raw_looked_up = measure_raw(raw_path, count, true, seconds, raw_number);
    const double ours = measure_store(*store, count, seconds, store_number);
    fmt::print("{:>5} waiting: raw {:>8.0f} rows/s, with look-up {:>8.0f}, store {:>8.0f} ({:.2f} of raw)\n", count,
               raw, raw_looked_up, ours, ours / raw);
  }
  if (rows_at_start > 0) measure_start((folder / "start.db").string(), rows_at_start, clock, random);
  return 0;
}
