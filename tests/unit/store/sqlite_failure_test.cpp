// SPDX-License-Identifier: Apache-2.0
// What the store does when the disk does not: full, failing, slow.
#include <doctest/doctest.h>

#include <cerrno>
#include <future>

#include "raw_sqlite.hpp"
#include "store/sqlite.hpp"
#include "store_fixture.hpp"
#include "system_calls.hpp"

using namespace dnsmesh;
using namespace dnsmesh::store;
using Strings = std::vector<std::string>;

namespace {

using Waiting = std::future<Result<Receipt>>;

Waiting start_commit(RecordStore& store, Operation operation) {
  auto outcome = std::make_shared<std::promise<Result<Receipt>>>();
  Batch batch;
  batch.operations.push_back(std::move(operation));
  Waiting waiting = outcome->get_future();
  store.commit(std::move(batch), [outcome](Result<Receipt> result) { outcome->set_value(std::move(result)); });
  return waiting;
}

void wait_until_writable(const RecordStore& store) {
  while (!store.health().writable) std::this_thread::sleep_for(std::chrono::milliseconds(1));
}

}  // namespace

TEST_CASE("a full disk is told to the publisher, leaves nothing half written, and ends with the space") {
  const system_calls::Restore restore;
  SqliteHouse house;
  RecordStore& store = *house.store;
  std::size_t heard = 0;
  store.set_listener([&heard](std::span<const Change> changes) { heard += changes.size(); });
  commit(store, put_of("a.example", "one"));
  system_calls::fail_writes(ENOSPC);
  const auto result = commit_all(store, {put_of("b.example", std::string(9000, 'x')), SetPosition{"p", "record", "1"}});
  REQUIRE_FALSE(result.has_value());
  CHECK(result.error().code == ErrorCode::store_disk_full);
  CHECK_FALSE(store.health().writable);
  CHECK(store.health().readable);
  CHECK(heard == 1);
  CHECK(values_at(store, "a.example") == Strings{"one"});
  CHECK(values_at(store, "b.example").empty());
  CHECK(store.epoch().high == 1);
  CHECK(refusal_of(store, put_of("c.example", "x")) == ErrorCode::store_disk_full);
  system_calls::fail_writes(0);
  CHECK(commit(store, put_of("d.example", "x"))->rseq == 2);
  CHECK(store.health().writable);
  house.reopen();
  CHECK(values_at(*house.store, "a.example") == Strings{"one"});
  CHECK(values_at(*house.store, "b.example").empty());
  CHECK_FALSE(house.store->position("p", "record")->has_value());
  CHECK(values_at(*house.store, "d.example") == Strings{"x"});
}

TEST_CASE("service returns without a publisher when the disk does") {
  const system_calls::Restore restore;
  SqliteHouse house;
  for (const bool syncs : {false, true}) {
    if (syncs) {
      system_calls::fail_syncs(EIO);
    } else {
      system_calls::fail_writes(EIO);
    }
    CHECK_FALSE(commit(*house.store, put_of("a.example", "one")).has_value());
    CHECK_FALSE(house.store->health().writable);
    system_calls::fail_writes(0);
    system_calls::fail_syncs(0);
    wait_until_writable(*house.store);
    CHECK(commit(*house.store, put_of("a.example", "two")).has_value());
  }
}

TEST_CASE("where no publish passes, opening the file and trying a write do not pass either") {
  const system_calls::Restore restore;
  SqliteHouse house;
  commit(*house.store, put_of("a.example", "one"));
  const auto log_bytes = static_cast<std::int64_t>(std::filesystem::file_size(house.options.path + "-wal"));
  constexpr std::int64_t k_two_frames = 2L * (4096 + 24);
  system_calls::fail_writes(EFBIG, log_bytes + k_two_frames);
  const auto refused = commit(*house.store, put_of("b.example", std::string(1500, 'x')));
  REQUIRE_FALSE(refused.has_value());
  CHECK(refused.error().text == "disk I/O error: File too large");
  for (int round = 0; round < 3; ++round) {
    const int failed = system_calls::failed_writes();
    while (system_calls::failed_writes() == failed) std::this_thread::sleep_for(std::chrono::milliseconds(1));
    CHECK_FALSE(house.store->health().writable);
    CHECK_FALSE(commit(*house.store, put_of("b.example", std::string(1500, 'x'))).has_value());
    CHECK_FALSE(house.store->health().writable);
  }
  system_calls::fail_writes(0);
  wait_until_writable(*house.store);
  CHECK(commit(*house.store, put_of("b.example", std::string(1500, 'x'))).has_value());
  house.store->close();
  CHECK(raw_rows(house.options.path, "SELECT count(*) FROM sync_positions") == Strings{"0"});
}

