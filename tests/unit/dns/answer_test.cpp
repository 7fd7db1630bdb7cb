// SPDX-License-Identifier: Apache-2.0
// TXT answers (spec/dns.md 5), sizes, EDNS and truncation (6), and the options of 7 that are here.
#include <set>

#include "support.hpp"

using namespace dnsmesh;
using namespace dnsmesh::dns;
using namespace dnsmesh::dns::test;

namespace {

constexpr unsigned k_servfail = 2;

std::set<std::string> texts(const Answer& answer) {
  std::set<std::string> out;
  for (const AnswerRecord& r : answer.answers) out.insert(r.text);
  return out;
}

/// Octets of an answer with one TXT of one string: header, question of x.mesh.test, RR with a compressed owner.
constexpr std::size_t k_around_one_value = 12 + 13 + 4 + 12 + 1;

}  // namespace

TEST_CASE("a value is cut into strings of 255 octets, the last one shorter, and joins to itself") {
  CHECK(to_character_strings("") == std::string(1, '\0'));
  CHECK(to_character_strings("ab") == "\2ab");
  CHECK(to_character_strings(std::string(255, 'a')) == "\xFF" + std::string(255, 'a'));
  CHECK(to_character_strings(std::string(256, 'a')) == "\xFF" + std::string(255, 'a') + "\1a");
  Bed bed;
  for (const std::size_t size : {0U, 1U, 254U, 255U, 256U, 510U, 511U, 2048U}) {
    std::string value;
    for (std::size_t i = 0; i < size; ++i) value.push_back(static_cast<char>('a' + i % 26));
    bed.put("n.mesh.test", value);
    CHECK(bed.ask_name("n.mesh.test", k_type_txt, Transport::tcp).answers.at(0).text == value);
    bed.remove("n.mesh.test", value);
  }
}

TEST_CASE("a value outside ASCII is answered octet for octet, also across a cut between strings") {
  Bed bed;
  const std::string value = std::string(254, 'a') + "\xC3\xA9\xF0\x9F\x99\x82";
  bed.put("x.mesh.test", value);
  CHECK(bed.ask_name("x.mesh.test", k_type_txt, Transport::tcp).answers.at(0).text == value);
}

TEST_CASE("values at one name are one RRset with one TTL") {
  Bed bed;
  bed.put("x.mesh.test", "a", 40);
  bed.put("x.mesh.test", "b", 3600);
  bed.put("x.mesh.test", "c", 3600);
  const Answer answer = bed.ask(query("x.mesh.test"));
  CHECK(texts(answer) == std::set<std::string>{"a", "b", "c"});
  for (const AnswerRecord& r : answer.answers) CHECK(r.ttl == 40);
}

TEST_CASE("the TTL is the configured one, or less when a value ends before") {
  Bed bed;
  bed.put("x.mesh.test", "v", 100);
  const auto ttl = [&](std::int64_t after_s) {
    return bed.ask_name("x.mesh.test", k_type_txt, Transport::udp, k_now_s + after_s).answers.at(0).ttl;
  };
  CHECK(ttl(0) == 60);
  CHECK(ttl(40) == 60);
  CHECK(ttl(41) == 59);
  CHECK(ttl(99) == 1);
  CHECK(bed.ask_name("x.mesh.test", k_type_txt, Transport::udp, k_now_s + 100).rcode == 3);
}

TEST_CASE("the TTL is at most 30 at slot, claim, heartbeat and seen owners, and at least 1") {
  Bed bed({.served_zone = "mesh.test", .answer_ttl_s = 3600});
  const auto ttl = [&](const std::string& name) {
    bed.put(name, "v", 100000);
    return bed.ask_name(name).answers.at(0).ttl;
  };
  CHECK(ttl("slot-9.mb-0123456789ab.mesh.test") == 30);
  CHECK(ttl("claim-0.mb-0123456789ab.mesh.test") == 30);
  CHECK(ttl("_dnsmesh-heartbeat.mesh.test") == 30);
  CHECK(ttl("_dnsmesh-seen.other.example") == 30);
  CHECK(ttl("SLOT-10.MB-FF.mesh.test") == 30);
  CHECK(ttl("chunk-0001-0123456789ab.mesh.test") == 3600);
  CHECK(ttl("slot-x.mb-ff.mesh.test") == 3600);
  CHECK(ttl("a.slot-1.mb-ff.mesh.test") == 3600);
  Bed zero({.served_zone = "mesh.test", .answer_ttl_s = 0});
  zero.put("x.mesh.test", "v");
  CHECK(zero.ask(query("x.mesh.test")).answers.at(0).ttl == 1);
}

