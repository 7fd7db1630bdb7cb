// SPDX-License-Identifier: Apache-2.0
#include "discovery/discovery.hpp"

#include "../sync/log_lines.hpp"
#include "discovery/heartbeat_text.hpp"
#include "support.hpp"

using namespace dnsmesh;
using namespace dnsmesh::discovery;
using Values = std::vector<std::string>;

namespace {

/// Remembers what was asked; the test answers.
class ManualLookUps final : public TxtLookUps {
 public:
  void start(std::uint64_t id, const std::string& owner) override { open[owner] = id; }
  std::map<std::string, std::uint64_t> open;
};

/// The table of seen heartbeats on a disk that can be full or broken.
class BrittleSeen final : public store::SeenStore {
 public:
  explicit BrittleSeen(store::SeenStore& inner) : inner_(inner) {}
  Result<std::size_t> accept(std::span<const store::SeenRow> rows, std::int64_t now_s) override {
    return is_full ? fail(ErrorCode::store_disk_full, "disk is full") : inner_.accept(rows, now_s);
  }
  Result<std::optional<store::SeenRow>> find(std::string_view key, std::string_view endpoint) const override {
    return inner_.find(key, endpoint);
  }
  Result<std::vector<store::SeenRow>> recent(std::int64_t now_s, std::size_t rows_max) const override {
    return is_unreadable ? fail(ErrorCode::store_io, "disk is broken") : inner_.recent(now_s, rows_max);
  }
  Result<std::int64_t> live_count(std::int64_t now_s) const override { return inner_.live_count(now_s); }

  bool is_full = false;
  bool is_unreadable = false;

 private:
  store::SeenStore& inner_;
};

struct House : SeenHouse, RecordHouse {
  explicit House(DiscoveryOptions options = {}, Identity identity = identity_of(1))
      : brittle(*seen), engine(std::move(identity), std::move(options), clock, random, *records, brittle, look_ups) {}

  void answer(const std::string& owner, const Result<Values>& values) {
    const auto found = look_ups.open.find(owner);
    REQUIRE_MESSAGE(found != look_ups.open.end(), owner);
    const std::uint64_t id = found->second;
    look_ups.open.erase(found);
    engine.answered(id, values);
  }
  Values open() const {
    Values out;
    for (const auto& [owner, id] : look_ups.open) out.push_back(owner);
    return out;
  }
  void pass_s(std::int64_t seconds) { clock.advance_ms(seconds * 1000); }

  ManualLookUps look_ups;
  BrittleSeen brittle;
  Discovery engine;
};

DiscoveryOptions seeds(Values zones) {
  DiscoveryOptions out;
  out.seeds = std::move(zones);
  return out;
}

const auto k_no_answer = fail(ErrorCode::lookup_timeout, "no answer");

}  // namespace

TEST_CASE("the first step publishes our heartbeat and asks the seeds for theirs") {
  House house(seeds({"a.example", "b.example"}));
  house.engine.step();
  CHECK(house.values("_dnsmesh-heartbeat.own.example").size() == 1);
  CHECK(house.open() == Values{"_dnsmesh-heartbeat.a.example", "_dnsmesh-heartbeat.b.example"});
}

TEST_CASE("a zone is asked for its heartbeats, then for those it has seen; both are stored and published") {
  House house(seeds({"a.example"}));
  house.engine.step();
  const std::string direct = heartbeat(2, "https://a.example", "a.example");
  const std::string told = heartbeat(3, "https://c.example", "c.example");
  house.answer("_dnsmesh-heartbeat.a.example", Values{direct});
  CHECK(house.open() == Values{"_dnsmesh-seen.a.example"});
  CHECK(house.values("_dnsmesh-seen.own.example").empty());
  house.answer("_dnsmesh-seen.a.example", Values{told, direct});
  house.engine.step();
  CHECK(house.rows().size() == 2);
  Values expected{direct, told};
  std::ranges::sort(expected);
  CHECK(house.values("_dnsmesh-seen.own.example") == expected);
  CHECK(house.engine.counts().zones_answered == 1);
  CHECK(house.engine.counts().values_accepted == 3);
  CHECK(house.engine.counts().values_known == 1);
}

