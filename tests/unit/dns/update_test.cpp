// SPDX-License-Identifier: Apache-2.0
// UPDATE, row by row of spec/dns-update.md 2, 6 and 7: messages made by hand, a store in memory.
#include <doctest/doctest.h>

#include <memory>
#include <string>
#include <utility>

#include "base/cursor.hpp"
#include "dns/updater.hpp"
#include "record/claim_record.hpp"
#include "store/memory_store.hpp"
#include "support.hpp"

using namespace dnsmesh;
using namespace dnsmesh::dns;
using namespace dnsmesh::dns::test;

namespace {

constexpr std::string_view k_recipient = "02d449a31fbb";

std::string strings(std::string_view value) {
  return ByteWriter().u8(static_cast<std::uint8_t>(value.size())).bytes(value).take();
}

std::string rr(std::string_view owner, std::uint16_t rclass, std::uint32_t ttl, std::string_view rdata,
               std::uint16_t type = k_type_txt) {
  return ByteWriter()
      .bytes(wire_name(owner))
      .u16(type)
      .u16(rclass)
      .u32(ttl)
      .u16(static_cast<std::uint16_t>(rdata.size()))
      .bytes(rdata)
      .take();
}

struct Parts {
  std::string zone = "mesh.test";
  std::uint16_t zone_type = k_type_soa;
  std::uint16_t zone_class = k_class_in;
  unsigned zones = 1;
  std::vector<std::string> prerequisites = {};
  std::vector<std::string> updates = {};
  std::vector<std::string> additional = {};
};

std::string update(const Parts& parts) {
  ByteWriter w;
  w.u16(1).u16(0x2800).u16(static_cast<std::uint16_t>(parts.zones));
  for (const auto* section : {&parts.prerequisites, &parts.updates, &parts.additional}) {
    w.u16(static_cast<std::uint16_t>(section->size()));
  }
  for (unsigned i = 0; i < parts.zones; ++i) w.bytes(wire_name(parts.zone)).u16(parts.zone_type).u16(parts.zone_class);
  for (const auto* section : {&parts.prerequisites, &parts.updates, &parts.additional}) {
    for (const std::string& record : *section) w.bytes(record);
  }
  return w.take();
}

std::string claim(std::uint8_t slot = 3, std::uint64_t life_s = 3600, unsigned char number = 0) {
  const crypto::SigningKey key(ByteArray<32>{1});
  ByteArray<16> id{};
  id[0] = number;
  const auto now = static_cast<std::uint64_t>(k_now_s);
  return record::issue_claim_record({id, key.public_key(), "mesh.test", slot, now, now + life_s}, key).value();
}

std::string claim_name(int slot = 3) {
  return "claim-" + std::to_string(slot) + ".mb-" + std::string(k_recipient) + ".mesh.test";
}

std::string adding(const std::string& value, const std::string& owner = claim_name(), std::uint32_t ttl = 300) {
  return update({.updates = {rr(owner, k_class_in, ttl, strings(value))}});
}

struct UpdateBed {
  explicit UpdateBed(const ClaimSettings& claims = {}, const UpdateLimits& limits = {}, bool is_registered = false)
      : updater(
            zone, *store, [](std::string_view, std::string_view) { return record::Offer{}; }, clock, claims,
            [is_registered](std::string_view) { return is_registered; }, limits) {}
  Rcode send(std::string_view message) { return updater.apply(message, client_of("\x7f\0\0\1"sv)).rcode; }
  std::size_t count(const std::string& name) const { return store->values_at(name).value().size(); }

  ManualClock clock{k_now_s * 1000};
  SeededRandom random{1};
  Zone zone = make_zone({.served_zone = "mesh.test"}).value();
  std::unique_ptr<store::RecordStore> store = store::make_memory_store(clock, random);
  Updater updater;
};

}  // namespace

