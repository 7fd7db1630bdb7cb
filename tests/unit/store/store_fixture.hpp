// SPDX-License-Identifier: Apache-2.0
// What the tests of both stores share: a store of either kind, and short ways to change and read it.
#pragma once

#include <doctest/doctest.h>

#include <filesystem>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.hpp"
#include "base/random.hpp"
#include "store/memory_store.hpp"
#include "store/record_store.hpp"
#include "store/sqlite_store.hpp"

namespace dnsmesh::store {

inline constexpr std::int64_t k_start_ms = 1'700'000'000'000;
inline constexpr std::int64_t k_start_s = k_start_ms / 1000;

/// A folder that goes with the test.
class TemporaryFolder {
 public:
  TemporaryFolder() {
    std::string pattern = (std::filesystem::temp_directory_path() / "dnsmesh-store-XXXXXX").string();
    REQUIRE(mkdtemp(pattern.data()) != nullptr);
    path_ = pattern;
  }
  ~TemporaryFolder() { std::filesystem::remove_all(path_); }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  std::string file(const std::string& name) const { return (path_ / name).string(); }

 private:
  std::filesystem::path path_;
};

/// A store in memory with its own clock.
struct MemoryHouse {
  static constexpr bool k_persistent = false;
  ManualClock clock{k_start_ms};
  SeededRandom random{1};
  std::unique_ptr<RecordStore> store = make_memory_store(clock, random);
};

/// A store in a file of a temporary folder.
struct SqliteHouse {
  static constexpr bool k_persistent = true;
  TemporaryFolder folder;
  ManualClock clock{k_start_ms};
  SeededRandom random{1};
  SqliteStoreOptions options{.path = folder.file("dmp.db"), .judge = {}, .judge_id = {}, .retry_ms = 5};
  std::unique_ptr<RecordStore> store = open();

  std::unique_ptr<RecordStore> open() {
    auto opened = open_sqlite_store(options, clock, random);
    if (!opened) FAIL(opened.error().text);
    return std::move(*opened);
  }
  void reopen() {
    store.reset();
    store = open();
  }
};

inline Put put_of(std::string name, std::string value, std::int64_t ttl_s = 300) {
  Put put;
  put.name = std::move(name);
  put.value = std::move(value);
  put.ttl_s = ttl_s;
  return put;
}

inline Result<Receipt> commit(RecordStore& store, Operation operation) {
  Batch batch;
  batch.operations.push_back(std::move(operation));
  return commit_and_wait(store, std::move(batch));
}

inline Result<Receipt> commit_all(RecordStore& store, std::vector<Operation> operations) {
  return commit_and_wait(store, Batch{std::move(operations)});
}

/// What the operation did; fails the test when it was refused.
inline Outcome outcome_of(RecordStore& store, Operation operation) {
  const auto receipt = commit(store, std::move(operation));
  if (!receipt) FAIL(error_name(receipt.error().code));
  return receipt->outcomes.at(0);
}

inline ErrorCode refusal_of(RecordStore& store, Operation operation) {
  const auto receipt = commit(store, std::move(operation));
  REQUIRE_FALSE(receipt.has_value());
  return receipt.error().code;
}

inline std::vector<std::string> values_of(const Result<std::vector<Record>>& records) {
  REQUIRE(records.has_value());
  std::vector<std::string> values;
  for (const Record& record : *records) values.push_back(record.value);
  return values;
}

inline std::vector<std::string> values_at(const RecordStore& store, const std::string& name) {
  return values_of(store.values_at(name));
}

}  // namespace dnsmesh::store

#define BOTH_STORES dnsmesh::store::MemoryHouse, dnsmesh::store::SqliteHouse
