// SPDX-License-Identifier: Apache-2.0
// The table of spec/dns.md 3 and the header bits of 10, row by row.
#include <initializer_list>

#include "support.hpp"

using namespace dnsmesh;
using namespace dnsmesh::dns;
using namespace dnsmesh::dns::test;

namespace {

constexpr unsigned k_formerr = 1, k_notimp = 4, k_refused = 5;

std::uint16_t opcode_flags(unsigned opcode) {
  return static_cast<std::uint16_t>(opcode << 11 | k_flag_recursion_desired);
}

void check_header_only(const Answer& answer, unsigned rcode) {
  CHECK(answer.octets.size() == 12);
  CHECK(answer.id == 0x1234);
  CHECK(answer.rcode == rcode);
  CHECK(answer.questions == 0);
  CHECK(answer.rd);
  CHECK_FALSE(answer.aa);
}

void check_malformed(Bed& bed, const std::string& octets) {
  const std::uint64_t before = bed.count(Outcome::malformed);
  const Answer answer = bed.ask(octets);
  check_header_only(answer, k_formerr);
  CHECK(answer.is_malformed);
  CHECK(bed.count(Outcome::malformed) == before + 1);
}

void check_formerr_with_opt(Bed& bed, const std::string& octets) {
  const Answer answer = bed.ask(octets);
  CHECK(answer.rcode == k_formerr);
  CHECK(answer.has_opt);
  CHECK(answer.version == 0);
  CHECK(answer.answers.empty());
  CHECK_FALSE(answer.aa);
}

/// A query whose question name is these octets.
std::string with_raw_name(std::string_view name) {
  return ByteWriter()
      .u16(0x1234)
      .u16(k_flag_recursion_desired)
      .u16(1)
      .u16(0)
      .u32(0)
      .bytes(name)
      .u16(k_type_txt)
      .u16(k_class_in)
      .take();
}

}  // namespace

TEST_CASE("fewer than 12 octets are dropped") {
  Bed bed;
  for (std::size_t size = 0; size < 12; ++size) CHECK_FALSE(bed.ask(query("x.mesh.test").substr(0, size)).sent());
  CHECK(bed.count(Outcome::dropped_short) == 12);
}

TEST_CASE("QR=1 is dropped, whatever else the message is") {
  Bed bed;
  for (unsigned opcode = 0; opcode < 16; ++opcode) {
    const auto flags = static_cast<std::uint16_t>(opcode_flags(opcode) | k_flag_response);
    CHECK_FALSE(bed.ask(message({.flags = flags})).sent());
  }
  CHECK_FALSE(bed.ask(message({.flags = k_flag_response}).substr(0, 15)).sent());
  CHECK(bed.count(Outcome::dropped_response) == 17);
  CHECK(bed.count(Outcome::malformed) == 0);
}

TEST_CASE("IQUERY, STATUS and NOTIFY with a question are NOTIMP with that question") {
  Bed bed;
  for (const unsigned opcode : {1U, 2U, 4U}) {
    const Answer answer = bed.ask(message({.flags = opcode_flags(opcode)}));
    CHECK(answer.rcode == k_notimp);
    CHECK(answer.opcode == opcode);
    CHECK(answer.questions == 1);
    CHECK_FALSE(answer.aa);
    CHECK(answer.authority.empty());
  }
  check_header_only(bed.ask(message({.flags = opcode_flags(2), .questions = 0})), k_notimp);
}

TEST_CASE("unassigned opcodes are NOTIMP, header only, even when the rest cannot be parsed") {
  Bed bed;
  for (const unsigned opcode : {3U, 6U, 7U, 8U, 9U, 10U, 11U, 12U, 13U, 14U, 15U}) {
    CAPTURE(opcode);
    const Answer answer = bed.ask(message({.flags = opcode_flags(opcode), .payload = 1232}));
    check_header_only(answer, k_notimp);
    CHECK(answer.opcode == opcode);
    check_header_only(bed.ask(message({.flags = opcode_flags(opcode)}).substr(0, 20)), k_notimp);
  }
}

TEST_CASE("UPDATE with no writer behind the node is REFUSED with its zone, never NOTIMP") {
  Bed bed;
  const std::string add = rr_octets(wire_name("_dmp-probe.mesh.test"), k_type_txt, k_class_in, "\17v=dmp1;t=probe");
  const Answer answer = bed.ask(message(
      {.name = "mesh.test", .type = k_type_soa, .flags = opcode_flags(5), .answers = add, .authority_count = 1}));
  CHECK(answer.rcode == k_refused);
  CHECK(answer.opcode == 5);
  CHECK(answer.questions == 1);
  CHECK_FALSE(answer.aa);
  CHECK(answer.authority.empty());
  CHECK(bed.ask(message({.flags = opcode_flags(5), .questions = 0})).rcode == k_refused);
}

