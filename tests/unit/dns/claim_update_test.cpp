// SPDX-License-Identifier: Apache-2.0
// Who may write without a key, check by check of spec/dns-update.md 7: owners, values, rates, lives, and how many stay.
#include "base/update_limits.hpp"
#include "crypto/hash.hpp"
#include "update_support.hpp"

using namespace dnsmesh;
using namespace dnsmesh::dns;
using namespace dnsmesh::dns::test;

namespace {

const UpdateBedSettings k_no_rate{.rules = {.claims = {.per_recipient = {}}}};

/// A claim of another sender than those of claim().
std::string claim_of(unsigned char sender, unsigned char number) {
  const crypto::SigningKey key(ByteArray<32>{sender});
  const auto now = static_cast<std::uint64_t>(k_now_s);
  return record::issue_claim_record({{number}, key.public_key(), "mesh.test", 3, now, now + 3600}, key).value();
}

/// The claim with its last octet changed: it reads as one, and its signature is wrong.
std::string forged() {
  std::string text = claim();
  const std::size_t at = text.size() - 10;
  text[at] = text[at] == 'A' ? 'B' : 'A';
  return text;
}

Rcode send_from(UpdateBed& bed, std::string_view address, const std::string& message) {
  Update update(message, client_of(address));
  const Updater::Step step = bed.updater.step(update, true);
  if (step == Updater::Step::commit) bed.finish(update);
  return update.result.rcode;
}

}  // namespace

TEST_CASE("UPDATE claims, check 2: the owner is a slot and a mailbox right below the zone, in any case") {
  UpdateBed bed(k_no_rate);
  for (const char* owner :
       {"claim-3.mesh.test", "mb-02d449a31fbb.mesh.test", "mesh.test", "claim-3.claim-3.mb-02d449a31fbb.mesh.test",
        "claim-3.mb-02d449a31fbb.sub.mesh.test", "claim-3.mb-02d449a31fb.mesh.test",
        "claim-3.mb-02d449a31fbbc.mesh.test", "claim-3.mb-02d449a31fbg.mesh.test", "claim-.mb-02d449a31fbb.mesh.test",
        "claim-13.mb-02d449a31fbb.mesh.test", "claim-03.mb-02d449a31fbb.mesh.test", "claim-a.mb-02d449a31fbb.mesh.test",
        "slot-3.mb-02d449a31fbb.mesh.test", "claim-3.xb-02d449a31fbb.mesh.test"}) {
    CAPTURE(owner);
    CHECK(bed.send(adding(claim(), owner)) == Rcode::refused);
  }
  CHECK(bed.send(adding(claim(), "CLAIM-3.MB-02D449A31FBB.mesh.test")) == Rcode::noerror);
  CHECK(bed.count(claim_name()) == 1);
}

TEST_CASE("UPDATE claims, check 3: a recipient must be registered only where the node is no provider") {
  const auto is_ours = [](std::string_view recipient) { return recipient == k_recipient; };
  UpdateBed receiver({.rules = {.claims = {.for_everybody = false, .for_registered = true}, .is_registered = is_ours}});
  CHECK(receiver.send(adding(claim(), "claim-3.mb-0123456789ab.mesh.test")) == Rcode::refused);
  CHECK(receiver.send(adding(claim())) == Rcode::noerror);
  UpdateBed both({.rules = {.claims = {.for_registered = true}, .is_registered = is_ours}});
  CHECK(both.send(adding(claim(), "claim-3.mb-0123456789ab.mesh.test")) == Rcode::noerror);
}

TEST_CASE("UPDATE claims, check 4: what is no claim, or not signed by its sender, is refused") {
  UpdateBed bed(k_no_rate);
  for (const std::string& value : {std::string(), std::string("hello"), std::string("v=dmp1;t=claim;"),
                                   "v=dmp1;t=manifest;" + claim().substr(15), claim() + " ", claim() + "AAAA"}) {
    CAPTURE(value);
    CHECK(bed.send(adding(value)) == Rcode::refused);
  }
  CHECK(bed.send(adding(forged())) == Rcode::refused);
  CHECK(bed.count(claim_name()) == 0);
}

