// SPDX-License-Identifier: Apache-2.0
// Rate limits and slip of spec/dns.md 8.
#include "dns/rate_limit.hpp"

#include <set>
#include <thread>

#include "support.hpp"

using namespace dnsmesh;
using namespace dnsmesh::dns;
using namespace dnsmesh::dns::test;

namespace {

constexpr RateSettings k_five{.per_s = 10, .burst = 5};

ClientAddress ipv4(unsigned a, unsigned b, unsigned c, unsigned d) {
  const char octets[] = {static_cast<char>(a), static_cast<char>(b), static_cast<char>(c), static_cast<char>(d)};
  return client_of({octets, 4});
}

ClientAddress ipv6(std::string_view first_eight, char last = '\1') {
  return client_of(std::string(first_eight) + std::string(7, '\0') + last);
}

struct Limits {
  explicit Limits(const RateSettings& settings = k_five) : limiter(settings, random) {}
  /// How many of `asked` messages pass at once.
  int passed(const ClientAddress& client, int asked, std::int64_t now_ms = 0, Transport transport = Transport::udp) {
    int count = 0;
    for (int i = 0; i < asked; ++i) count += limiter.allow(transport, client, now_ms) ? 1 : 0;
    return count;
  }
  int errors_passed(const ClientAddress& client, int asked, std::int64_t now_ms = 0) {
    int count = 0;
    for (int i = 0; i < asked; ++i) count += limiter.allow_error(Transport::udp, client, now_ms) ? 1 : 0;
    return count;
  }
  SeededRandom random{1};
  RateLimiter limiter;
};

struct LimitedBed : Bed {
  LimitedBed() { limiter.set(k_five); }
  void use_up() {
    for (int i = 0; i < 5; ++i) REQUIRE(ask_name("x.mesh.test").sent());
  }
};

std::string with_cookie(std::string_view cookie) {
  const std::string option =
      ByteWriter().u16(k_option_cookie).u16(static_cast<std::uint16_t>(cookie.size())).bytes(cookie).take();
  return message({.payload = 1232, .options = option});
}

}  // namespace

TEST_CASE("an address has its burst at once and then its rate") {
  Limits limits;
  const ClientAddress client = ipv4(192, 0, 2, 1);
  CHECK(limits.passed(client, 20) == 5);
  CHECK(limits.passed(client, 20, 99) == 0);
  CHECK(limits.passed(client, 20, 100) == 1);
  CHECK(limits.passed(client, 20, 1000) == 5);
  CHECK(limits.passed(client, 20, 100000) == 5);
  CHECK(limits.passed(ipv4(192, 0, 2, 2), 20, 100000) == 5);
}

TEST_CASE("UDP and TCP have tables of their own") {
  Limits limits;
  CHECK(limits.passed(ipv4(192, 0, 2, 1), 20) == 5);
  CHECK(limits.passed(ipv4(192, 0, 2, 1), 20, 0, Transport::tcp) == 5);
}

TEST_CASE("the addresses of a /24 share eight times as much, refused messages take nothing of it") {
  Limits limits;
  CHECK(limits.passed(ipv4(192, 0, 2, 1), 1000) == 5);
  int others = 0;
  for (unsigned last = 2; last < 200; ++last) others += limits.passed(ipv4(192, 0, 2, last), 5);
  CHECK(others == 35);
  CHECK(limits.passed(ipv4(192, 0, 3, 1), 5) == 5);
  int later = 0;
  for (unsigned last = 2; last < 200; ++last) later += limits.passed(ipv4(192, 0, 2, last), 5, 100);
  CHECK(later == 8);
}

TEST_CASE("a /56 of IPv6 is one source") {
  Limits limits;
  CHECK(limits.passed(ipv6("\x20\x01\x0D\xB8\x00\x00\x12\x00"sv), 20) == 5);
  CHECK(limits.passed(ipv6("\x20\x01\x0D\xB8\x00\x00\x12\xFF"sv, '\2'), 20) == 0);
  CHECK(limits.passed(ipv6("\x20\x01\x0D\xB8\x00\x00\x13\x00"sv), 20) == 5);
  CHECK(limits.passed(ipv6("\0\0\0\0\0\0\0\0"sv), 20) == 5);
}

TEST_CASE("error answers of a /24 have a quarter of its bucket") {
  Limits limits;
  CHECK(limits.errors_passed(ipv4(192, 0, 2, 1), 100) == 10);
  CHECK(limits.errors_passed(ipv4(192, 0, 2, 9), 100) == 0);
  CHECK(limits.errors_passed(ipv4(192, 0, 2, 9), 100, 100) == 2);
  CHECK(limits.errors_passed(ipv4(192, 0, 3, 9), 100) == 10);
}

