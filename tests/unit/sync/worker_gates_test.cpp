// SPDX-License-Identifier: Apache-2.0
// What is taken from a peer and what is not: gates of spec/anti-entropy.md 7 and 7.1, rows of 16.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <string>

#include "base/base64.hpp"
#include "liar.hpp"
#include "record/identity_record.hpp"
#include "record/owner_name.hpp"
#include "record/prekey.hpp"
#include "record/slot_manifest.hpp"
#include "slow_store.hpp"

using namespace dnsmesh;
using sync::RecordResult;
using test::k_start_ms;
using test::Liar;
using test::WorkerHouse;

namespace {

constexpr std::int64_t k_now_s = k_start_ms / 1000;

const crypto::SigningKey& signing_key() {
  static const crypto::SigningKey key(ByteArray<32>{1, 2, 3});
  return key;
}

std::string prekey_until(std::int64_t exp_s) {
  record::Prekey prekey;
  prekey.prekey_id = 1;
  prekey.exp = static_cast<std::uint64_t>(exp_s);
  return record::issue_prekey(prekey, signing_key()).value();
}

struct Alone {
  WorkerHouse house;
  test::FakePeer& peer = house.add_peer("a");
  Liar liar{peer};

  void run() {
    house.start();
    house.pass();
  }
};

}  // namespace

TEST_CASE("F4 records that were not asked for are refused and counted") {
  Alone alone;
  alone.liar.rows = {{"a.test", "value"}};
  alone.liar.extra_pulled = R"(, {"name": "b.test", "value": "other", "ttl": 300})";
  alone.run();
  CHECK(alone.house.own.count() == 1);
  CHECK(alone.house.count(RecordResult::unsolicited) == 1);
}

TEST_CASE("other values at a name are taken when they are listed and ignored silently when they are held") {
  Alone alone;
  alone.house.own.put("a.test", "held", 300);
  alone.liar.rows = {{"a.test", "new"}};
  alone.liar.extra_pulled = R"(, {"name": "a.test", "value": "held", "ttl": 300})";
  alone.run();
  CHECK(alone.house.own.count() == 2);
  CHECK(alone.house.count(RecordResult::hash_mismatch) == 0);
}

TEST_CASE("elements of a pull answer that are no records are dropped alone") {
  Alone alone;
  alone.liar.rows = {{"a.test", "value"}};
  alone.liar.extra_pulled = R"(, 7, {"name": "a.test"}, {"name": "a.test", "value": "value", "ttl": true})";
  alone.run();
  CHECK(alone.house.own.holds("a.test", "value"));
  CHECK(alone.house.count(RecordResult::rejected) == 3);
}

TEST_CASE("F28 text at an owner name of a record type goes to quarantine") {
  Alone alone;
  alone.liar.rows = {{"dmp.example.com", "text"}, {"x.test", "text"}};
  alone.run();
  CHECK(alone.house.own.count() == 1);
  CHECK(alone.house.quarantined().at(0).reason == "reserved-owner");
}

TEST_CASE("F29 a chunk that does not unwrap goes to quarantine") {
  Alone alone;
  alone.liar.rows = {{"chunk-0001-abcdef012345.test", "v=dmp1;t=chunk;d=" + base64_encode("nothing like a chunk")}};
  alone.run();
  CHECK(alone.house.own.count() == 0);
  CHECK(alone.house.quarantined().size() == 1);
}

TEST_CASE("a value that is too large goes to quarantine, one of the largest size is taken") {
  Alone alone;
  alone.liar.rows = {{"a.test", std::string(16384, 'x')}, {"b.test", std::string(16385, 'x')}};
  alone.run();
  CHECK(alone.house.own.values("a.test").size() == 1);
  CHECK(alone.house.own.values("b.test").empty());
  CHECK(alone.house.quarantined().at(0).reason == "too-big");
  CHECK(alone.house.count(RecordResult::too_big) == 1);
}

