// SPDX-License-Identifier: Apache-2.0
// The two tables of spec/dns.md 4, and CHAOS and QTYPE rules, row by row.
#include <algorithm>

#include "support.hpp"

using namespace dnsmesh;
using namespace dnsmesh::dns;
using namespace dnsmesh::dns::test;

namespace {

constexpr unsigned k_noerror = 0, k_formerr = 1, k_servfail = 2, k_nxdomain = 3, k_notimp = 4, k_refused = 5;

const ZoneSettings k_full_apex = {.served_zone = "Mesh.Test.",
                                  .apex_a = "192.0.2.7",
                                  .apex_aaaa = "2001:db8::7",
                                  .apex_ns = "ns1.mesh.test",
                                  .apex_soa_rname = "admin.example.org"};

void check_nodata(const Answer& answer, bool with_soa) {
  CHECK(answer.rcode == k_noerror);
  CHECK(answer.aa);
  CHECK(answer.answers.empty());
  CHECK(answer.authority.size() == (with_soa ? 1 : 0));
}

void check_refused(const Answer& answer) {
  CHECK(answer.rcode == k_refused);
  CHECK_FALSE(answer.aa);
  CHECK(answer.questions == 1);
  CHECK(answer.answers.empty());
  CHECK(answer.authority.empty());
}

}  // namespace

TEST_CASE("TXT at a stored name answers its value with AA, the question echoed") {
  Bed bed;
  bed.put("x.mesh.test", "v=dmp1;t=chunk;d=AAAA");
  const Answer answer = bed.ask(query("X.mEsH.test"));
  CHECK(answer.id == 0x1234);
  CHECK(answer.rcode == k_noerror);
  CHECK(answer.aa);
  REQUIRE(answer.answers.size() == 1);
  CHECK(answer.answers[0].text == "v=dmp1;t=chunk;d=AAAA");
  CHECK(answer.answers[0].owner == "X.mEsH.test");
  CHECK(answer.octets.substr(12, 17) == query("X.mEsH.test").substr(12, 17));
  CHECK(answer.authority.empty());
  CHECK_FALSE(answer.has_opt);
  CHECK(bed.count(Outcome::noerror) == 1);
}

TEST_CASE("A, AAAA, NS and SOA at the apex answer the configured value") {
  Bed bed(k_full_apex);
  const auto only = [&](std::uint16_t type) {
    const Answer answer = bed.ask_name("mesh.test", type);
    CHECK(answer.rcode == k_noerror);
    CHECK(answer.aa);
    CHECK(answer.authority.empty());
    REQUIRE(answer.answers.size() == 1);
    CHECK(answer.answers[0].type == type);
    CHECK(answer.answers[0].ttl == 60);
    return answer.answers[0].text;
  };
  CHECK(only(k_type_a) == "192.0.2.7");
  CHECK(only(k_type_aaaa) == "2001:db8::7");
  CHECK(only(k_type_ns) == "ns1.mesh.test.");
  CHECK(only(k_type_soa) == "ns1.mesh.test. admin.example.org. 1700000000 3600 600 604800 60");
}

TEST_CASE("A, AAAA and NS at the apex that are not configured are NODATA with a SOA") {
  Bed bed;
  for (const std::uint16_t type : {k_type_a, k_type_aaaa, k_type_ns})
    check_nodata(bed.ask_name("mesh.test", type), true);
}

TEST_CASE("without NS and RNAME the SOA names the zone and its hostmaster, and no NS is made up") {
  Bed bed;
  const Answer answer = bed.ask_name("mesh.test", k_type_soa);
  REQUIRE(answer.answers.size() == 1);
  CHECK(answer.answers[0].text == "mesh.test. hostmaster.mesh.test. 1700000000 3600 600 604800 60");
}

TEST_CASE("TXT at the apex answers a stored value, and NODATA with none") {
  Bed bed;
  check_nodata(bed.ask_name("mesh.test"), true);
  bed.put("mesh.test", "hello");
  CHECK(bed.ask_name("mesh.test").answers.at(0).text == "hello");
}