TEST_CASE("a rate or burst of 0 or less switches every limit off, below one unit nothing passes") {
  for (const RateSettings& settings :
       {RateSettings{0, 5}, RateSettings{10, 0}, RateSettings{-1, 5}, RateSettings{10, -1}}) {
    Limits limits(settings);
    CHECK(limits.passed(ipv4(192, 0, 2, 1), 1000) == 1000);
    CHECK(limits.errors_passed(ipv4(192, 0, 2, 1), 1000) == 1000);
  }
  Limits little({.per_s = 10, .burst = 0.5});
  CHECK(little.passed(ipv4(192, 0, 2, 1), 10) == 0);
}

TEST_CASE("extreme rates and bursts stay in range") {
  for (const double rate : {1e-300, 1e-9, 1.0, 1e9, 1e300}) {
    for (const double burst : {1.0, 1e9, 1e300}) {
      Limits limits({.per_s = rate, .burst = burst});
      CHECK(limits.passed(ipv4(192, 0, 2, 1), 1, std::int64_t{1} << 42) == 1);
      CHECK(limits.passed(ipv4(192, 0, 2, 1), 3, std::int64_t{1} << 42) == (burst == 1.0 ? 0 : 3));
    }
  }
}

TEST_CASE("loopback is limited unless it is exempted") {
  for (const ClientAddress& loopback : {ipv4(127, 9, 8, 7), ipv6("\0\0\0\0\0\0\0\0"sv)}) {
    Limits limits;
    CHECK(limits.passed(loopback, 20) == 5);
    limits.limiter.set({.per_s = 10, .burst = 5, .exempts_loopback = true});
    CHECK(limits.passed(loopback, 20) == 20);
    CHECK(limits.errors_passed(loopback, 20) == 20);
    CHECK(limits.passed(ipv4(128, 0, 0, 1), 20) == 5);
    CHECK(limits.passed(ipv6("\0\0\0\0\0\0\0\0"sv, '\2'), 20) == (loopback.is_ipv6() ? 0 : 5));
  }
}

TEST_CASE("new settings count at once, and a smaller burst forgives what was taken above it") {
  Limits limits({.per_s = 1, .burst = 100});
  CHECK(limits.passed(ipv4(192, 0, 2, 1), 200) == 100);
  limits.limiter.set({.per_s = 10, .burst = 5});
  CHECK(limits.passed(ipv4(192, 0, 2, 1), 20) == 0);
  // From the next message on, the address and then its /24 fill as the new settings have it.
  limits.passed(ipv4(192, 0, 2, 1), 20, 500);
  CHECK(limits.passed(ipv4(192, 0, 2, 1), 20, 1000) == 5);
}

TEST_CASE("a flood of new sources does not free one that is throttled") {
  Limits limits;
  const ClientAddress throttled = ipv4(192, 0, 2, 1);
  CHECK(limits.passed(throttled, 20) == 5);
  for (unsigned i = 0; i < 30000; ++i) limits.passed(ipv4(10, i >> 16, i >> 8 & 0xFF, i & 0xFF), 1);
  CHECK(limits.passed(throttled, 20) == 0);
}

TEST_CASE("threads that share a bucket take no more than it has") {
  Limits limits({.per_s = 0.001, .burst = 1000});
  std::atomic<int> passed{0};
  const auto ask = [&] { passed += limits.passed(ipv4(192, 0, 2, 1), 2000); };
  std::thread first(ask);
  std::thread second(ask);
  first.join();
  second.join();
  CHECK(passed == 1000);
}

TEST_CASE("of the refused queries over UDP every second one slips: TC, header and question, no larger than the query") {
  LimitedBed bed;
  bed.put("x.mesh.test", "v");
  bed.use_up();
  for (const std::string& asked : {query("x.mesh.test"), message({.payload = 1232}), message({.payload = 1232}),
                                   message({.payload = 1232, .options = std::string("\0\3\0\0\0\13\0\0", 8)})}) {
    CHECK_FALSE(bed.ask(asked).sent());
    const Answer slip = bed.ask(asked);
    CHECK(slip.tc);
    CHECK_FALSE(slip.aa);
    CHECK(slip.rcode == 0);
    CHECK(slip.id == 0x1234);
    CHECK(slip.rd);
    CHECK(slip.questions == 1);
    CHECK(slip.answers.empty());
    CHECK(slip.options.empty());
    CHECK(slip.octets.size() <= asked.size());
  }
  CHECK(bed.count(Outcome::rate_limited) == 8);
  CHECK(bed.count(Outcome::slipped) == 4);
  CHECK(bed.count(Outcome::truncated) == 0);
}

TEST_CASE("who floods in the name of another sends it less than 25 times as much, and soon hardly more than he sends") {
  Bed bed;
  bed.limiter.set({.per_s = 50, .burst = 200});
  // The best that a stranger can have: the shortest query with EDNS for the largest answer over UDP.
  for (int i = 0; i < 5; ++i) bed.put("x.mesh.test", std::to_string(i) + std::string(214, 'v'));
  const std::string asked = message({.payload = 1232});
  double sent = 0, came_back = 0;
  const auto flood = [&](int count, std::int64_t second) {
    for (int i = 0; i < count; ++i) {
      sent += static_cast<double>(asked.size());
      came_back += static_cast<double>(bed.ask(asked, Transport::udp, k_now_s + second).octets.size());
    }
  };
  CHECK(bed.ask(asked).octets.size() > 1100);
  flood(250, 0);
  CHECK(came_back < 25 * sent);
  for (std::int64_t second = 1; second <= 10; ++second) flood(5000, second);
  CHECK(came_back < 1.5 * sent);
}