TEST_CASE("UPDATE row 3: what is malformed gets FORMERR") {
  UpdateBed bed;
  CHECK(bed.send(update({.zones = 2})) == Rcode::formerr);
  CHECK(bed.send(update({.zone_type = k_type_a})) == Rcode::formerr);
  CHECK(bed.send(update({.zone_class = k_class_any})) == Rcode::formerr);
  CHECK(bed.send(update({.updates = {rr("a.mesh.test", k_class_any, 0, "x")}})) == Rcode::formerr);
  CHECK(bed.send(update({.updates = {rr("a.mesh.test", k_class_chaos, 0, strings("x"))}})) == Rcode::formerr);
  CHECK(bed.send(update({.updates = {rr("a.mesh.test", k_class_in, 1, "", k_type_any)}})) == Rcode::formerr);
  CHECK(bed.send(update({.prerequisites = {rr("a.mesh.test", k_class_any, 1, "")}})) == Rcode::formerr);
  CHECK(bed.send(adding(claim()) + "x") == Rcode::formerr);
}

TEST_CASE("UPDATE rows 5 and 6: no zone entry is FORMERR, another zone or class NOTAUTH") {
  UpdateBed bed;
  CHECK(bed.send(update({.zones = 0})) == Rcode::formerr);
  CHECK(bed.send(update({.zone = "other.test"})) == Rcode::notauth);
  CHECK(bed.send(update({.zone = "sub.mesh.test"})) == Rcode::notauth);
  CHECK(bed.send(update({.zone = "test"})) == Rcode::notauth);
  CHECK(bed.send(update({.zone_class = k_class_chaos})) == Rcode::notauth);
  CHECK(bed.send(update({.zone = "MESH.test", .updates = {rr(claim_name(), k_class_in, 60, strings(claim()))}})) ==
        Rcode::noerror);
}

TEST_CASE("UPDATE rows 7 to 9: NOTZONE, other types passed over, FORMERR for text that is not UTF-8") {
  UpdateBed bed;
  CHECK(bed.send(adding(claim(), "claim-3.mb-02d449a31fbb.other.test")) == Rcode::notzone);
  CHECK(bed.send(adding("\xff")) == Rcode::formerr);
  const std::string address = rr("a.mesh.test", k_class_in, 60, "\1\2\3\4", k_type_a);
  CHECK(bed.send(update({.updates = {address, rr(claim_name(), k_class_in, 60, strings(claim()))}})) == Rcode::noerror);
  CHECK(bed.send(update({.updates = {address}})) == Rcode::refused);
}

TEST_CASE("UPDATE rows 10 to 12: the caps refuse, and a value that is there may be refreshed at the cap") {
  UpdateBed small({}, {.value_bytes_max = 100});
  CHECK(small.send(adding(claim())) == Rcode::refused);
  UpdateBed bed({}, {.ttl_s_max = 300, .values_per_name_max = 1});
  CHECK(bed.send(adding(claim(), claim_name(), 301)) == Rcode::refused);
  CHECK(bed.send(adding(claim(), claim_name(), 300)) == Rcode::noerror);
  CHECK(bed.send(adding(claim(3, 3600, 1))) == Rcode::refused);
  CHECK(bed.send(adding(claim())) == Rcode::noerror);
}

TEST_CASE("UPDATE claims, checks 1 to 5: whatever is no good claim at its own slot is refused") {
  UpdateBed bed;
  CHECK(bed.send(update({})) == Rcode::refused);
  CHECK(bed.send(update({.updates = {rr(claim_name(), k_class_any, 0, "")}})) == Rcode::refused);
  CHECK(bed.send(adding("hello", "hello.mesh.test")) == Rcode::refused);
  CHECK(bed.send(adding(claim(), claim_name(4))) == Rcode::refused);
  CHECK(bed.send(adding(claim(), "claim-03.mb-02d449a31fbb.mesh.test")) == Rcode::refused);
  CHECK(bed.send(adding(claim(), "x." + claim_name())) == Rcode::refused);
  CHECK(bed.send(adding(claim(3, 86401))) == Rcode::refused);
  CHECK(bed.send(adding(claim(3, 86400))) == Rcode::noerror);
  UpdateBed closed({.for_everybody = false});
  CHECK(closed.send(adding(claim())) == Rcode::refused);
  UpdateBed receiver({.for_everybody = false, .for_registered = true});
  CHECK(receiver.send(adding(claim())) == Rcode::refused);
  UpdateBed known({.for_everybody = false, .for_registered = true}, {}, true);
  CHECK(known.send(adding(claim())) == Rcode::noerror);
}