TEST_CASE("an expired value is left out and does not bound the TTL of the others") {
  Bed bed;
  bed.put("x.mesh.test", "old", 10);
  bed.put("x.mesh.test", "new", 1000);
  const Answer answer = bed.ask_name("x.mesh.test", k_type_txt, Transport::udp, k_now_s + 10);
  CHECK(texts(answer) == std::set<std::string>{"new"});
  CHECK(answer.answers[0].ttl == 60);
}

TEST_CASE("every value comes first at times") {
  Bed bed;
  for (char c = 'a'; c < 'k'; ++c) bed.put("x.mesh.test", std::string(1, c));
  std::set<std::string> first;
  for (int i = 0; i < 400; ++i) {
    const Answer answer = bed.ask(query("x.mesh.test"));
    CHECK(texts(answer).size() == 10);
    first.insert(answer.answers.at(0).text);
  }
  CHECK(first.size() == 10);
}

TEST_CASE("the owner is a pointer to the question, and SOA names share its end") {
  Bed bed;
  bed.put("x.mesh.test", "v");
  CHECK(bed.ask(query("x.mesh.test")).octets.size() == k_around_one_value + 1);
  const Answer negative = bed.ask(query("y.mesh.test"));
  // Owner 2, fixed 10, MNAME 2, RNAME 11 + 2, numbers 20.
  CHECK(negative.octets.size() == query("y.mesh.test").size() + 2 + 10 + 2 + 13 + 20);
}

TEST_CASE("without OPT an answer of 512 octets fits, one of 513 is truncated") {
  Bed bed;
  // One value of two strings: a second length octet.
  bed.put("x.mesh.test", std::string(512 - k_around_one_value - 1, 'v'));
  const Answer fits = bed.ask(query("x.mesh.test"));
  CHECK(fits.octets.size() == 512);
  CHECK_FALSE(fits.tc);
  CHECK(fits.answers.size() == 1);
  bed.put("x.mesh.test", std::string(512 - k_around_one_value, 'w'));
  bed.remove("x.mesh.test", std::string(512 - k_around_one_value - 1, 'v'));
  const Answer cut = bed.ask(query("x.mesh.test"));
  CHECK(cut.tc);
  CHECK(cut.answers.empty());
  CHECK(cut.questions == 1);
  CHECK(cut.aa);
  CHECK(cut.rcode == 0);
  CHECK_FALSE(cut.has_opt);
  CHECK(bed.count(Outcome::truncated) == 1);
  CHECK(bed.count(Outcome::noerror) == 2);
  CHECK(bed.ask_name("x.mesh.test", k_type_txt, Transport::tcp).answers.size() == 1);
}

TEST_CASE("with OPT the limit is the client's size, at least 512 and at most the server's cap, OPT included") {
  Bed bed({.served_zone = "mesh.test", .udp_octets_max = 4096});
  Bed capped;
  // Grows one value octet by octet from `from` until the answer is truncated.
  const auto largest = [](Bed& b, std::uint16_t payload, std::size_t from) {
    std::size_t size = 0;
    for (std::size_t v = from; v < 4200; ++v) {
      const std::string value(v, 'v');
      b.put("x.mesh.test", value);
      const Answer answer = b.ask(message({.payload = payload}));
      b.remove("x.mesh.test", value);
      CHECK(answer.has_opt);
      if (answer.tc) break;
      size = answer.octets.size();
    }
    return size;
  };
  CHECK(largest(bed, 0, 440) == 512);
  CHECK(largest(bed, 100, 440) == 512);
  CHECK(largest(bed, 513, 440) == 513);
  CHECK(largest(bed, 1400, 1320) == 1400);
  CHECK(largest(bed, 65535, 4000) == 4096);
  CHECK(largest(capped, 65535, 1150) == 1232);
  CHECK(largest(capped, 1231, 1150) == 1231);
}