TEST_CASE("a life is at most what is allowed, what was advertised and the slop") {
  Alone alone;
  alone.liar.rows = {{"long.test", "1", k_start_ms - 3, 2000000000},
                     {"more.test", "2", k_start_ms - 2, 300, std::nullopt, 1000000000}};
  alone.run();
  const std::int64_t now_s = alone.house.clock.wall_s();
  CHECK(alone.house.expiry("long.test") <= now_s + 604800);
  CHECK(alone.house.expiry("long.test") >= now_s + 604800 - 5);
  CHECK(alone.house.expiry("more.test") <= now_s + 305);
}

TEST_CASE("a clamped record is not fetched again when it is listed again") {
  Alone alone;
  alone.liar.rows = {{"long.test", "1", k_start_ms - 3, 2000000000}};
  alone.liar.ignore_cursor = false;
  alone.run();
  const std::size_t pulls = alone.liar.pulls.size();
  alone.liar.rows[0].ts_ms = alone.house.clock.wall_ms();
  alone.house.pass();
  CHECK(alone.liar.pulls.size() == pulls);
  CHECK(alone.house.watermark_name() == "long.test");
}

TEST_CASE("a signed end bounds the life of a record, whatever the peer says") {
  Alone alone;
  alone.liar.rows = {{"prekeys.id-abcdef012345.test", prekey_until(k_now_s + 1000), k_start_ms - 3, 9000}};
  alone.run();
  CHECK(alone.house.expiry("prekeys.id-abcdef012345.test") <= k_now_s + 1000);
  const std::size_t pulls = alone.liar.pulls.size();
  alone.liar.rows[0].ts_ms = alone.house.clock.wall_ms();
  alone.house.pass();
  CHECK(alone.liar.pulls.size() == pulls);  // its ceiling is known from our own copy
}

TEST_CASE("a record whose signed end is past is settled for good and not quarantined") {
  Alone alone;
  alone.liar.rows = {{"prekeys.id-abcdef012345.test", prekey_until(k_now_s - 10)}, {"z.test", "value"}};
  alone.run();
  CHECK(alone.house.own.count() == 1);
  CHECK(alone.house.quarantined().empty());
  CHECK(alone.house.watermark_name() == "z.test");
  CHECK(alone.house.count(RecordResult::expired) >= 1);
}

TEST_CASE("time on the way is taken off a life, and a record that ends on the way is settled") {
  Alone alone;
  alone.peer.delay_ms = 4000;
  alone.liar.rows = {{"long.test", "1", k_start_ms - 3, 100}, {"short.test", "2", k_start_ms - 2, 4}};
  alone.house.start();
  alone.house.advance_ms(10000);
  CHECK(alone.house.expiry("long.test") <= alone.house.clock.wall_s() + 96);
  CHECK(alone.house.own.values("short.test").empty());
  CHECK(alone.house.watermark_name() == "short.test");
}

TEST_CASE("a difference within the slop rewrites nothing, a larger one extends the life") {
  Alone alone;
  alone.house.own.put("a.test", "value", 300);
  const store::Record before = alone.house.own.values("a.test").at(0);
  alone.liar.rows = {{"a.test", "value", k_start_ms - 3, 302}};
  alone.run();
  CHECK(alone.house.own.values("a.test").at(0) == before);
  CHECK(alone.liar.pulls.empty());
  alone.liar.rows = {{"a.test", "value", k_start_ms, 2000}};  // F31
  alone.house.advance_ms(2000);
  CHECK(alone.house.expiry("a.test") > before.expires_s + 1600);
  CHECK(alone.house.count(RecordResult::refreshed) == 1);
}

TEST_CASE("a shorter life at a peer shortens nothing") {
  Alone alone;
  alone.house.own.put("a.test", "value", 3000);
  alone.liar.rows = {{"a.test", "value", k_start_ms - 3, 10}};
  alone.run();
  CHECK(alone.house.expiry("a.test") == k_now_s + 3000);
}

TEST_CASE("F41 a pair that was deleted here is not fetched again, and holds nothing up") {
  Alone alone;
  alone.house.own.put("a.test", "value", 300);
  alone.house.own.remove("a.test", "value");
  alone.liar.rows = {{"a.test", "value"}, {"b.test", "value"}};
  alone.run();
  CHECK(alone.house.own.values("a.test").empty());
  CHECK(alone.house.own.holds("b.test", "value"));
  CHECK(alone.house.watermark_name() == "b.test");
}