TEST_CASE("TXT elsewhere in the zone with nothing stored is NXDOMAIN with a SOA") {
  Bed bed;
  const Answer answer = bed.ask_name("nothing.mesh.test");
  CHECK(answer.rcode == k_nxdomain);
  CHECK(answer.aa);
  CHECK(answer.answers.empty());
  REQUIRE(answer.authority.size() == 1);
  CHECK(answer.authority[0].owner == "mesh.test");
  CHECK(bed.count(Outcome::nxdomain) == 1);
}

TEST_CASE("any other type in the zone is NODATA, whether the name exists or not") {
  Bed bed;
  bed.put("x.mesh.test", "v");
  for (const std::uint16_t type :
       std::initializer_list<std::uint16_t>{0, 1, 2, 5, 6, 15, 28, 43, 47, 48, 65, 99, 127, 256, 257, 65280, 65535}) {
    CAPTURE(type);
    check_nodata(bed.ask_name("x.mesh.test", type), true);
    check_nodata(bed.ask_name("nothing.mesh.test", type), true);
  }
}

TEST_CASE("DS, DNSKEY and NSEC at the apex of the unsigned zone are NODATA") {
  Bed bed;
  for (const std::uint16_t type : std::initializer_list<std::uint16_t>{43, 48, 47})
    check_nodata(bed.ask_name("mesh.test", type), true);
}

TEST_CASE("a name above live names is NODATA, and NXDOMAIN again when they have ended") {
  Bed bed;
  bed.put("slot-3.mb-ab12.mesh.test", "v", 100);
  check_nodata(bed.ask_name("mb-ab12.mesh.test"), true);
  check_nodata(bed.ask_name("mb-ab12.mesh.test", k_type_a), true);
  CHECK(bed.ask_name("mb-ab12.mesh.test", k_type_txt, Transport::udp, k_now_s + 100).rcode == k_nxdomain);
  bed.remove("slot-3.mb-ab12.mesh.test", "v");
  CHECK(bed.ask_name("mb-ab12.mesh.test").rcode == k_nxdomain);
}

TEST_CASE("a name outside the zone with nothing stored is REFUSED without a SOA, and EDE 20 with EDNS") {
  Bed bed;
  bed.put("x.mesh.test", "v");
  for (const char* name : {"example.org", "xmesh.test", "test", "com", "."}) check_refused(bed.ask_name(name));
  check_refused(bed.ask_name("example.org", k_type_a));
  check_refused(bed.ask_name("example.org", k_type_any));
  const Answer answer = bed.ask(message({.name = "example.org", .payload = 1232}));
  check_refused(answer);
  CHECK(answer.options == std::string("\0\17\0\2\0\24", 6));
  CHECK(bed.count(Outcome::refused) == 8);
}

TEST_CASE("a name stored for another zone is served, and an empty answer at or above it is NODATA without a SOA") {
  Bed bed;
  bed.put("_dmp.alice.example.org", "boot", 100);
  const Answer answer = bed.ask_name("_dmp.alice.example.org");
  CHECK(answer.aa);
  CHECK(answer.answers.at(0).text == "boot");
  check_nodata(bed.ask_name("_dmp.alice.example.org", k_type_a), false);
  check_nodata(bed.ask_name("alice.example.org"), false);
  check_nodata(bed.ask_name("example.org", k_type_a), false);
  check_refused(bed.ask_name("deeper._dmp.alice.example.org"));
  check_refused(bed.ask_name("bob.example.org"));
  check_refused(bed.ask_name("_dmp.alice.example.org", k_type_txt, Transport::udp, k_now_s + 100));
  check_refused(bed.ask_name("example.org", k_type_txt, Transport::udp, k_now_s + 100));
}

TEST_CASE("without a served zone every name is answered with AA and without a SOA") {
  Bed bed(ZoneSettings{});
  bed.put("a.b", "v");
  CHECK(bed.ask_name("a.b").answers.size() == 1);
  const Answer missing = bed.ask_name("nothing.example");
  CHECK(missing.rcode == k_nxdomain);
  CHECK(missing.aa);
  CHECK(missing.authority.empty());
  check_nodata(bed.ask_name("nothing.example", k_type_a), false);
  check_nodata(bed.ask_name("a.b", k_type_soa), false);
  check_nodata(bed.ask_name("b"), false);
}