TEST_CASE("UPDATE claims: forged ones use up the rate of their network before a signature is checked") {
  UpdateBed bed(k_no_rate);
  const auto burst = static_cast<int>(limits::claim_source_burst);
  for (int i = 0; i < burst; ++i) REQUIRE(send_from(bed, "\xC0\x00\x02\x01"sv, adding(forged())) == Rcode::refused);
  CHECK(send_from(bed, "\xC0\x00\x02\x01"sv, adding(forged())) == Rcode::servfail);
  CHECK(send_from(bed, "\xC0\x00\x02\xFF"sv, adding(claim())) == Rcode::servfail);
  CHECK(send_from(bed, "\xC0\x00\x03\x01"sv, adding(claim())) == Rcode::noerror);
  // What is refused before that costs nothing.
  for (int i = 0; i < 10; ++i)
    CHECK(send_from(bed, "\xC0\x00\x02\x01"sv, adding("x", "a.mesh.test")) == Rcode::refused);
  bed.clock.advance_ms(1000);
  for (int i = 0; i < static_cast<int>(limits::claim_source_rate_per_s); ++i)
    CHECK(send_from(bed, "\xC0\x00\x02\x01"sv, adding(claim())) == Rcode::noerror);
  CHECK(send_from(bed, "\xC0\x00\x02\x01"sv, adding(claim())) == Rcode::servfail);
}

TEST_CASE("UPDATE claims: an IPv6 /56 is one network") {
  UpdateBed bed(k_no_rate);
  const auto burst = static_cast<int>(limits::claim_source_burst);
  for (int i = 0; i < burst; ++i) {
    REQUIRE(send_from(bed, "\x20\x01\x0d\xb8\0\0\1\0\0\0\0\0\0\0\0\1"sv, adding(claim())) == Rcode::noerror);
  }
  CHECK(send_from(bed, "\x20\x01\x0d\xb8\0\0\1\xFF\0\0\0\0\0\0\0\2"sv, adding(claim())) == Rcode::servfail);
  CHECK(send_from(bed, "\x20\x01\x0d\xb8\0\0\2\0\0\0\0\0\0\0\0\1"sv, adding(claim())) == Rcode::noerror);
}

TEST_CASE("UPDATE claims, check 6: what a message took of a rate is not given back when a later claim is refused") {
  UpdateBed bed({.rules = {.claims = {.per_recipient = {0.001, 2}}}});
  const std::string good = rr(claim_name(), k_class_in, 60, strings(claim()));
  CHECK(bed.send(update({.updates = {good, rr(claim_name(), k_class_in, 60, strings("bad"))}})) == Rcode::refused);
  CHECK(bed.count(claim_name()) == 0);
  CHECK(bed.send(adding(claim())) == Rcode::noerror);
  CHECK(bed.send(adding(claim())) == Rcode::servfail);
  CHECK(bed.send(adding(claim(), "claim-3.mb-0123456789ab.mesh.test")) == Rcode::noerror);
}

TEST_CASE("UPDATE claims: who sent too many hears that, and nothing of the caps") {
  UpdateBed bed(
      {.rules = {.claims = {.per_recipient = {0.001, 1}}}, .limits = {.ttl_s_max = 300, .values_per_name_max = 1}});
  CHECK(bed.send(adding(claim())) == Rcode::noerror);
  CHECK(bed.send(adding(claim(), claim_name(), 301)) == Rcode::servfail);
  CHECK(bed.send(adding(claim(3, 3600, 1))) == Rcode::servfail);
}

