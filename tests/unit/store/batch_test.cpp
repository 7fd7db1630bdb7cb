// SPDX-License-Identifier: Apache-2.0
// A batch is all or nothing, and whoever waits for it hears of it in order.
#include <doctest/doctest.h>

#include <algorithm>
#include <future>

#include "store_fixture.hpp"

using namespace dnsmesh;
using namespace dnsmesh::store;
using Strings = std::vector<std::string>;

namespace {

Quarantine quarantine_of(std::string peer, std::string name, std::string reason) {
  return {std::move(peer), std::move(name), crypto::sha256("bad"), std::move(reason), 5, 1};
}

}  // namespace

TEST_CASE_TEMPLATE("operations of a batch are applied in order and see each other", House, BOTH_STORES) {
  House house;
  Put capped = put_of("a.example", "two");
  capped.values_per_name_max = 1;
  const auto receipt = commit_all(
      *house.store, {put_of("a.example", "one"), Delete{"a.example", {}}, capped, put_of("a.example", "two")});
  REQUIRE(receipt.has_value());
  CHECK(receipt->outcomes == std::vector{Outcome::inserted, Outcome::removed, Outcome::inserted, Outcome::refreshed});
  CHECK(receipt->rseq == 4);
  CHECK(values_at(*house.store, "a.example") == Strings{"two"});
  CHECK(commit_all(*house.store, {})->outcomes.empty());
}

TEST_CASE_TEMPLATE("one refused operation refuses the batch and leaves nothing of it", House, BOTH_STORES) {
  House house;
  RecordStore& store = *house.store;
  std::size_t heard = 0;
  store.set_listener([&heard](std::span<const Change> changes) { heard += changes.size(); });
  commit(store, put_of("a.example", "one"));
  commit(store, put_of("keep.example", "old", 100));
  commit(store, SetPosition{"peer", "record", "1"});
  commit(store, quarantine_of("peer", "q.example", "missing"));
  heard = 0;
  Put refused = put_of("a.example", "two");
  refused.values_per_name_max = 1;
  const auto result =
      commit_all(store, {put_of("b.example", "x"), put_of("keep.example", "old", 900), Delete{"a.example", "one"},
                         put_of("a.example", "other"), SetPosition{"peer", "record", "2"},
                         ReleaseQuarantine{"peer", "q.example", crypto::sha256("bad")}, refused});
  REQUIRE_FALSE(result.has_value());
  CHECK(result.error().code == ErrorCode::store_values_full);
  CHECK(classify(result.error().code) == CommitFailure::refused);
  CHECK(heard == 0);
  CHECK(values_at(store, "a.example") == Strings{"one"});
  CHECK(values_at(store, "b.example").empty());
  CHECK((*store.values_at("keep.example"))[0].expires_s == k_start_s + 100);
  CHECK(store.position("peer", "record")->value() == "1");
  CHECK(store.quarantined("peer")->size() == 1);
  CHECK_FALSE(store.tombstone("a.example", crypto::sha256("one"))->has_value());
  CHECK(store.epoch().high == 2);
  CHECK(commit(store, put_of("c.example", "x"))->rseq == 3);
  CHECK(store.changes(0, 10)->records.size() == 3);
}

TEST_CASE_TEMPLATE("positions are kept by peer and kind and commit with the records they cover", House, BOTH_STORES) {
  House house;
  RecordStore& store = *house.store;
  CHECK_FALSE(store.position("peer", "record")->has_value());
  REQUIRE(commit_all(store, {put_of("a.example", "one"), SetPosition{"peer", "record", "7"},
                             SetPosition{"peer", "object", "9"}})
              .has_value());
  CHECK(store.position("peer", "record")->value() == "7");
  CHECK(store.position("peer", "object")->value() == "9");
  CHECK_FALSE(store.position("other", "record")->has_value());
  commit(store, SetPosition{"peer", "record", "8"});
  CHECK(store.position("peer", "record")->value() == "8");
}

