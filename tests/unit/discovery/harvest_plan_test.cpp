// SPDX-License-Identifier: Apache-2.0
#include "discovery/harvest_plan.hpp"

#include "support.hpp"

using namespace dnsmesh;
using namespace dnsmesh::discovery;
using Zones = std::vector<std::string>;

namespace {

constexpr std::int64_t k_period_ms = 120000;

store::SeenRow row(unsigned char fill, const std::string& zone, const std::string& source) {
  store::SeenRow out;
  out.wire = heartbeat(fill, "https://x.example", zone);
  out.source_zone = source;
  return out;
}

/// The zones of the plan with their times, up to the end of the period.
std::vector<std::pair<std::int64_t, std::string>> asked(HarvestPlan& plan) {
  std::vector<std::pair<std::int64_t, std::string>> out;
  while (!plan.is_empty()) {
    const std::int64_t at_ms = plan.next_ms();
    out.emplace_back(at_ms, plan.take_due(at_ms).value());
  }
  return out;
}

}  // namespace

TEST_CASE("zones are asked in the order of their sources, each once, our own never") {
  const Zones seeds{"s1.example", "own.example", "s2.example", "s1.example"};
  const Zones hosts{"p.example", "s2.example"};
  const std::vector<store::SeenRow> seen{row(1, "lead.example", "s1.example"), row(2, "known.example", "known.example"),
                                         row(3, "own.example", "s1.example"), row(4, "p.example", "p.example")};
  CHECK(zones_to_ask(seeds, hosts, seen, "own.example", 25) ==
        Zones{"s1.example", "s2.example", "p.example", "known.example", "lead.example"});
  CHECK(zones_to_ask(seeds, hosts, seen, "own.example", 4) ==
        Zones{"s1.example", "s2.example", "p.example", "known.example"});
  CHECK(zones_to_ask(seeds, hosts, seen, "", 0).empty());
}

TEST_CASE("the first period is due at once, later ones are spread evenly with a tenth of jitter") {
  SeededRandom random{1};
  HarvestPlan plan(k_period_ms, random);
  CHECK(plan.period_is_over(0));
  const Zones zones{"a", "b", "c", "d"};
  plan.begin(zones, 0);
  for (const std::string& zone : zones) CHECK(plan.take_due(0) == zone);
  CHECK(plan.is_empty());
  CHECK(plan.next_ms() == k_period_ms);
  CHECK_FALSE(plan.period_is_over(k_period_ms - 1));
  CHECK(plan.period_is_over(k_period_ms));
  plan.begin(zones, k_period_ms);
  bool is_jittered = false;
  std::int64_t even_ms = k_period_ms;
  for (const auto& [at_ms, zone] : asked(plan)) {
    CHECK(at_ms >= std::max(even_ms - 3000, k_period_ms));
    CHECK(at_ms <= even_ms + 3000);
    is_jittered = is_jittered || at_ms != even_ms;
    even_ms += 30000;
  }
  CHECK(is_jittered);
}

TEST_CASE("a zone is not given before it is due, and once") {
  SeededRandom random{1};
  HarvestPlan plan(k_period_ms, random);
  plan.begin(Zones{}, 0);
  plan.begin(Zones{"a", "b"}, k_period_ms);
  CHECK(plan.take_due(k_period_ms + 6000) == "a");
  CHECK_FALSE(plan.take_due(k_period_ms + 6000).has_value());
  CHECK(plan.take_due(k_period_ms + 66000) == "b");
}

TEST_CASE("a zone that fails is left alone for 1, 2, 4 ... 32 periods, and success clears that") {
  SeededRandom random{1};
  HarvestPlan plan(k_period_ms, random);
  std::int64_t now_ms = 0;
  const auto is_asked = [&] {
    now_ms += k_period_ms;
    plan.begin(Zones{"a"}, now_ms);
    const bool given = !plan.is_empty();
    asked(plan);
    return given;
  };
  CHECK(is_asked());
  for (const int periods : {1, 2, 4, 8, 16, 32, 32}) {
    CAPTURE(periods);
    plan.finished("a", false);
    for (int i = 0; i < periods; ++i) CHECK_FALSE(is_asked());
    CHECK(is_asked());
  }
  plan.finished("a", true);
  CHECK(is_asked());
  plan.finished("a", false);
  CHECK_FALSE(is_asked());
  CHECK(is_asked());
}

TEST_CASE("a zone that nobody names any more is forgotten with its failures") {
  SeededRandom random{1};
  HarvestPlan plan(k_period_ms, random);
  plan.begin(Zones{"a"}, 0);
  plan.finished("a", false);
  plan.begin(Zones{}, k_period_ms);
  plan.begin(Zones{"a"}, 2 * k_period_ms);
  CHECK_FALSE(plan.is_empty());
}