TEST_CASE("service returns while refused publishers keep the writer busy") {
  const system_calls::Restore restore;
  SqliteHouse house;
  commit(*house.store, put_of("a.example", "one"));
  system_calls::fail_writes(EIO);
  CHECK_FALSE(commit(*house.store, put_of("b.example", "x")).has_value());
  system_calls::fail_writes(0);
  Put refused = put_of("a.example", "two");
  refused.values_per_name_max = 1;
  while (!house.store->health().writable) CHECK(refusal_of(*house.store, refused) == ErrorCode::store_values_full);
}

TEST_CASE("a failed write is a failure, a failed fsync leaves the outcome unknown") {
  const system_calls::Restore restore;
  SqliteHouse house;
  commit(*house.store, put_of("a.example", "one"));
  system_calls::fail_writes(EIO);
  CHECK(refusal_of(*house.store, put_of("b.example", "x")) == ErrorCode::store_io);
  system_calls::fail_writes(0);
  wait_until_writable(*house.store);
  system_calls::fail_syncs(EIO);
  CHECK(refusal_of(*house.store, put_of("b.example", "x")) == ErrorCode::store_unknown);
  CHECK(values_at(*house.store, "b.example").empty());
  CHECK(refusal_of(*house.store, put_of("b.example", "x")) != ErrorCode::store_values_full);
}

TEST_CASE("after a failed fsync nothing is acknowledged before the doubtful log is gone") {
  const system_calls::Restore restore;
  SqliteHouse house;
  commit(*house.store, put_of("a.example", "one"));
  system_calls::fail_syncs(EIO);
  CHECK(refusal_of(*house.store, put_of("lost.example", "x")) == ErrorCode::store_unknown);
  CHECK(std::filesystem::file_size(house.options.path + "-wal") > 0);
  system_calls::fail_syncs(0);
  CHECK(commit(*house.store, put_of("b.example", "x")).has_value());
  // A process killed now would find in file and log exactly what was acknowledged.
  const std::string copy = house.folder.file("copy.db");
  std::filesystem::copy_file(house.options.path, copy);
  std::filesystem::copy_file(house.options.path + "-wal", copy + "-wal");
  CHECK(raw_rows(copy, "SELECT name FROM records ORDER BY name; PRAGMA integrity_check") ==
        Strings{"a.example", "b.example", "ok"});
}

TEST_CASE("every publisher of a failed group hears of it, refused ones too") {
  const system_calls::Restore restore;
  SqliteHouse house;
  system_calls::hold_syncs();
  Waiting first = start_commit(*house.store, put_of("first.example", "x"));
  system_calls::wait_until_held();
  Put capped = put_of("a.example", "two");
  capped.values_per_name_max = 1;
  std::vector<Waiting> group;
  group.push_back(start_commit(*house.store, put_of("a.example", "one")));
  group.push_back(start_commit(*house.store, capped));
  group.push_back(start_commit(*house.store, put_of("b.example", "x")));
  system_calls::fail_writes(ENOSPC);
  system_calls::release_syncs();
  CHECK(first.get().has_value());
  for (Waiting& waiting : group) CHECK(waiting.get().error().code == ErrorCode::store_disk_full);
}

