// SPDX-License-Identifier: Apache-2.0
// Signed requests that come again.
#include "dns/replay_memory.hpp"

#include <limits>

#include "support.hpp"

using namespace dnsmesh;
using namespace dnsmesh::dns;
using namespace dnsmesh::dns::test;

namespace {

TsigContext request_of(unsigned char mac, const char* key = "a.z", std::uint16_t fudge_s = 300) {
  TsigContext out;
  out.key_name = *Name::from_text(key);
  out.fudge_s = fudge_s;
  out.mac.fill(mac);
  out.mac_octets = 32;
  return out;
}

}  // namespace

TEST_CASE("a signed request is fresh once, pending until it is answered, and then has the same rcode") {
  ReplayMemory memory;
  CHECK(memory.begin(request_of(1), k_now_s).seen == ReplaySeen::fresh);
  CHECK(memory.begin(request_of(1), k_now_s).seen == ReplaySeen::pending);
  memory.finish(request_of(1), Rcode::refused);
  const ReplayLook again = memory.begin(request_of(1), k_now_s + 1);
  CHECK(again.seen == ReplaySeen::answered);
  CHECK(again.rcode == Rcode::refused);
}

TEST_CASE("signed requests with another MAC or key are other requests") {
  ReplayMemory memory;
  CHECK(memory.begin(request_of(1), k_now_s).seen == ReplaySeen::fresh);
  CHECK(memory.begin(request_of(2), k_now_s).seen == ReplaySeen::fresh);
  CHECK(memory.begin(request_of(1, "b.z"), k_now_s).seen == ReplaySeen::fresh);
}

TEST_CASE("a signed request is remembered for twice its fudge") {
  for (const std::uint16_t fudge : {std::uint16_t{0}, std::uint16_t{5}, std::uint16_t{300}}) {
    ReplayMemory memory;
    memory.begin(request_of(1, "a.z", fudge), k_now_s);
    CHECK(memory.begin(request_of(1, "a.z", fudge), k_now_s + 2 * fudge).seen == ReplaySeen::pending);
    CHECK(memory.begin(request_of(1, "a.z", fudge), k_now_s + 2 * fudge + 1).seen == ReplaySeen::fresh);
  }
  ReplayMemory memory;
  constexpr std::int64_t k_last = std::numeric_limits<std::int64_t>::max();
  CHECK(memory.begin(request_of(1), k_last).seen == ReplaySeen::fresh);
  CHECK(memory.begin(request_of(1), k_last).seen == ReplaySeen::pending);
}

TEST_CASE("a signed request that was not carried out may come again") {
  ReplayMemory memory;
  memory.begin(request_of(1), k_now_s);
  memory.forget(request_of(1));
  CHECK(memory.begin(request_of(1), k_now_s).seen == ReplaySeen::fresh);
  memory.forget(request_of(2));
  memory.finish(request_of(2), Rcode::noerror);
  CHECK(memory.begin(request_of(2), k_now_s).seen == ReplaySeen::fresh);
}

TEST_CASE("a full memory of signed requests lets the oldest go, and never a younger one in its place") {
  ReplayMemory memory(3);
  const auto request = [](unsigned char mac) {
    TsigContext out = request_of(mac);
    out.time_signed_s = k_now_s + mac;
    return out;
  };
  for (unsigned char mac = 1; mac <= 3; ++mac) memory.begin(request(mac), k_now_s);
  CHECK(memory.begin(request(4), k_now_s).seen == ReplaySeen::fresh);  // 1 goes
  CHECK(memory.begin(request(2), k_now_s).seen == ReplaySeen::pending);
  memory.forget(request(3));
  CHECK(memory.begin(request(3), k_now_s).seen == ReplaySeen::fresh);  // 2 goes
  CHECK(memory.begin(request(5), k_now_s).seen == ReplaySeen::fresh);  // the old place of 3 goes, not the new one
  CHECK(memory.begin(request(3), k_now_s).seen == ReplaySeen::pending);
  CHECK(memory.begin(request(4), k_now_s).seen == ReplaySeen::pending);
}

TEST_CASE("a key whose signed requests had to be forgotten gets nothing that is as old applied, other keys do") {
  ReplayMemory memory(2);
  const auto request = [](unsigned char mac, std::int64_t at_s, const char* key) {
    TsigContext out = request_of(mac, key);
    out.time_signed_s = static_cast<std::uint64_t>(at_s);
    return out;
  };
  for (unsigned char mac = 1; mac <= 3; ++mac) memory.begin(request(mac, k_now_s + mac, "a.z"), k_now_s);
  CHECK(memory.begin(request(1, k_now_s + 1, "a.z"), k_now_s).seen == ReplaySeen::unknown);
  CHECK(memory.begin(request(9, k_now_s, "a.z"), k_now_s).seen == ReplaySeen::unknown);
  CHECK(memory.begin(request(1, k_now_s + 1, "b.z"), k_now_s).seen == ReplaySeen::fresh);
  CHECK(memory.begin(request(4, k_now_s + 4, "a.z"), k_now_s).seen == ReplaySeen::fresh);
  // Once the forgotten ones are too old to be verified, nothing is left to fear.
  CHECK(memory.begin(request(9, k_now_s, "a.z"), k_now_s + 1000).seen == ReplaySeen::fresh);
}