TEST_CASE("ANY over UDP answers one RRset: TXT when there is one, else the SOA at the apex") {
  Bed bed(k_full_apex);
  Answer answer = bed.ask_name("mesh.test", k_type_any);
  REQUIRE(answer.answers.size() == 1);
  CHECK(answer.answers[0].type == k_type_soa);
  bed.put("mesh.test", "v");
  answer = bed.ask_name("mesh.test", k_type_any);
  REQUIRE(answer.answers.size() == 1);
  CHECK(answer.answers[0].type == k_type_txt);
}

TEST_CASE("ANY over TCP answers every RRset at the name") {
  Bed bed(k_full_apex);
  bed.put("mesh.test", "v");
  bed.put("x.mesh.test", "w");
  std::vector<std::uint16_t> types;
  for (const AnswerRecord& r : bed.ask_name("mesh.test", k_type_any, Transport::tcp).answers) types.push_back(r.type);
  std::ranges::sort(types);
  CHECK(types == std::vector<std::uint16_t>{k_type_a, k_type_ns, k_type_soa, k_type_txt, k_type_aaaa});
  CHECK(bed.ask_name("x.mesh.test", k_type_any, Transport::tcp).answers.size() == 1);
}

TEST_CASE("ANY at a name with neither TXT nor SOA is NODATA") {
  Bed bed;
  check_nodata(bed.ask_name("nothing.mesh.test", k_type_any), true);
  check_nodata(bed.ask_name("nothing.mesh.test", k_type_any, Transport::tcp), true);
}

TEST_CASE("AXFR and IXFR are REFUSED over UDP and TCP, also at the apex, and EDE 18 with EDNS") {
  Bed bed;
  for (const std::uint16_t type : {k_type_axfr, k_type_ixfr}) {
    check_refused(bed.ask_name("mesh.test", type, Transport::udp));
    check_refused(bed.ask_name("mesh.test", type, Transport::tcp));
    const Answer answer = bed.ask(message({.name = "mesh.test", .type = type, .payload = 1232}));
    CHECK(answer.options == std::string("\0\17\0\2\0\22", 6));
  }
}

TEST_CASE("OPT and TSIG as QTYPE are FORMERR") {
  Bed bed;
  for (const std::uint16_t type : {k_type_opt, k_type_tsig}) {
    const Answer answer = bed.ask_name("x.mesh.test", type);
    CHECK(answer.rcode == k_formerr);
    CHECK_FALSE(answer.aa);
    CHECK_FALSE(answer.is_malformed);
  }
  CHECK(bed.count(Outcome::formerr) == 2);
}

TEST_CASE("the other QTYPEs from 128 to 255 are NOTIMP") {
  Bed bed;
  for (const std::uint16_t type : std::initializer_list<std::uint16_t>{128, 200, 249, 253, 254}) {
    CAPTURE(type);
    const Answer answer = bed.ask_name("x.mesh.test", type);
    CHECK(answer.rcode == k_notimp);
    CHECK_FALSE(answer.aa);
  }
}

TEST_CASE("class CH answers only what the operator set, by TXT, else REFUSED") {
  Bed bed({.served_zone = "mesh.test", .version = "one", .hostname = "two"});
  const auto chaos = [&](std::string name, std::uint16_t type = k_type_txt) {
    return bed.ask(message({.name = std::move(name), .type = type, .qclass = k_class_chaos}));
  };
  for (const char* name : {"version.bind", "VERSION.server"}) {
    const Answer answer = chaos(name);
    REQUIRE(answer.answers.size() == 1);
    CHECK(answer.answers[0].text == "one");
    CHECK(answer.answers[0].rclass == k_class_chaos);
  }
  for (const char* name : {"hostname.bind", "id.server"}) CHECK(chaos(name).answers.at(0).text == "two");
  check_refused(chaos("authors.bind"));
  check_refused(chaos("version.bind", k_type_a));
  bed.put("x.mesh.test", "v");
  check_refused(chaos("x.mesh.test"));
  Bed unset;
  check_refused(unset.ask(message({.name = "version.bind", .qclass = k_class_chaos})));
}

