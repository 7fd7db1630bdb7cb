// SPDX-License-Identifier: Apache-2.0
// Queries made by hand, answers read by ldns: what it cannot read is a failure of the test.
#pragma once

#include <doctest/doctest.h>
#include <ldns/ldns.h>
// ldns makes the C++ keywords macros.
#undef bool
#undef true
#undef false

#include <algorithm>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/cursor.hpp"
#include "base/random.hpp"
#include "dns/answer_index.hpp"
#include "dns/engine.hpp"
#include "dns/name.hpp"
#include "dns/zone.hpp"

namespace dnsmesh::dns::test {

using namespace std::string_view_literals;

inline constexpr std::int64_t k_now_s = 1700000000;
inline constexpr CookieSecret k_secret{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16};

/// An IPv4 or IPv6 address as ClientAddress.
inline ClientAddress client_of(std::string_view octets) {
  ClientAddress client;
  client.size = octets.size();
  std::ranges::copy(octets, client.octets.begin());
  return client;
}

inline std::string wire_name(std::string_view text) { return std::string(Name::from_text(text).value().wire()); }

/// The parts of a request; the defaults are a plain TXT query.
struct Request {
  std::string name = "x.mesh.test";
  std::uint16_t type = k_type_txt;
  std::uint16_t qclass = k_class_in;
  std::uint16_t flags = k_flag_recursion_desired;
  unsigned questions = 1;
  std::optional<std::uint16_t> payload = {};  // set: an OPT RR
  std::uint32_t opt_ttl = 0;                  // version and DO
  std::string options = {};
  std::string answers = {};  // RRs already in wire form, and how many
  unsigned answer_count = 0;
  unsigned authority_count = 0;
  std::string extra = {};  // behind the additional section
  unsigned extra_count = 0;
};

inline std::string opt_record(std::uint16_t payload, std::uint32_t ttl = 0, std::string_view options = {},
                              std::string_view owner = std::string_view("\0", 1)) {
  return ByteWriter()
      .bytes(owner)
      .u16(k_type_opt)
      .u16(payload)
      .u32(ttl)
      .u16(static_cast<std::uint16_t>(options.size()))
      .bytes(options)
      .take();
}

inline std::string rr_octets(std::string_view owner_wire, std::uint16_t type, std::uint16_t rclass,
                             std::string_view rdata) {
  return ByteWriter()
      .bytes(owner_wire)
      .u16(type)
      .u16(rclass)
      .u32(0)
      .u16(static_cast<std::uint16_t>(rdata.size()))
      .bytes(rdata)
      .take();
}

inline std::string message(const Request& r) {
  ByteWriter w;
  const unsigned additional = r.extra_count + (r.payload ? 1 : 0);
  w.u16(0x1234).u16(r.flags).u16(static_cast<std::uint16_t>(r.questions));
  w.u16(static_cast<std::uint16_t>(r.answer_count)).u16(static_cast<std::uint16_t>(r.authority_count));
  w.u16(static_cast<std::uint16_t>(additional));
  for (unsigned i = 0; i < r.questions; ++i) w.bytes(wire_name(r.name)).u16(r.type).u16(r.qclass);
  w.bytes(r.answers);
  if (r.payload) w.bytes(opt_record(*r.payload, r.opt_ttl, r.options));
  w.bytes(r.extra);
  return w.take();
}

inline std::string query(std::string name, std::uint16_t type = k_type_txt) {
  return message({.name = std::move(name), .type = type});
}

struct AnswerRecord {
  std::string owner;  // without the final dot
  std::uint16_t type = 0;
  std::uint16_t rclass = 0;
  std::uint32_t ttl = 0;
  std::string text;  // TXT: the strings joined; others: presentation form of the RDATA
};

struct Answer {
  std::string octets;
  bool is_malformed = false;
  unsigned id = 0, opcode = 0, rcode = 0;
  bool aa = false, tc = false, rd = false, ra = false, ad = false, cd = false;
  unsigned questions = 0;
  std::vector<AnswerRecord> answers, authority;
  bool has_opt = false, dnssec_ok = false;
  unsigned payload = 0, version = 0, extended_rcode = 0;
  std::string options;  // RDATA of OPT