TEST_CASE("our heartbeat is signed anew every minute, whatever the harvest waits for") {
  House house(seeds({"dead.example"}));
  CHECK(house.engine.step() == 60000);
  const Values first = house.values("_dnsmesh-heartbeat.own.example");
  house.pass_s(59);
  CHECK(house.engine.step() == 1000);
  CHECK(house.values("_dnsmesh-heartbeat.own.example") == first);
  house.pass_s(1);
  house.engine.step();
  const Values second = house.values("_dnsmesh-heartbeat.own.example");
  CHECK(second.size() == 1);
  CHECK(second != first);
}

TEST_CASE("eight zones are asked at the same time, the ninth when one has finished") {
  Values zones;
  for (int i = 0; i < 9; ++i) zones.push_back("z" + std::to_string(i) + ".example");
  House house(seeds(zones));
  house.engine.step();
  CHECK(house.look_ups.open.size() == 8);
  house.answer("_dnsmesh-heartbeat.z0.example", k_no_answer);
  house.engine.step();
  CHECK(house.look_ups.open.size() == 8);
  CHECK(house.look_ups.open.contains("_dnsmesh-heartbeat.z8.example"));
}

TEST_CASE("a zone that does not answer is not asked its second question, and left alone in the next period") {
  House house(seeds({"a.example"}));
  house.engine.step();
  house.answer("_dnsmesh-heartbeat.a.example", k_no_answer);
  CHECK(house.open().empty());
  CHECK(house.engine.counts().zones_failed == 1);
  for (const bool asked : {false, true}) {
    house.pass_s(120);
    house.engine.step();
    house.pass_s(12);
    house.engine.step();
    CHECK(house.open().empty() == !asked);
  }
}

TEST_CASE("a zone succeeds when one value is accepted, at either of its owners") {
  House house(seeds({"a.example", "b.example"}));
  house.engine.step();
  house.answer("_dnsmesh-heartbeat.a.example", Values{});
  house.answer("_dnsmesh-seen.a.example", Values{heartbeat(3, "https://c.example", "c.example")});
  house.answer("_dnsmesh-heartbeat.b.example", Values{"hello"});
  house.answer("_dnsmesh-seen.b.example", Values{});
  CHECK(house.engine.counts().zones_answered == 1);
  CHECK(house.engine.counts().zones_failed == 1);
  CHECK(house.engine.counts().values_refused == 1);
}

TEST_CASE("zones that were heard of are asked in the next period, and a period begins when the last one is through") {
  House house(seeds({"a.example"}));
  house.engine.step();
  house.answer("_dnsmesh-heartbeat.a.example", Values{heartbeat(2, "https://a.example", "a.example")});
  house.pass_s(200);
  house.engine.step();
  CHECK(house.open() == Values{"_dnsmesh-seen.a.example"});  // the slow one keeps the period open
  house.answer("_dnsmesh-seen.a.example", Values{heartbeat(3, "https://c.example", "c.example", k_now_s)});
  house.engine.step();
  house.pass_s(119);
  house.engine.step();
  CHECK(house.open() == Values{"_dnsmesh-heartbeat.a.example", "_dnsmesh-heartbeat.c.example"});
}

TEST_CASE("what was stored before a restart is published after the first harvest, not before") {
  House house(seeds({"a.example"}));
  const std::string old = heartbeat(2, "https://b.example", "b.example", k_now_s - 500);
  REQUIRE(take_values(*house.seen, {}, "a.example", Values{old}, k_now_s).has_value());
  house.engine.step();
  CHECK(house.values("_dnsmesh-seen.own.example").empty());
  house.answer("_dnsmesh-heartbeat.a.example", k_no_answer);
  house.answer("_dnsmesh-heartbeat.b.example", k_no_answer);
  house.engine.step();
  CHECK(house.values("_dnsmesh-seen.own.example") == Values{old});
}

TEST_CASE("with nobody to ask the step waits for the next publish or period and never for nothing") {
  House house;
  CHECK(house.engine.step() == 60000);
  house.pass_s(60);
  CHECK(house.engine.step() == 60000);
  CHECK(house.open().empty());
}