TEST_CASE("QCLASS ANY is answered like IN, every class but IN, CH and ANY is REFUSED") {
  Bed bed;
  bed.put("x.mesh.test", "v");
  const Answer answer = bed.ask(message({.name = "x.mesh.test", .qclass = k_class_any}));
  REQUIRE(answer.answers.size() == 1);
  CHECK(answer.answers[0].rclass == k_class_in);
  for (const std::uint16_t qclass : std::initializer_list<std::uint16_t>{0, 2, 4, 254, 65535}) {
    check_refused(bed.ask(message({.name = "x.mesh.test", .qclass = qclass})));
  }
}

TEST_CASE("the negative TTL is at most 60, and at most 15 at names that clients poll") {
  Bed bed({.served_zone = "mesh.test", .answer_ttl_s = 3600});
  const auto soa_ttl = [&](const char* name) { return bed.ask_name(name).authority.at(0).ttl; };
  CHECK(soa_ttl("x.mesh.test") == 60);
  CHECK(soa_ttl("slot-0.mb-0123456789ab.mesh.test") == 15);
  CHECK(soa_ttl("claim-12.mb-ff.mesh.test") == 15);
  CHECK(soa_ttl("slot-.mb-ff.mesh.test") == 60);
  CHECK(soa_ttl("slot-1.mb-xyz.mesh.test") == 60);
  CHECK(soa_ttl("_dnsmesh-seen.mesh.test") == 60);
  CHECK(bed.ask_name("x.mesh.test").authority.at(0).text.ends_with(" 60"));
  Bed small({.served_zone = "mesh.test", .answer_ttl_s = 5});
  CHECK(small.ask_name("slot-0.mb-ab.mesh.test").authority.at(0).ttl == 5);
  CHECK(small.ask_name("slot-0.mb-ab.mesh.test").authority.at(0).text.ends_with(" 5"));
}

TEST_CASE("the SOA serial rises with changes, once a second at most, and never goes back") {
  Bed bed;
  const auto serial = [&] { return bed.index.soa_serial(); };
  bed.clock.advance_ms(60000);
  CHECK(serial() == k_now_s);
  bed.put("x.mesh.test", "v");
  CHECK(serial() == k_now_s + 60);
  bed.put("x.mesh.test", "w");
  CHECK(serial() == k_now_s + 60);
  bed.clock.set_wall_ms((k_now_s - 1000) * 1000);
  bed.remove("x.mesh.test", "w");
  CHECK(serial() == k_now_s + 61);
}

TEST_CASE("while the index loads, what it does not know is SERVFAIL, what it knows is answered") {
  ManualClock clock{k_now_s * 1000};
  SeededRandom random{1};
  const Zone zone = make_zone({.served_zone = "mesh.test"}).value();
  AnswerIndex index(clock, random, zone.apex);
  const Engine engine(zone, index, k_secret);
  QueryContext context(index, random);
  std::string out(4096, '\0');
  const auto ask = [&](std::string_view octets) {
    return parse_answer(out.substr(0, engine.answer(octets, {.now_s = k_now_s}, context, out).octets));
  };
  const auto rcode = [&](std::string_view octets) { return ask(octets).rcode; };
  // EDE 14: not ready.
  CHECK(ask(message({.payload = 1232})).options == std::string("\0\17\0\2\0\16", 6));
  CHECK(rcode(query("x.mesh.test")) == k_servfail);
  store::Record row;
  row.name = "x.mesh.test";
  row.value = "v";
  row.expires_s = k_now_s + 1;
  index.load(row);
  CHECK(rcode(query("x.mesh.test")) == k_noerror);
  CHECK(rcode(query("y.mesh.test")) == k_servfail);
  index.finish_loading();
  CHECK(rcode(query("y.mesh.test")) == k_nxdomain);
}