TEST_CASE("UPDATE claims, check 7: a TTL of 0 is 60, and the bound on claims holds back a longer one") {
  UpdateBed bed({.rules = {.claims = {.ttl_s_max = 4000, .per_recipient = {}}}});
  CHECK(bed.send(adding(claim(), claim_name(), 0)) == Rcode::noerror);
  CHECK(bed.expiry(claim_name()) == k_now_s + 60);
  CHECK(bed.send(adding(claim(3, 4000, 1), claim_name(), 86400)) == Rcode::noerror);
  CHECK(bed.store->values_at(claim_name()).value().back().expires_s == k_now_s + 4000);
  CHECK(bed.send(adding(claim(3, 4001, 2))) == Rcode::refused);
  // Without a bound only the signed end counts, of at most 30 days.
  UpdateBed open({.rules = {.claims = {.ttl_s_max = 0, .per_recipient = {}}}, .limits = {.ttl_s_max = 0}});
  CHECK(open.send(adding(claim(3, 2592000), claim_name(), 2592001)) == Rcode::noerror);
  CHECK(open.expiry(claim_name()) == k_now_s + 2592000);
  CHECK(open.send(adding(claim(3, 2592001))) == Rcode::refused);
}

TEST_CASE("UPDATE claims: the oldest of a sender goes for its seventeenth, leaves a tombstone, and others stay") {
  UpdateBed bed(k_no_rate);
  const std::string other = claim_of(2, 0);
  REQUIRE(bed.send(adding(other)) == Rcode::noerror);
  for (unsigned char number = 0; number < limits::claims_per_sender_max; ++number) {
    bed.clock.advance_ms(1);
    REQUIRE(bed.send(adding(claim(3, 3600, number))) == Rcode::noerror);
  }
  CHECK(bed.count(claim_name()) == limits::claims_per_sender_max + 1);
  // One that is there already takes no room, also at another slot it does.
  REQUIRE(bed.send(adding(claim(3, 3600, 1))) == Rcode::noerror);
  CHECK(bed.count(claim_name()) == limits::claims_per_sender_max + 1);
  REQUIRE(bed.send(adding(claim(4, 3600, 99), claim_name(4))) == Rcode::noerror);
  CHECK(bed.count(claim_name()) == limits::claims_per_sender_max);
  CHECK(bed.count(claim_name(4)) == 1);
  const std::string oldest = claim(3, 3600, 0);
  const auto left = bed.store->values_at(claim_name()).value();
  for (const store::Record& row : left) CHECK(row.value != oldest);
  CHECK(bed.store->tombstone(claim_name(), crypto::sha256(oldest)).value().has_value());
  CHECK_FALSE(bed.store->tombstone(claim_name(), crypto::sha256(other)).value().has_value());
  // Another recipient has room of its own.
  CHECK(bed.send(adding(oldest, "claim-3.mb-0123456789ab.mesh.test")) == Rcode::noerror);
  CHECK(bed.count(claim_name()) == limits::claims_per_sender_max);
}

TEST_CASE("UPDATE claims: above the bound on live ones the node says later, until some have ended") {
  UpdateBed bed(k_no_rate);
  const std::string text = claim();
  const auto load = [&](std::string name, std::string value) {
    store::Record row;
    row.name = std::move(name);
    row.value = std::move(value);
    row.expires_s = k_now_s + 100;
    bed.updater.load(row);
  };
  for (std::size_t i = 0; i < limits::claims_max - 1; ++i) {
    const std::string digits = std::to_string(100000000000U + i);
    load("claim-3.mb-" + digits + ".mesh.test", text);
  }
  // What is no claim does not count.
  load("claim-3.mb-0123456789ab.mesh.test", "text");
  load("slot-3.mb-0123456789ab.mesh.test", text);
  CHECK(bed.send(adding(text)) == Rcode::noerror);
  CHECK(bed.send(adding(claim(3, 3600, 1))) == Rcode::servfail);
  bed.clock.advance_ms(99000);
  CHECK(bed.send(adding(claim(3, 3600, 1))) == Rcode::servfail);
  bed.clock.advance_ms(1000);
  CHECK(bed.send(adding(claim(3, 3600, 1))) == Rcode::noerror);
}

TEST_CASE("UPDATE row 14: a store that fails is SERVFAIL for claims too, and they may come again") {
  UpdateBed bed;
  const auto update = bed.begin(adding(claim()));
  REQUIRE(bed.updater.step(*update, true) == Updater::Step::commit);
  bed.updater.finish(*update, fail(ErrorCode::store_unknown));
  CHECK(update->result.rcode == Rcode::servfail);
  CHECK(bed.send(adding(claim())) == Rcode::noerror);
}
