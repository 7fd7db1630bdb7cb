// SPDX-License-Identifier: Apache-2.0
#include "access/challenges.hpp"

#include <doctest/doctest.h>

#include "base/hex.hpp"
#include "base/limits.hpp"
#include "base/registration_limits.hpp"

using namespace dnsmesh;
using access::Challenges;

namespace {

struct Fixture {
  ManualClock clock{1'000'000'250};
  SeededRandom random{1};
  Challenges challenges{clock, random};

  std::string issue() { return to_hex(view(challenges.issue("node")->nonce)); }
};

}  // namespace

TEST_CASE("a challenge lives sixty seconds and names the node") {
  Fixture f;
  const auto challenge = f.challenges.issue("Node.Example.com");
  REQUIRE(challenge);
  CHECK(challenge->node == "Node.Example.com");
  CHECK(challenge->expires_s == 1'000'060);
  CHECK(f.challenges.issue("node")->nonce != challenge->nonce);
}

TEST_CASE("a challenge is usable while now is before its end") {
  Fixture f;
  const std::string nonce = f.issue();
  const std::string second = f.issue();
  f.clock.advance_ms(59'749);
  CHECK(f.challenges.take(nonce));
  f.clock.advance_ms(1);
  CHECK_FALSE(f.challenges.take(second));
  CHECK(f.challenges.pending() == 0);
}

TEST_CASE("a challenge is used once") {
  Fixture f;
  const std::string nonce = f.issue();
  CHECK(f.challenges.take(nonce));
  CHECK_FALSE(f.challenges.take(nonce));
}

TEST_CASE("a challenge is known by its lower-case hex alone") {
  Fixture f;
  const std::string nonce = f.issue();
  std::string upper = nonce;
  for (char& c : upper) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  REQUIRE(upper != nonce);
  CHECK_FALSE(f.challenges.take(upper));
  CHECK_FALSE(f.challenges.take(""));
  CHECK(f.challenges.take(nonce));
}

TEST_CASE("at the cap a new challenge is refused and those that wait stay") {
  Fixture f;
  const std::string first = f.issue();
  for (std::size_t i = 1; i < limits::challenges_pending_max; ++i) REQUIRE(f.challenges.issue("node"));
  CHECK_FALSE(f.challenges.issue("node"));
  CHECK(f.challenges.pending() == limits::challenges_pending_max);
  CHECK(f.challenges.take(first));
  CHECK(f.challenges.issue("node"));
  CHECK_FALSE(f.challenges.issue("node"));
  f.clock.advance_ms(60'000);
  CHECK(f.challenges.issue("node"));
  CHECK(f.challenges.pending() == 1);
}

TEST_CASE("a step of the wall clock does not end a challenge") {
  Fixture f;
  const std::string nonce = f.issue();
  f.clock.set_wall_ms(5'000'000'000);
  CHECK(f.challenges.take(nonce));
}