TEST_CASE("every kind of message slips within its size") {
  LimitedBed bed;
  bed.use_up();
  bed.ask(query("x.mesh.test"));
  std::set<std::string> malformed;
  const std::string whole = message({.payload = 1232, .options = std::string("\0\12\0\10abcdefgh", 12)});
  for (std::size_t size = 12; size <= whole.size(); ++size) malformed.insert(whole.substr(0, size));
  for (unsigned opcode = 0; opcode < 16; ++opcode) {
    malformed.insert(message({.flags = static_cast<std::uint16_t>(opcode << 11)}));
  }
  malformed.insert(message({.questions = 2}));
  malformed.insert(message({.payload = 1232, .opt_ttl = 1U << 16}));
  for (const std::string& asked : malformed) {
    const Answer slip = bed.ask(asked);
    CHECK(slip.tc);
    CHECK(slip.octets.size() <= asked.size());
    CHECK_FALSE(bed.ask(asked).sent());
  }
}

TEST_CASE("over TCP a refused message gets no answer") {
  LimitedBed bed;
  for (int i = 0; i < 5; ++i) CHECK(bed.ask_name("x.mesh.test", k_type_txt, Transport::tcp).sent());
  for (int i = 0; i < 4; ++i) CHECK_FALSE(bed.ask_name("x.mesh.test", k_type_txt, Transport::tcp).sent());
  CHECK(bed.count(Outcome::rate_limited) == 4);
  CHECK(bed.count(Outcome::slipped) == 0);
  CHECK(bed.ask_name("x.mesh.test").sent());
}

TEST_CASE("a valid server cookie passes the limit over UDP, not over TCP") {
  LimitedBed bed;
  bed.put("x.mesh.test", "v");
  bed.use_up();
  const auto cookie = make_cookie(k_secret, "clientck", client_of("\xC0\x00\x02\x01"sv), k_now_s);
  for (int i = 0; i < 20; ++i) CHECK(bed.ask(with_cookie(view(cookie))).answers.size() == 1);
  CHECK_FALSE(bed.ask_from(ipv4(192, 0, 2, 2), query("x.mesh.test")).tc);
  int answered = 0;
  for (int i = 0; i < 20; ++i) answered += bed.ask(with_cookie(view(cookie)), Transport::tcp).sent() ? 1 : 0;
  CHECK(answered == 5);
}

TEST_CASE("under pressure an old server cookie is BADCOOKIE with a new one, a client cookie alone is TC") {
  LimitedBed bed;
  bed.put("x.mesh.test", "v");
  bed.use_up();
  const std::string old_cookie = "clientck" + std::string(16, '\1');
  CHECK_FALSE(bed.ask(with_cookie(old_cookie)).sent());
  const Answer bad = bed.ask(with_cookie(old_cookie));
  CHECK(bad.rcode == 7);
  CHECK(bad.extended_rcode == 1);
  CHECK_FALSE(bad.tc);
  CHECK(bad.octets.size() <= with_cookie(old_cookie).size());
  REQUIRE(bad.options.size() == 28);
  CHECK(bed.ask(with_cookie(bad.options.substr(4))).answers.size() == 1);
  CHECK(bed.count(Outcome::badcookie) == 1);
  CHECK_FALSE(bed.ask(with_cookie("clientck")).sent());
  CHECK(bed.ask(with_cookie("clientck")).tc);
}

TEST_CASE("error answers have a bucket of their own, NXDOMAIN and NODATA are not errors") {
  Bed bed;
  bed.limiter.set({.per_s = 10, .burst = 20});
  const auto answered = [&](std::string_view octets) {
    int count = 0;
    for (unsigned last = 1; last <= 40; ++last) {
      const Answer answer = bed.ask_from(ipv4(198, 51, 100, last), octets);
      count += answer.sent() && !answer.tc ? 1 : 0;
    }
    return count;
  };
  CHECK(answered(query("example.org")) == 40);
  CHECK(answered(query("example.org")) == 0);
  CHECK(answered(query("x.mesh.test").substr(0, 14)) == 0);
  CHECK(answered(query("x.mesh.test")) == 40);
  CHECK(answered(query("mesh.test")) == 0);
}

TEST_CASE("what is dropped anyway takes nothing from a bucket") {
  LimitedBed bed;
  for (int i = 0; i < 20; ++i) {
    CHECK_FALSE(bed.ask(message({.flags = k_flag_response})).sent());
    CHECK_FALSE(bed.ask("short").sent());
  }
  bed.use_up();
  CHECK(bed.count(Outcome::rate_limited) == 0);
}