TEST_CASE("a refused batch does not disturb its neighbours in the group") {
  const system_calls::Restore restore;
  SqliteHouse house;
  system_calls::hold_syncs();
  Waiting first = start_commit(*house.store, put_of("first.example", "x"));
  system_calls::wait_until_held();
  Put capped = put_of("a.example", "two");
  capped.values_per_name_max = 1;
  Batch refused;
  refused.operations = {put_of("half.example", "x"), capped};
  Waiting before = start_commit(*house.store, put_of("a.example", "one"));
  bool was_refused = false;
  house.store->commit(std::move(refused), [&was_refused](const Result<Receipt>& r) {
    was_refused = !r && r.error().code == ErrorCode::store_values_full;
  });
  Waiting after = start_commit(*house.store, put_of("b.example", "x"));
  system_calls::release_syncs();
  CHECK(before.get()->rseq == 2);
  CHECK(after.get()->rseq == 3);
  CHECK(was_refused);
  CHECK(values_at(*house.store, "half.example").empty());
  CHECK(house.store->epoch().high == 3);
}

TEST_CASE("a digest neither waits for a commit in flight nor passes it") {
  const system_calls::Restore restore;
  SqliteHouse house;
  RecordStore& store = *house.store;
  commit(store, put_of("before.example", "x"));
  house.clock.advance_ms(5);
  commit(store, put_of("same.example", "x"));
  system_calls::hold_syncs();
  Waiting flying = start_commit(store, put_of("flying.example", "x"));  // in the same millisecond
  system_calls::wait_until_held();
  const auto during = store.digest({}, 10);
  REQUIRE(during->records.size() == 1);
  CHECK(during->records[0].name == "before.example");
  CHECK(store.changes(0, 10)->records.size() == 2);
  CHECK(store.epoch().high == 2);
  CHECK(values_at(store, "flying.example").empty());
  CHECK(store.live_count() == 2);
  Waiting next = start_commit(store, put_of("next.example", "x"));
  system_calls::release_syncs();
  const auto receipt = flying.get();
  CHECK(receipt->stored_ms == k_start_ms + 5);
  // The millisecond that the digest left open is closed for the next group: a busy store is not hidden for ever.
  CHECK(next.get()->stored_ms == k_start_ms + 6);
  const auto after = store.digest({k_start_ms, "before.example", "g"}, 10);
  REQUIRE(after->records.size() == 3);
  CHECK(after->records[0].name == "flying.example");
  CHECK(after->records[1].name == "same.example");
  CHECK(after->records[2].name == "next.example");
}

TEST_CASE("the queue of waiting batches is bounded") {
  const system_calls::Restore restore;
  SqliteHouse house;
  system_calls::hold_syncs();
  Waiting first = start_commit(*house.store, put_of("a.example", "x"));
  system_calls::wait_until_held();
  std::atomic<std::size_t> taken{0};
  const auto count_taken = [&taken](const Result<Receipt>& receipt) { taken += receipt.has_value() ? 1 : 0; };
  for (std::size_t i = 0; i < limits::commit_queue_batches_max; ++i) {
    Batch batch;
    batch.operations.emplace_back(SetPosition{"p", "record", std::to_string(i)});
    house.store->commit(std::move(batch), count_taken);
  }
  CHECK(refusal_of(*house.store, put_of("b.example", "x")) == ErrorCode::store_busy);
  system_calls::release_syncs();
  house.store->close();
  CHECK(taken == limits::commit_queue_batches_max);
}

TEST_CASE("another program's lock makes a commit fail, not hang, and leaves the store usable") {
  SqliteHouse house;
  house.store.reset();
  house.options.busy_timeout_ms = 20;
  house.store = house.open();
  commit(*house.store, put_of("a.example", "one"));
  {
    auto other = std::move(*sqlite::Connection::open(house.options.path, 1000));
    REQUIRE(other->execute("BEGIN IMMEDIATE"));
    CHECK(refusal_of(*house.store, put_of("b.example", "x")) == ErrorCode::store_busy);
    CHECK(values_at(*house.store, "a.example") == Strings{"one"});
    CHECK_FALSE(house.store->health().writable);
    other->roll_back();
  }
  CHECK(commit(*house.store, put_of("b.example", "x")).has_value());
  CHECK(house.store->health().writable);
}