TEST_CASE("four spellings of a blob are taken beside the canonical one, further ones go to quarantine") {
  Alone alone;
  const std::string canonical = prekey_until(k_now_s + 1000);
  std::string owner = "prekeys.id-abcdef012345.test";
  alone.liar.rows.push_back({owner, canonical});
  std::string blob = base64_decode_strict(canonical.substr(18)).value();
  for (int i = 1; i <= 6; ++i) {
    alone.liar.rows.push_back({owner, canonical + std::string(static_cast<std::size_t>(4 * i), '=')});
  }
  alone.run();
  const std::size_t held = alone.house.own.values(owner).size();
  CHECK(held >= 1);
  CHECK(held <= 5);
  CHECK(alone.house.own.holds(owner, canonical));
}

TEST_CASE("two peers at once bring no more spellings of a blob than one") {
  WorkerHouse house;
  auto slow = std::make_unique<test::SlowStore>(std::move(house.own.store));
  test::SlowStore& store = *slow;
  house.own.store = std::move(slow);
  const std::string canonical =
      record::issue_identity_record(
          {.username = "alice", .ed25519_spk = signing_key().public_key(), .ts = static_cast<std::uint64_t>(k_now_s)},
          signing_key())
          .value();
  const std::string owner = record::identity_hashed_owner("alice", "mesh.test");
  Liar liars[] = {Liar(house.add_peer("a")), Liar(house.add_peer("b"))};
  for (std::size_t i = 1; i <= 8; ++i) {
    std::string alias = canonical;
    alias.insert(alias.size() - i, 1, '!');
    liars[i % 2].rows.push_back({owner, std::move(alias)});
  }
  store.slow = true;
  house.start();
  house.advance_ms(1100);
  CHECK(store.waiting() == 2);
  store.slow = false;
  store.let_through();
  house.pass();
  CHECK(house.own.values(owner).size() == 4);
}

TEST_CASE("a record at a name of another type is counted, and refused when owners are bound") {
  for (const bool bound : {false, true}) {
    CAPTURE(bound);
    Alone alone;
    alone.house.options.bind_owners = bound;
    alone.liar.rows = {{"anywhere.test", prekey_until(k_now_s + 1000)}};
    alone.run();
    CHECK(alone.house.own.count() == (bound ? 0 : 1));
    const auto misplaced = alone.house.worker->status().misplaced;
    REQUIRE(misplaced.size() == 1);
    CHECK(misplaced[0].second == 1);
    CHECK(alone.house.quarantined().size() == (bound ? 1U : 0U));
  }
}

TEST_CASE("F42 values beyond the cap of a name go to quarantine, the others are taken") {
  Alone alone;
  for (int i = 0; i < 260; ++i) alone.liar.rows.push_back({"a.test", fmt::format("value {}", i)});
  alone.liar.rows.push_back({"b.test", "value"});
  alone.run();
  CHECK(alone.house.own.values("a.test").size() == 256);
  CHECK(alone.house.own.holds("b.test", "value"));
  const auto quarantined = alone.house.quarantined();
  REQUIRE(quarantined.size() == 4);
  CHECK(quarantined[0].reason == "rrset-full");
}

TEST_CASE("a name's values never pass what an answer holds") {
  Alone alone;
  for (int i = 0; i < 5; ++i) alone.liar.rows.push_back({"a.test", std::to_string(i) + std::string(15000, 'x')});
  alone.run();
  CHECK(alone.house.own.values("a.test").size() == 3);
  CHECK(alone.house.quarantined().size() == 2);
}

TEST_CASE("a value with an unpaired surrogate is refused and the rest of the tick goes on") {
  Alone alone;
  alone.liar.rows = {{"a.test", "value"}, {"b.test", "other"}};
  alone.liar.extra_pulled = R"(, {"name": "a.test", "value": "\ud800", "ttl": 300})";
  alone.run();
  CHECK(alone.house.own.count() == 2);
  CHECK(alone.house.count(RecordResult::rejected) == 1);
}
