// SPDX-License-Identifier: Apache-2.0
#include "discovery/publisher.hpp"

#include "discovery/heartbeat_text.hpp"
#include "support.hpp"

using namespace dnsmesh;
using namespace dnsmesh::discovery;
using Values = std::vector<std::string>;

namespace {

constexpr std::string_view k_own = "_dnsmesh-heartbeat.own.example";
constexpr std::string_view k_seen = "_dnsmesh-seen.own.example";

store::SeenRow row(unsigned char fill, std::string endpoint, std::int64_t ts_s = k_now_s, std::int64_t life_s = 86400) {
  store::SeenRow out;
  out.wire = heartbeat(fill, endpoint, "", ts_s, life_s);
  out.operator_spk_hex = spk_of(fill);
  out.endpoint = std::move(endpoint);
  out.ts_s = ts_s;
  out.exp_s = ts_s + life_s;
  return out;
}

Values sorted(Values values) {
  std::ranges::sort(values);
  return values;
}

}  // namespace

TEST_CASE("our heartbeat says who we are, and exactly one is there however often it is signed anew") {
  RecordHouse house;
  Publisher publisher(identity_of(1), *house.records);
  for (int i = 0; i < 3; ++i) {
    REQUIRE(publisher.publish_own(k_now_s + i).has_value());
    const Values values = house.values(k_own);
    REQUIRE(values.size() == 1);
    const auto said = verify_for_storing(values[0], k_now_s);
    REQUIRE(said.has_value());
    CHECK(said->endpoint == "https://own.example");
    CHECK(said->claim_provider_zone == "own.example");
    CHECK(said->version == "1.0");
    CHECK(said->capabilities == 0);
    CHECK(said->ts == static_cast<std::uint64_t>(k_now_s + i));
    CHECK(said->exp == said->ts + 86400);
  }
}

TEST_CASE("the capability bit says that claims are taken") {
  RecordHouse house;
  Identity identity = identity_of(1);
  identity.provides_claims = true;
  Publisher publisher(identity, *house.records);
  REQUIRE(publisher.publish_own(k_now_s).has_value());
  CHECK(verify_for_storing(house.values(k_own)[0], k_now_s)->capabilities == 1);
}

TEST_CASE("a ts is always later than the last one, also when the clock stands or goes back") {
  RecordHouse house;
  Publisher publisher(identity_of(1), *house.records);
  const auto ts = [&] { return verify_for_storing(house.values(k_own)[0], k_now_s)->ts; };
  REQUIRE(publisher.publish_own(k_now_s).has_value());
  REQUIRE(publisher.publish_own(k_now_s).has_value());
  CHECK(ts() == k_now_s + 1);
  REQUIRE(publisher.publish_own(k_now_s - 100).has_value());
  CHECK(ts() == k_now_s + 2);
}

TEST_CASE("after a restart the ts goes on behind the last one, unless nobody can have taken that one") {
  RecordHouse house;
  house.put(std::string(k_own), heartbeat(1, "https://own.example", "own.example", k_now_s + 200));
  Publisher after_restart(identity_of(1), *house.records);
  REQUIRE(after_restart.publish_own(k_now_s).has_value());
  CHECK(verify_for_storing(house.values(k_own)[0], k_now_s)->ts == k_now_s + 201);
  house.put(std::string(k_own), heartbeat(1, "https://own.example", "own.example", k_now_s + 1000));
  Publisher after_clock(identity_of(1), *house.records);
  REQUIRE(after_clock.publish_own(k_now_s).has_value());
  const Values values = house.values(k_own);
  REQUIRE(values.size() == 1);
  CHECK(verify_for_storing(values[0], k_now_s)->ts == k_now_s);
}

TEST_CASE("the first time our older values go, and no value of another node or of no node") {
  RecordHouse house;
  const std::string sibling = heartbeat(1, "https://sibling.example", "own.example");
  const std::string stranger = heartbeat(2, "https://own.example", "own.example");
  for (const std::string& value :
       {heartbeat(1, "https://own.example", "", k_now_s - 50), heartbeat(1, "https://own.example", "", k_now_s - 5000),
        sibling, stranger, std::string("some text")}) {
    house.put(std::string(k_own), value);
  }
  Publisher publisher(identity_of(1), *house.records);
  REQUIRE(publisher.publish_own(k_now_s).has_value());
  const Values values = house.values(k_own);
  CHECK(values.size() == 4);
  for (const std::string& kept : {sibling, stranger, std::string("some text")}) {
    CHECK(std::ranges::count(values, kept) == 1);
  }
  // Whoever puts another of ours there later keeps it: only the first time sweeps.
  house.put(std::string(k_own), heartbeat(1, "https://own.example", "", k_now_s - 60));
  REQUIRE(publisher.publish_own(k_now_s + 1).has_value());
  CHECK(house.values(k_own).size() == 5);
}