TEST_CASE("UPDATE with a bad zone section or a bad body is FORMERR") {
  Bed bed;
  const auto rcode = [&](Request r) {
    r.flags = opcode_flags(5);
    return bed.ask(message(r)).rcode;
  };
  CHECK(rcode({.type = k_type_soa, .questions = 2}) == k_formerr);
  CHECK(rcode({.type = k_type_txt}) == k_formerr);
  CHECK(rcode({.type = k_type_soa, .qclass = k_class_any}) == k_formerr);
  CHECK(rcode({.type = k_type_soa, .qclass = k_class_none}) == k_formerr);
  CHECK(rcode({.type = k_type_soa, .authority_count = 1}) == k_formerr);
  CHECK(rcode({.type = k_type_soa, .qclass = k_class_chaos}) == k_refused);
}

TEST_CASE("QDCOUNT 0 is FORMERR with AA clear and OPT when asked") {
  Bed bed;
  check_header_only(bed.ask(message({.questions = 0})), k_formerr);
  check_formerr_with_opt(bed, message({.questions = 0, .payload = 1232}));
  CHECK(bed.count(Outcome::formerr) == 2);
}

TEST_CASE("QDCOUNT 2 and more is FORMERR") {
  Bed bed;
  check_header_only(bed.ask(message({.questions = 2})), k_formerr);
  check_formerr_with_opt(bed, message({.questions = 3, .payload = 1232}));
  CHECK(bed.count(Outcome::formerr) == 2);
}

TEST_CASE("octets after the last RR are FORMERR, header only") {
  Bed bed;
  check_malformed(bed, query("x.mesh.test") + '\0');
  check_malformed(bed, message({.payload = 1232}) + "more");
}

TEST_CASE("truncations anywhere are FORMERR, header only") {
  Bed bed;
  const std::string whole = message({.payload = 1232, .options = std::string("\0\12\0\10abcdefgh", 12)});
  for (std::size_t size = 12; size < whole.size(); ++size) check_malformed(bed, whole.substr(0, size));
}

TEST_CASE("a label of 63 octets and a name of 255 are names, one octet more is FORMERR") {
  Bed bed(ZoneSettings{});
  const std::string label63 = "\77" + std::string(63, 'a');
  const std::string zero(1, '\0');
  CHECK(bed.ask(with_raw_name(label63 + zero)).rcode == 3);
  check_malformed(bed, with_raw_name("\100" + std::string(64, 'a') + zero));
  const std::string three = label63 + label63 + label63;
  CHECK(bed.ask(with_raw_name(three + "\75" + std::string(61, 'a') + zero)).rcode == 3);
  check_malformed(bed, with_raw_name(three + "\76" + std::string(62, 'a') + zero));
}

TEST_CASE("reserved label types are FORMERR") {
  Bed bed;
  check_malformed(bed, with_raw_name(std::string("\x41", 1) + std::string(65, 'a') + '\0'));
  check_malformed(bed, with_raw_name(std::string("\x80\0", 2)));
}

TEST_CASE("compression pointers to themselves, forwards, into the header or in a loop are FORMERR") {
  Bed bed;
  check_malformed(bed, with_raw_name(std::string("\xC0\x0C", 2)));
  check_malformed(bed, with_raw_name(std::string("\xC0\x20\0", 3)));
  check_malformed(bed, with_raw_name(std::string("\xC0\x00", 2)));
  check_malformed(bed, with_raw_name(std::string("\1a\xC0\x0C", 4)));
  check_malformed(bed, with_raw_name(std::string("\xC0", 1)));
  // Two owners that point at each other.
  const std::size_t at = query("x.mesh.test").size();
  const auto pointer = [](std::size_t to) { return ByteWriter().u16(static_cast<std::uint16_t>(0xC000 + to)).take(); };
  const std::string loop =
      rr_octets(pointer(at + 12), k_type_a, k_class_in, "") + rr_octets(pointer(at), k_type_a, k_class_in, "");
  check_malformed(bed, message({.answers = loop, .answer_count = 2}));
}

TEST_CASE("owners compressed backwards are read") {
  Bed bed;
  bed.put("x.mesh.test", "v");
  const std::string to_question("\xC0\x0C", 2);
  const std::string extra = rr_octets(to_question, k_type_a, k_class_in, "abcd");
  CHECK(bed.ask(message({.extra = extra, .extra_count = 1})).answers.size() == 1);
}

TEST_CASE("a long chain of backward pointers is followed within the limit only") {
  Bed bed;
  // Each RR's owner points at the owner before it.
  const auto chain = [](unsigned links) {
    std::string records;
    std::size_t at = query("x.mesh.test").size();
    std::size_t target = 12;
    for (unsigned i = 0; i < links; ++i) {
      records +=
          rr_octets(ByteWriter().u16(static_cast<std::uint16_t>(0xC000 + target)).take(), k_type_a, k_class_in, "");
      target = at;
      at += 12;
    }
    return message({.extra = records, .extra_count = links});
  };
  CHECK(bed.ask(chain(127)).rcode == 3);
  check_malformed(bed, chain(128));
}