  bool sent() const { return !octets.empty(); }
};

inline std::vector<AnswerRecord> records_of(const ldns_rr_list* list) {
  std::vector<AnswerRecord> out;
  for (std::size_t i = 0; i < ldns_rr_list_rr_count(list); ++i) {
    const ldns_rr* rr = ldns_rr_list_rr(list, i);
    const std::unique_ptr<char, decltype(&free)> owner(ldns_rdf2str(ldns_rr_owner(rr)), &free);
    AnswerRecord record{owner.get(), static_cast<std::uint16_t>(ldns_rr_get_type(rr)),
                        static_cast<std::uint16_t>(ldns_rr_get_class(rr)), ldns_rr_ttl(rr), ""};
    record.owner.pop_back();
    for (std::size_t f = 0; f < ldns_rr_rd_count(rr); ++f) {
      const ldns_rdf* field = ldns_rr_rdf(rr, f);
      if (record.type == k_type_txt) {
        const char* data = static_cast<const char*>(static_cast<const void*>(ldns_rdf_data(field)));
        record.text.append(data + 1, ldns_rdf_size(field) - 1);
      } else {
        const std::unique_ptr<char, decltype(&free)> text(ldns_rdf2str(field), &free);
        record.text += (f > 0 ? " " : "") + std::string(text.get());
      }
    }
    out.push_back(record);
  }
  return out;
}

/// Reads `octets` with ldns; a failure of the test when ldns cannot.
inline Answer parse_answer(std::string octets) {
  Answer out;
  out.octets = std::move(octets);
  if (out.octets.empty()) return out;
  ldns_pkt* pkt = nullptr;
  const ldns_status status = ldns_wire2pkt(&pkt, dnsmesh::octets(out.octets), out.octets.size());
  REQUIRE_MESSAGE(status == LDNS_STATUS_OK, ldns_get_errorstr_by_id(status));
  const std::unique_ptr<ldns_pkt, decltype(&ldns_pkt_free)> owned(pkt, &ldns_pkt_free);
  REQUIRE(ldns_pkt_qr(pkt));
  out.id = ldns_pkt_id(pkt);
  out.opcode = ldns_pkt_get_opcode(pkt);
  out.rcode = ldns_pkt_get_rcode(pkt);
  out.aa = ldns_pkt_aa(pkt);
  out.tc = ldns_pkt_tc(pkt);
  out.rd = ldns_pkt_rd(pkt);
  out.ra = ldns_pkt_ra(pkt);
  out.ad = ldns_pkt_ad(pkt);
  out.cd = ldns_pkt_cd(pkt);
  out.questions = ldns_pkt_qdcount(pkt);
  out.answers = records_of(ldns_pkt_answer(pkt));
  out.authority = records_of(ldns_pkt_authority(pkt));
  out.has_opt = ldns_pkt_edns(pkt);
  out.dnssec_ok = ldns_pkt_edns_do(pkt);
  out.payload = ldns_pkt_edns_udp_size(pkt);
  out.version = ldns_pkt_edns_version(pkt);
  out.extended_rcode = ldns_pkt_edns_extended_rcode(pkt);
  if (const ldns_rdf* data = ldns_pkt_edns_data(pkt)) {
    out.options.assign(static_cast<const char*>(static_cast<const void*>(ldns_rdf_data(data))), ldns_rdf_size(data));
  }
  return out;
}

/// An engine with its index and one context, at k_now_s.
struct Bed {
  explicit Bed(const ZoneSettings& settings = {.served_zone = "mesh.test"})
      : zone(make_zone(settings).value()),
        index(clock, random, zone.apex),
        limiter({}, random),
        engine(zone, index, k_secret, &limiter),
        context(index, random) {
    index.finish_loading();
  }

  void put(std::string name, std::string value, std::int64_t life_s = 3600) {
    const store::Change change{store::Change::Kind::put, std::move(name), std::move(value), k_now_s + life_s, 1};
    index.apply({&change, 1});
  }
  void remove(std::string name, std::string value) {
    const store::Change change{store::Change::Kind::remove, std::move(name), std::move(value), 0, 1};
    index.apply({&change, 1});
  }
  Answer ask(std::string_view octets, Transport transport = Transport::udp, std::int64_t now_s = k_now_s) {
    return ask_from(client_of("\xC0\x00\x02\x01"sv), octets, transport, now_s);
  }
  Answer ask_from(const ClientAddress& client, std::string_view octets, Transport transport = Transport::udp,
                  std::int64_t now_s = k_now_s) {
    std::string out(Engine::answer_octets_max(transport), '\xEE');
    const Arrival arrival{transport, client, now_s, (now_s - k_now_s) * 1000, 10000};
    const Answered answered = engine.answer(octets, arrival, context, out);
    out.resize(answered.octets);
    Answer answer = parse_answer(std::move(out));
    answer.is_malformed = answered.is_malformed;
    return answer;
  }
  Answer ask_name(std::string name, std::uint16_t type = k_type_txt, Transport transport = Transport::udp,
                  std::int64_t now_s = k_now_s) {
    return ask(query(std::move(name), type), transport, now_s);
  }
  std::uint64_t count(Outcome outcome) const { return context.counters.get(outcome); }

  ManualClock clock{k_now_s * 1000};
  SeededRandom random{1};
  Zone zone;
  AnswerIndex index;
  RateLimiter limiter;
  Engine engine;
  QueryContext context;
};

}  // namespace dnsmesh::dns::test