TEST_CASE("published heartbeats are not offered to peers, and replaced ones leave no tombstone") {
  RecordHouse house;
  Publisher publisher(identity_of(1), *house.records);
  REQUIRE(publisher.publish_own(k_now_s).has_value());
  REQUIRE(publisher.publish_own(k_now_s + 1).has_value());
  CHECK(house.records->digest({}, 10)->records.empty());
  const auto changes = house.records->changes(0, 100);
  CHECK(changes->records.empty());
  CHECK(changes->tombstones.empty());
}

TEST_CASE("the heartbeats of others are published octet for octet, without ours and what is over") {
  RecordHouse house;
  Publisher publisher(identity_of(1), *house.records);
  const std::vector rows{row(2, "https://b.example"), row(1, "https://own.example"), row(1, "https://sibling.example"),
                         row(3, "https://c.example", k_now_s - 100, 100)};
  REQUIRE(publisher.publish_seen(rows, k_now_s).has_value());
  CHECK(house.values(k_seen) == sorted({rows[0].wire, rows[2].wire}));
}

TEST_CASE("what was published last and is not in the new set goes, the values of others stay") {
  RecordHouse house;
  Publisher publisher(identity_of(1), *house.records);
  const std::vector first{row(2, "https://b.example"), row(3, "https://c.example")};
  REQUIRE(publisher.publish_seen(first, k_now_s).has_value());
  const std::string foreign = heartbeat(7, "https://x.example", "");
  house.put(std::string(k_seen), foreign);
  const std::vector second{row(2, "https://b.example", k_now_s + 1)};
  REQUIRE(publisher.publish_seen(second, k_now_s).has_value());
  CHECK(house.values(k_seen) == sorted({second[0].wire, foreign}));
  REQUIRE(publisher.publish_seen({}, k_now_s).has_value());
  CHECK(house.values(k_seen) == Values{foreign});
}

TEST_CASE("the first time older texts of the same nodes and our own go from the seen values, others stay") {
  RecordHouse house;
  const std::string other = heartbeat(5, "https://e.example", "");
  for (const std::string& value : {heartbeat(2, "https://b.example", "", k_now_s - 60),
                                   heartbeat(1, "https://own.example", "", k_now_s - 60), other}) {
    house.put(std::string(k_seen), value);
  }
  Publisher publisher(identity_of(1), *house.records);
  const std::vector rows{row(2, "https://b.example")};
  REQUIRE(publisher.publish_seen(rows, k_now_s).has_value());
  CHECK(house.values(k_seen) == sorted({rows[0].wire, other}));
}

TEST_CASE("fifty heartbeats are published, the first of the rows") {
  RecordHouse house;
  Publisher publisher(identity_of(1), *house.records);
  std::vector<store::SeenRow> rows;
  for (int i = 0; i < 51; ++i) rows.push_back(row(2, "https://n" + std::to_string(i) + ".example"));
  REQUIRE(publisher.publish_seen(rows, k_now_s).has_value());
  const Values values = house.values(k_seen);
  CHECK(values.size() == 50);
  CHECK(std::ranges::count(values, rows[50].wire) == 0);
}

TEST_CASE("no published value lives longer than its record") {
  RecordHouse house;
  Publisher publisher(identity_of(1), *house.records);
  const std::vector rows{row(2, "https://b.example", k_now_s, 100)};
  REQUIRE(publisher.publish_seen(rows, k_now_s).has_value());
  CHECK(house.records->values_at(k_seen).value()[0].expires_s == k_now_s + 100);
}

TEST_CASE("without a zone nothing is published") {
  RecordHouse house;
  Publisher publisher(identity_of(1, ""), *house.records);
  REQUIRE(publisher.publish_own(k_now_s).has_value());
  REQUIRE(publisher.publish_seen(std::vector{row(2, "https://b.example")}, k_now_s).has_value());
  CHECK(house.records->live_count() == 0);
}

TEST_CASE("a name that others have filled refuses ours, which is told, and what was there stays") {
  RecordHouse house;
  for (int i = 0; i < 29; ++i) house.put(std::string(k_own), std::to_string(i) + std::string(2030, 'x'));
  house.put(std::string(k_own), std::string(260, 'y'));
  const Values before = house.values(k_own);
  Publisher publisher(identity_of(1), *house.records);
  const auto done = publisher.publish_own(k_now_s);
  REQUIRE_FALSE(done.has_value());
  CHECK(done.error().code == ErrorCode::store_rrset_full);
  CHECK(house.values(k_own) == before);
}

TEST_CASE("what no heartbeat can say is refused before anything is published") {
  CHECK(check_identity(identity_of(1), k_now_s).has_value());
  CHECK(check_identity(identity_of(1, ""), k_now_s).has_value());
  Identity identity = identity_of(1);
  identity.endpoint = "https://own.example/";
  CHECK(check_identity(identity, k_now_s).error().code == ErrorCode::record_issue_refused);
  identity = identity_of(1, std::string(65, 'z'));
  CHECK_FALSE(check_identity(identity, k_now_s).has_value());
  identity = identity_of(1);
  identity.version = std::string(33, '1');
  CHECK_FALSE(check_identity(identity, k_now_s).has_value());
}