TEST_CASE("RDLENGTH beyond the end and counts above what is there are FORMERR") {
  Bed bed;
  const std::string cut = rr_octets(std::string_view("\0", 1), k_type_a, k_class_in, "abcd");
  check_malformed(bed, message({.extra = cut.substr(0, cut.size() - 1), .extra_count = 1}));
  check_malformed(bed, message({.extra = cut, .extra_count = 2}));
  check_malformed(bed, message({.answer_count = 65535, .authority_count = 65535, .extra_count = 65535}));
}

TEST_CASE("two OPT RRs, OPT outside the additional section, and OPT below the root are FORMERR with OPT") {
  Bed bed;
  check_formerr_with_opt(bed, message({.payload = 1232, .extra = opt_record(1232), .extra_count = 1}));
  check_formerr_with_opt(bed, message({.answers = opt_record(1232), .answer_count = 1}));
  check_formerr_with_opt(bed, message({.answers = opt_record(1232), .authority_count = 1}));
  check_formerr_with_opt(bed,
                         message({.extra = opt_record(1232, 0, {}, std::string_view("\1a\0", 3)), .extra_count = 1}));
  CHECK(bed.count(Outcome::malformed) == 4);
}

TEST_CASE("malformed option lists are FORMERR with OPT, unknown options are ignored") {
  Bed bed;
  for (const std::string& options : {std::string("\0", 1), std::string("\0\12\0", 3),
                                     std::string("\0\12\0\11abcdefgh", 12), std::string("\0\12\0\0\0", 5)}) {
    check_formerr_with_opt(bed, message({.payload = 1232, .options = options}));
  }
  const std::string unknown("\xFF\xFF\0\3abc\0\10\0\0\0\14\0\2\0\0", 17);
  const Answer answer = bed.ask(message({.payload = 1232, .options = unknown}));
  CHECK(answer.rcode == 3);
  CHECK(answer.options.empty());
}

TEST_CASE("EDNS versions above 0 are BADVERS with the question and OPT version 0") {
  Bed bed;
  bed.put("x.mesh.test", "v");
  for (const std::uint32_t version : {1U, 255U}) {
    const Answer answer = bed.ask(message({.payload = 1232, .opt_ttl = version << 16 | 0x8000, .options = "odd"}));
    CHECK(answer.rcode == 0);
    CHECK(answer.extended_rcode == 1);
    CHECK(answer.version == 0);
    CHECK(answer.dnssec_ok);
    CHECK(answer.questions == 1);
    CHECK(answer.answers.empty());
    CHECK(answer.authority.empty());
    CHECK_FALSE(answer.aa);
  }
  CHECK(bed.count(Outcome::badvers) == 2);
}

TEST_CASE("RRs in the answer and authority sections of a query are ignored") {
  Bed bed;
  bed.put("x.mesh.test", "v");
  const std::string rr = rr_octets(wire_name("other.test"), k_type_a, k_class_in, "abcd");
  CHECK(bed.ask(message({.answers = rr + rr, .answer_count = 1, .authority_count = 1})).answers.size() == 1);
}

TEST_CASE("TC, AA, RA, Z, AD and CD of the request are ignored and clear in the answer, RD is copied") {
  Bed bed;
  bed.put("x.mesh.test", "v");
  for (const std::uint16_t flags : std::initializer_list<std::uint16_t>{0x0000, 0x0100, 0x06F0, 0x07F0}) {
    const Answer answer = bed.ask(message({.flags = flags}));
    const Header header = [&] {
      ByteReader reader(answer.octets);
      return read_header(reader);
    }();
    CHECK(header.flags == (k_flag_response | k_flag_authoritative | (flags & k_flag_recursion_desired)));
    CHECK(answer.answers.size() == 1);
  }
}

TEST_CASE("a case-randomised question is echoed octet for octet and found") {
  Bed bed;
  bed.put("slot-1.mb-ab.mesh.test", "v");
  const std::string asked = query("SlOt-1.Mb-aB.mEsH.tEsT");
  const Answer answer = bed.ask(asked);
  CHECK(answer.answers.size() == 1);
  CHECK(answer.octets.substr(12, asked.size() - 12) == asked.substr(12));
}

TEST_CASE("outcomes are called by their rcodes in lower case, and an answer counts under its own") {
  for (const auto& [rcode, name] :
       std::initializer_list<std::pair<Rcode, std::string_view>>{{Rcode::noerror, "noerror"},
                                                                 {Rcode::formerr, "formerr"},
                                                                 {Rcode::servfail, "servfail"},
                                                                 {Rcode::nxdomain, "nxdomain"},
                                                                 {Rcode::notimp, "notimp"},
                                                                 {Rcode::refused, "refused"},
                                                                 {Rcode::badvers, "badvers"},
                                                                 {Rcode::badcookie, "badcookie"}}) {
    CHECK(outcome_name(outcome_of(rcode)) == name);
  }
  CHECK(outcome_name(Outcome::notzone) == "notzone");
  CHECK(outcome_name(Outcome::rate_limited) == "rate_limited");
  CHECK(outcome_name(Outcome::tsig_failed) == "tsig_failed");
  CHECK(outcome_name(Outcome::dropped_connection) == "connection");
  CHECK(outcome_name(Outcome::send_calls) == "send_calls");
}