TEST_CASE("UPDATE claims, check 6: an empty bucket of the recipient says later") {
  UpdateBed bed({.per_recipient = {0.5, 1}});
  CHECK(bed.send(adding(claim())) == Rcode::noerror);
  CHECK(bed.send(adding(claim(3, 3600, 1))) == Rcode::servfail);
  bed.clock.advance_ms(2000);
  CHECK(bed.send(adding(claim(3, 3600, 1))) == Rcode::noerror);
}

TEST_CASE("UPDATE claims: a life is the least of TTL and signed end, and repeating never shortens it") {
  UpdateBed bed;
  CHECK(bed.send(adding(claim(3, 100), claim_name(), 300)) == Rcode::noerror);
  CHECK(bed.store->values_at(claim_name()).value().front().expires_s == k_now_s + 100);
  CHECK(bed.send(adding(claim(3, 100), claim_name(), 1)) == Rcode::noerror);
  CHECK(bed.store->values_at(claim_name()).value().front().expires_s == k_now_s + 100);
}

TEST_CASE("UPDATE is all or nothing, and names are folded") {
  UpdateBed bed;
  const std::string good = rr("CLAIM-3.Mb-02D449A31FBB.Mesh.Test", k_class_in, 60, strings(claim()));
  CHECK(bed.send(update({.updates = {good, rr(claim_name(4), k_class_in, 60, strings(claim()))}})) == Rcode::refused);
  CHECK(bed.count(claim_name()) == 0);
  CHECK(bed.send(update({.updates = {good}})) == Rcode::noerror);
  CHECK(bed.count(claim_name()) == 1);
}

TEST_CASE("UPDATE prerequisites have the rcodes of RFC 2136 3.2") {
  UpdateBed bed;
  const auto with = [&](std::uint16_t rclass, std::uint16_t type, std::string_view owner, std::string_view rdata = "") {
    return bed.send(update({.prerequisites = {rr(owner, rclass, 0, rdata, type)},
                            .updates = {rr(claim_name(), k_class_in, 60, strings(claim()))}}));
  };
  CHECK(with(k_class_any, k_type_any, claim_name()) == Rcode::nxdomain);
  CHECK(with(k_class_any, k_type_txt, claim_name()) == Rcode::nxrrset);
  CHECK(with(k_class_in, k_type_txt, claim_name(), strings(claim())) == Rcode::nxrrset);
  CHECK(with(k_class_none, k_type_any, "mesh.test") == Rcode::yxdomain);
  CHECK(with(k_class_none, k_type_soa, "mesh.test") == Rcode::yxrrset);
  CHECK(with(k_class_any, k_type_any, "other.test") == Rcode::notzone);
  CHECK(bed.count(claim_name()) == 0);
  CHECK(with(k_class_none, k_type_txt, claim_name()) == Rcode::noerror);
  CHECK(with(k_class_none, k_type_txt, claim_name()) == Rcode::yxrrset);
  CHECK(with(k_class_none, k_type_any, claim_name()) == Rcode::yxdomain);
  CHECK(with(k_class_in, k_type_txt, claim_name(), strings(claim())) == Rcode::noerror);
}

TEST_CASE("UPDATE with one octet changed stores nothing but the same claim") {
  UpdateBed bed({.per_recipient = {}});
  SeededRandom random(7);
  const std::string good = adding(claim());
  for (int i = 0; i < 20000; ++i) {
    std::string message = good;
    message[random.below(message.size())] = static_cast<char>(random.below(256));
    message.resize(message.size() - random.below(3));
    bed.send(message);
    if (i % 8 == 0) bed.clock.advance_ms(1);
  }
  std::size_t others = 0;
  REQUIRE(bed.store->for_each([&](const store::Record& record) { others += record.value != claim() ? 1 : 0; }));
  CHECK(others == 0);
}