TEST_CASE("an answer that nobody waits for is passed over") {
  House house;
  house.engine.step();
  house.engine.answered(12345, Values{heartbeat(2, "https://b.example", "")});
  CHECK(house.rows().empty());
}

TEST_CASE("a store that refuses is counted, and asked again") {
  House house;
  house.records->close();
  house.engine.step();
  const std::uint64_t failed = house.engine.counts().publishes_failed;
  CHECK(failed >= 1);
  house.pass_s(60);
  house.engine.step();
  CHECK(house.engine.counts().publishes_failed > failed);
}

TEST_CASE("a full disk of our own is told once, and once that it is over, and no zone is left alone for it") {
  House house(seeds({"a.example", "b.example"}));
  house.engine.step();
  // After the start of the engine's house, which sets the level.
  const test::LogLines log;
  house.brittle.is_full = true;
  const auto hear = [&](std::int64_t ts_s) {
    house.answer("_dnsmesh-heartbeat.a.example", Values{heartbeat(2, "https://a.example", "a.example", ts_s)});
    house.answer("_dnsmesh-seen.a.example", Values{});
    house.answer("_dnsmesh-heartbeat.b.example", Values{heartbeat(3, "https://b.example", "b.example", ts_s)});
    house.answer("_dnsmesh-seen.b.example", k_no_answer);
  };
  const auto next_period = [&] {
    house.pass_s(120);
    house.engine.step();
    house.pass_s(70);
    house.engine.step();
  };
  hear(k_now_s);
  CHECK(log.count("cannot store the heartbeats of others: disk is full") == 1);
  CHECK(log.count("nothing heard at zone") == 0);
  CHECK(house.engine.counts().zones_failed == 0);
  house.engine.step();
  next_period();
  CHECK(house.open() == Values{"_dnsmesh-heartbeat.a.example", "_dnsmesh-heartbeat.b.example"});
  hear(k_now_s + 1);
  CHECK(log.count("cannot store") == 1);
  CHECK(log.count("can store") == 0);
  house.brittle.is_full = false;
  house.engine.step();
  next_period();
  hear(k_now_s + 2);
  CHECK(log.count("cannot store") == 1);
  CHECK(log.count("can store the heartbeats of others again") == 1);
  CHECK(house.engine.counts().zones_answered == 2);
}

TEST_CASE("an answer with nothing to store does not say that a full disk is over") {
  House house(seeds({"a.example", "b.example"}));
  const std::string known = heartbeat(2, "https://a.example", "a.example");
  REQUIRE(take_values(*house.seen, {}, "a.example", Values{known}, k_now_s).has_value());
  house.engine.step();
  const test::LogLines log;
  house.brittle.is_full = true;
  house.answer("_dnsmesh-heartbeat.b.example", Values{heartbeat(3, "https://b.example", "b.example")});
  house.answer("_dnsmesh-heartbeat.a.example", Values{known});
  house.answer("_dnsmesh-seen.a.example", Values{heartbeat(4, "https://c.example", "c.example")});
  CHECK(log.count("cannot store") == 1);
  CHECK(log.count("can store") == 0);
}

TEST_CASE("a table that cannot be read is told once, whatever else is published, and once that it is over") {
  House house;
  const test::LogLines log;
  house.brittle.is_unreadable = true;
  for (int minute = 0; minute < 6; ++minute) {
    house.engine.step();
    house.pass_s(60);
  }
  CHECK(log.count("cannot publish the heartbeats of others: disk is broken") == 1);
  CHECK(log.count("cannot read the heartbeats of others: disk is broken") == 1);
  CHECK(log.count("again") == 0);
  CHECK(house.values("_dnsmesh-heartbeat.own.example").size() == 1);
  house.brittle.is_unreadable = false;
  for (int minute = 0; minute < 4; ++minute) {
    house.engine.step();
    house.pass_s(60);
  }
  CHECK(log.count("can publish the heartbeats of others again") == 1);
  CHECK(log.count("can read the heartbeats of others again") == 1);
  CHECK(log.count("our heartbeat") == 0);
}