TEST_CASE_TEMPLATE("a pair is quarantined once a peer, replaced and released", House, BOTH_STORES) {
  House house;
  RecordStore& store = *house.store;
  commit_all(store, {quarantine_of("p", "b.example", "missing"), quarantine_of("p", "a.example", "missing"),
                     quarantine_of("other", "a.example", "missing"), quarantine_of("p", "a.example", "signature")});
  const auto entries = store.quarantined("p");
  REQUIRE(entries->size() == 2);
  CHECK((*entries)[0].name == "a.example");
  CHECK((*entries)[0].reason == "signature");
  CHECK((*entries)[0].value_hash == crypto::sha256("bad"));
  CHECK((*entries)[0].retry_at_s == 5);
  CHECK((*entries)[0].attempts == 1);
  commit(store, ReleaseQuarantine{"p", "a.example", crypto::sha256("bad")});
  CHECK(store.quarantined("p")->size() == 1);
  CHECK(store.quarantined("other")->size() == 1);
  CHECK(values_at(store, "a.example").empty());
}

TEST_CASE_TEMPLATE("the listener sees a group before its publishers hear of it, in commit order", House, BOTH_STORES) {
  House house;
  std::vector<Change> seen;
  house.store->set_listener(
      [&seen](std::span<const Change> changes) { seen.insert(seen.end(), changes.begin(), changes.end()); });
  std::promise<void> last;
  constexpr int k_batches = 50;
  for (int i = 0; i < k_batches; ++i) {
    Batch batch;
    batch.operations.emplace_back(put_of("n" + std::to_string(i), "x", 10));
    house.store->commit(std::move(batch), [&, i](const Result<Receipt>& receipt) {
      CHECK(receipt->rseq <= seen.back().rseq);
      CHECK(seen.at(static_cast<std::size_t>(i)).rseq == receipt->rseq);
      if (i == k_batches - 1) last.set_value();
    });
  }
  last.get_future().wait();
  REQUIRE(seen.size() == k_batches);
  for (std::size_t i = 0; i < seen.size(); ++i) CHECK(seen[i].rseq == static_cast<std::int64_t>(i) + 1);
  CHECK(seen[0].kind == Change::Kind::put);
  CHECK(seen[0].name == "n0");
  CHECK(seen[0].value == "x");
  CHECK(seen[0].expires_s == k_start_s + 10);
  commit(*house.store, Delete{"n0", {}});
  CHECK(seen.back().kind == Change::Kind::remove);
  CHECK(seen.back().name == "n0");
  CHECK(seen.back().rseq == k_batches + 1);
}

TEST_CASE_TEMPLATE("closing commits what waits and refuses what comes later", House, BOTH_STORES) {
  House house;
  std::vector<bool> taken(100);
  for (std::size_t i = 0; i < taken.size(); ++i) {
    Batch batch;
    batch.operations.emplace_back(put_of("a.example", std::to_string(i)));
    house.store->commit(std::move(batch), [&taken, i](const Result<Receipt>& r) { taken[i] = r.has_value(); });
  }
  house.store->close();
  CHECK(std::ranges::count(taken, true) == 100);
  CHECK(refusal_of(*house.store, put_of("a.example", "late")) == ErrorCode::store_closed);
  CHECK(house.store->values_at("a.example").error().code == ErrorCode::store_closed);
  CHECK(house.store->sweep_expired(10).error().code == ErrorCode::store_closed);
  CHECK(house.store->checkpoint().error().code == ErrorCode::store_closed);
  house.store->close();
  if constexpr (House::k_persistent) {
    house.reopen();
    CHECK(values_at(*house.store, "a.example").size() == 100);
  }
}

TEST_CASE("a failed commit is refused, failed or unknown to its writer") {
  CHECK(classify(ErrorCode::store_values_full) == CommitFailure::refused);
  CHECK(classify(ErrorCode::store_rrset_full) == CommitFailure::refused);
  for (const ErrorCode code :
       {ErrorCode::store_disk_full, ErrorCode::store_io, ErrorCode::store_busy, ErrorCode::store_closed}) {
    CHECK(classify(code) == CommitFailure::failed);
  }
  CHECK(classify(ErrorCode::store_unknown) == CommitFailure::unknown);
}
