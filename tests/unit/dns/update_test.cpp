// SPDX-License-Identifier: Apache-2.0
// UPDATE, row by row of spec/dns-update.md 2, 6 and 7: messages made by hand, a store in memory.
#include "update_support.hpp"

using namespace dnsmesh;
using namespace dnsmesh::dns;
using namespace dnsmesh::dns::test;

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
  UpdateBed small({.limits = {.value_bytes_max = 100}});
  CHECK(small.send(adding(claim())) == Rcode::refused);
  UpdateBed bed({.limits = {.ttl_s_max = 300, .values_per_name_max = 1}});
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
  UpdateBed closed({.rules = {.claims = {.for_everybody = false}}});
  CHECK(closed.send(adding(claim())) == Rcode::refused);
  UpdateBed receiver({.rules = {.claims = {.for_everybody = false, .for_registered = true}}});
  CHECK(receiver.send(adding(claim())) == Rcode::refused);
  UpdateBed known({.rules = {.claims = {.for_everybody = false, .for_registered = true},
                             .is_registered = [](std::string_view) { return true; }}});
  CHECK(known.send(adding(claim())) == Rcode::noerror);
}

TEST_CASE("UPDATE claims, check 6: an empty bucket of the recipient says later") {
  UpdateBed bed({.rules = {.claims = {.per_recipient = {0.5, 1}}}});
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

TEST_CASE("UPDATE without a signature may have no prerequisite, which would make us read for strangers") {
  UpdateBed bed;
  const std::string add = rr(claim_name(), k_class_in, 60, strings(claim()));
  const std::string held = rr("mesh.test", k_class_any, 0, "", k_type_any);
  CHECK(bed.send(update({.prerequisites = {held}, .updates = {add}})) == Rcode::refused);
  CHECK(bed.send(update({.prerequisites = {rr("other.test", k_class_any, 0, "", k_type_any)}, .updates = {add}})) ==
        Rcode::notzone);
  CHECK(bed.count(claim_name()) == 0);
  CHECK(bed.send(update({.updates = {add}})) == Rcode::noerror);
}

TEST_CASE("UPDATE claims: one message cannot pass the bound of its sender at a recipient") {
  UpdateBed bed({.rules = {.claims = {.per_recipient = {}}}});
  std::vector<std::string> adds;
  for (std::size_t i = 0; i < limits::claims_per_sender_max; ++i) {
    adds.push_back(rr(claim_name(), k_class_in, 60, strings(claim(3, 3600, static_cast<unsigned char>(i)))));
  }
  CHECK(bed.send(update({.updates = adds})) == Rcode::noerror);
  adds.push_back(rr(claim_name(), k_class_in, 60, strings(claim(3, 3600, 99))));
  CHECK(bed.send(update({.updates = adds})) == Rcode::refused);
  CHECK(bed.count(claim_name()) == limits::claims_per_sender_max);
}

TEST_CASE("UPDATE with one octet changed stores nothing but the same claim") {
  UpdateBed bed({.rules = {.claims = {.per_recipient = {}}}});
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
