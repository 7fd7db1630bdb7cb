// SPDX-License-Identifier: Apache-2.0
#include "discovery/intake.hpp"

#include <limits>

#include "base/base64.hpp"
#include "discovery/heartbeat_text.hpp"
#include "support.hpp"

using namespace dnsmesh;
using namespace dnsmesh::discovery;
using Values = std::vector<std::string>;

namespace {

const NodeName k_self{spk_of(9), "https://own.example"};

struct House : SeenHouse {
  Taken take(const Values& values, std::string_view zone = "z.example", std::int64_t now_s = k_now_s) {
    const auto taken = take_values(*seen, k_self, zone, values, now_s);
    REQUIRE(taken.has_value());
    return *taken;
  }
};

/// The text with one bit of its signature changed.
std::string forged(const std::string& text) {
  const std::size_t prefix = text.rfind(';') + 1;
  std::string blob = *base64_decode_strict(text.substr(prefix));
  blob.back() = static_cast<char>(blob.back() ^ 1);
  return text.substr(0, prefix) + base64_encode(blob);
}

}  // namespace

TEST_CASE("a verified heartbeat is stored octet for octet, with the zone that gave it") {
  House house;
  const std::string text = heartbeat(1, "https://n.example", "n.example");
  const Taken taken = house.take({text});
  CHECK(taken.accepted == 1);
  const auto rows = house.rows();
  REQUIRE(rows.size() == 1);
  CHECK(rows[0] ==
        store::SeenRow{spk_of(1), "https://n.example", text, k_now_s, k_now_s + 86400, "1.0", k_now_s, "z.example"});
}

TEST_CASE("what is no heartbeat, is forged, over, too long-lived or ahead is refused without a row") {
  House house;
  const Taken taken = house.take({"", "v=dmp1;t=heartbeat;", "v=dmp1;t=heartbeat;AAAA", "hello",
                                  forged(heartbeat(1, "https://n.example", "n.example")),
                                  heartbeat(1, "https://n.example", "n.example", k_now_s - 100, 100),
                                  heartbeat(1, "https://n.example", "n.example", k_now_s, 2592001),
                                  heartbeat(1, "https://n.example", "n.example", k_now_s + 301)});
  CHECK(taken.refused == 8);
  CHECK(taken.accepted == 0);
  CHECK(house.rows().empty());
}

TEST_CASE("a past time is fine while the record lasts, a time 300 s ahead too") {
  House house;
  CHECK(house
            .take({heartbeat(1, "https://a.example", "a.example", k_now_s - 86000),
                   heartbeat(2, "https://b.example", "b.example", k_now_s + 300)})
            .accepted == 2);
}

TEST_CASE("our own heartbeats are passed over, those of our operator's other nodes are not") {
  House house;
  CHECK(house.take({heartbeat(9, "https://own.example", "own.example")}).accepted == 0);
  CHECK(house.rows().empty());
  CHECK(house.take({heartbeat(9, "https://sibling.example", "own.example")}).accepted == 1);
  CHECK(house.take({heartbeat(8, "https://own.example", "own.example")}).accepted == 1);
}

TEST_CASE("an older time counts as accepted and replaces nothing") {
  House house;
  const std::string newer = heartbeat(1, "https://n.example", "n.example", k_now_s);
  house.take({newer});
  CHECK(house.take({heartbeat(1, "https://n.example", "n.example", k_now_s - 1)}).accepted == 1);
  CHECK(house.rows()[0].wire == newer);
}

TEST_CASE("the signature of a text that is stored is not checked again") {
  House house;
  // Such a row never gets in this way; that it counts as known shows that its signature is not looked at.
  const std::string text = forged(heartbeat(1, "https://n.example", "n.example"));
  const std::vector<store::SeenRow> rows{
      {spk_of(1), "https://n.example", text, k_now_s, k_now_s + 86400, "1.0", k_now_s, "z.example"}};
  REQUIRE(house.seen->accept(rows, k_now_s).has_value());
  const Taken taken = house.take({text});
  CHECK(taken.accepted == 1);
  CHECK(taken.known == 1);
}

TEST_CASE("of an answer 64 values are read") {
  House house;
  Values values(63, "x");
  values.push_back(heartbeat(1, "https://a.example", "a.example"));
  values.push_back(heartbeat(2, "https://b.example", "b.example"));
  const Taken taken = house.take(values);
  CHECK(taken.refused == 63);
  CHECK(taken.accepted == 1);
}

TEST_CASE("a node that was heard at its own zone stays there, whoever repeats it") {
  House house;
  const std::string first = heartbeat(1, "https://n.example", "n.example", k_now_s - 10);
  house.take({first}, "other.example");
  CHECK(house.rows()[0].source_zone == "other.example");
  house.take({first}, "n.example");
  CHECK(house.rows()[0].source_zone == "n.example");
  house.take({heartbeat(1, "https://n.example", "n.example", k_now_s)}, "other.example");
  CHECK(house.rows()[0].source_zone == "n.example");
  CHECK(house.rows()[0].ts_s == k_now_s);
  house.take({heartbeat(1, "https://n.example", "moved.example", k_now_s + 1)}, "other.example");
  CHECK(house.rows()[0].source_zone == "other.example");
}

TEST_CASE("times at the ends of their range are no trouble") {
  constexpr std::int64_t k_max = std::numeric_limits<std::int64_t>::max();
  const std::string text = heartbeat(1, "https://n.example", "n.example", 0, k_max);
  CHECK_FALSE(verify_for_storing(text, 0).has_value());
  CHECK(verify_for_storing(text, k_max - 1).has_value());
  CHECK_FALSE(verify_for_storing(text, k_max).has_value());
  CHECK_FALSE(verify_for_storing(text, std::numeric_limits<std::int64_t>::min()).has_value());
}
