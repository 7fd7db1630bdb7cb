// SPDX-License-Identifier: Apache-2.0
#include "discovery/discovery.hpp"

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

struct House : SeenHouse, RecordHouse {
  explicit House(DiscoveryOptions options = {}, Identity identity = identity_of(1))
      : engine(std::move(identity), std::move(options), clock, random, *records, *seen, look_ups) {}

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