TEST_CASE("a truncated negative answer keeps its rcode") {
  // A zone of 200 octets with NS and RNAME elsewhere makes a SOA that 512 octets do not hold.
  const auto long_name = [](char c) {
    const std::string label(60, c);
    return label + "." + label + "." + label + "." + std::string(55, c);
  };
  Bed bed({.served_zone = long_name('z'), .apex_ns = long_name('n'), .apex_soa_rname = long_name('r')});
  const Answer answer = bed.ask(query("a." + long_name('z')));
  CHECK(answer.tc);
  CHECK(answer.aa);
  CHECK(answer.rcode == 3);
  CHECK(answer.authority.empty());
  CHECK(bed.ask_name("a." + long_name('z'), k_type_txt, Transport::tcp).authority.size() == 1);
}

TEST_CASE("OPT in the answer: only when asked, 1232, version 0, DO copied") {
  Bed bed;
  CHECK_FALSE(bed.ask(query("x.mesh.test")).has_opt);
  for (const std::uint32_t opt_ttl : {0U, 0x8000U, 0x7FFFU}) {
    const Answer answer = bed.ask(message({.payload = 4096, .opt_ttl = opt_ttl}));
    CHECK(answer.has_opt);
    CHECK(answer.payload == 1232);
    CHECK(answer.version == 0);
    CHECK(answer.extended_rcode == 0);
    CHECK(answer.dnssec_ok == ((opt_ttl & 0x8000) != 0));
  }
}

TEST_CASE("an RRset that no TCP message holds is SERVFAIL over TCP and truncated over UDP") {
  Bed bed;
  for (int i = 0; i < 40; ++i) bed.put("x.mesh.test", std::to_string(i) + std::string(2000, 'v'));
  const Answer answer = bed.ask(message({.payload = 1232}), Transport::tcp);
  CHECK(answer.rcode == k_servfail);
  CHECK_FALSE(answer.aa);
  CHECK_FALSE(answer.tc);
  CHECK(answer.questions == 1);
  CHECK(answer.options == std::string("\0\17\0\2\0\0", 6));
  CHECK(bed.count(Outcome::servfail) == 1);
  CHECK(bed.ask(query("x.mesh.test")).tc);
}

TEST_CASE("one value larger than any RDATA is SERVFAIL over TCP") {
  Bed bed;
  bed.put("x.mesh.test", std::string(70000, 'v'));
  CHECK(bed.ask_name("x.mesh.test", k_type_txt, Transport::tcp).rcode == k_servfail);
  CHECK(bed.ask(query("x.mesh.test")).tc);
}

TEST_CASE("the largest RRset that the store accepts fits a TCP answer under the longest name") {
  const std::string zone = std::string(63, 'z') + "." + std::string(63, 'z') + "." + std::string(63, 'z');
  Bed bed({.served_zone = zone});
  const std::string name = std::string(61, 'x') + "." + zone;
  const std::size_t per_value = limits::txt_rr_overhead_octets + 2000 + 8;
  for (std::size_t i = 0; i < limits::rrset_octets_max / per_value; ++i) {
    bed.put(name, std::to_string(1000 + i) + std::string(1996, 'v'));
  }
  const Answer answer = bed.ask(message({.name = name, .payload = 1232}), Transport::tcp);
  CHECK(answer.answers.size() == limits::rrset_octets_max / per_value);
}

TEST_CASE("settings that cannot work are refused") {
  const auto is_refused = [](const ZoneSettings& settings) {
    const Result<Zone> zone = make_zone(settings);
    return !zone && zone.error().code == ErrorCode::config_bad_value;
  };
  CHECK(is_refused({.served_zone = "a..b"}));
  CHECK(is_refused({.served_zone = std::string(64, 'a')}));
  CHECK(is_refused({.served_zone = "mesh.test", .apex_a = "2001:db8::1"}));
  CHECK(is_refused({.served_zone = "mesh.test", .apex_aaaa = "192.0.2.1"}));
  CHECK(is_refused({.served_zone = "mesh.test", .apex_ns = "a..b"}));
  CHECK(is_refused({.udp_octets_max = 511}));
  CHECK(is_refused({.udp_octets_max = 4097}));
  CHECK_FALSE(is_refused({.udp_octets_max = 512}));
  for (std::string ZoneSettings::* text : {&ZoneSettings::nsid, &ZoneSettings::version, &ZoneSettings::hostname}) {
    ZoneSettings settings;
    settings.*text = std::string(limits::dns_identity_bytes_max, 'n');
    CHECK_FALSE(is_refused(settings));
    settings.*text += 'n';
    CHECK(is_refused(settings));
  }
  CHECK_FALSE(is_refused({}));
}
