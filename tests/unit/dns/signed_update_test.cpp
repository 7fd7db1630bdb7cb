// SPDX-License-Identifier: Apache-2.0
// Signed UPDATEs, row by row of spec/dns-update.md 2, 3, 4, 6 and 8.
#include <limits>

#include "base/hex.hpp"
#include "record/cluster_manifest.hpp"
#include "record/heartbeat_record.hpp"
#include "update_support.hpp"

using namespace dnsmesh;
using namespace dnsmesh::dns;
using namespace dnsmesh::dns::test;

namespace {

struct SignedUpdates : UpdateBed {
  explicit SignedUpdates(const std::vector<std::string>& scope = {"mesh.test"}, const UpdateBedSettings& settings = {})
      : UpdateBed(settings) {
    keys.mint(alice, scope);
  }
  /// Signed a moment later than the one before, so that no two are the same.
  std::string by_alice(const Parts& parts) {
    Signer signer = alice;
    signer.time_s += count_++ % 200;
    return signed_by(signer, update(parts));
  }
  Rcode change(const Parts& parts) { return send(by_alice(parts)); }
  Rcode add(const std::string& owner, const std::string& value, std::uint32_t ttl = 300) {
    return change({.updates = {rr(owner, k_class_in, ttl, strings(value))}});
  }
  Rcode remove(const std::string& owner, const std::string& value) {
    return change({.updates = {rr(owner, k_class_none, 0, strings(value))}});
  }
  Rcode remove_all(const std::string& owner, std::uint16_t type = k_type_txt) {
    return change({.updates = {rr(owner, k_class_any, 0, "", type)}});
  }

  Signer alice;
  int count_ = 0;
};

constexpr const char* k_vector =
    "123428000001000000010001046d65736804746573740000060001026e31c00c001000010000012c00060568656c6c6f05616c696365c00c"
    "00fa00ff00000000003d0b686d61632d7368613235360000006553f100012c0020f7c201c87c452007d6e7ce42b5e5722a2bebb2a4149456f0"
    "01af7ceef8e7bad0123400000000";

}  // namespace

TEST_CASE("signed UPDATE row 2: a signature that is not believed is NOTAUTH and changes nothing") {
  SignedUpdates bed;
  const std::string wanted = update({.updates = {rr("a.mesh.test", k_class_in, 300, strings("x"))}});
  CHECK(bed.send(signed_by({.secret = "wrong"}, wanted)) == Rcode::notauth);
  CHECK(bed.send(signed_by({.name = "eve.mesh.test"}, wanted)) == Rcode::notauth);
  CHECK(bed.send(signed_by({.time_s = k_now_s - 301}, wanted)) == Rcode::notauth);
  CHECK(bed.send(signed_by({.time_s = k_now_s + 301}, wanted)) == Rcode::notauth);
  CHECK(bed.count("a.mesh.test") == 0);
  CHECK(bed.send(signed_by({.time_s = k_now_s - 300}, wanted)) == Rcode::noerror);
  CHECK(bed.count("a.mesh.test") == 1);
}

TEST_CASE("signed UPDATE row 3: what is wrong in the sections is said before what is wrong with the signature") {
  SignedUpdates bed;
  const std::string malformed = update({.updates = {rr("a.mesh.test", k_class_any, 0, "x")}});
  const auto good = bed.carry_out(signed_by(bed.alice, malformed));
  CHECK(good->result.rcode == Rcode::formerr);
  CHECK(good->signature.is_verified());
  const auto forged = bed.carry_out(signed_by({.secret = "wrong"}, malformed));
  CHECK(forged->result.rcode == Rcode::formerr);
  CHECK_FALSE(forged->signature.is_rejected());
  const auto twice = bed.carry_out(signed_by(bed.alice, signed_by(bed.alice, update({}))));
  CHECK(twice->result.rcode == Rcode::formerr);
}

TEST_CASE("signed UPDATE rows 5 to 7: FORMERR without a zone, NOTAUTH for another, NOTZONE outside") {
  SignedUpdates bed;
  CHECK(bed.change({.zones = 0}) == Rcode::formerr);
  CHECK(bed.change({.zone = "other.test"}) == Rcode::notauth);
  CHECK(bed.change({.zone = "sub.mesh.test"}) == Rcode::notauth);
  CHECK(bed.change({.zone = "test"}) == Rcode::notauth);
  CHECK(bed.change({.zone_class = k_class_chaos}) == Rcode::notauth);
  CHECK(bed.add("a.other.test", "x") == Rcode::notzone);
  CHECK(bed.change({.updates = {rr("a.mesh.test", k_class_in, 300, strings("x")),
                                rr("a.other.test", k_class_in, 300, "\1\2\3\4", k_type_a)}}) == Rcode::notzone);
  CHECK(bed.count("a.mesh.test") == 0);
  CHECK(bed.add("mesh.test", "at the apex") == Rcode::noerror);
}

TEST_CASE("signed UPDATE rows 5 to 7: without a served zone every UPDATE is NOTAUTH") {
  SignedUpdates bed({"mesh.test"}, {.zone = ""});
  CHECK(bed.add("a.mesh.test", "x") == Rcode::notauth);
  CHECK(bed.send(update({.updates = {rr("_dmp-probe.mesh.test", k_class_in, 60, strings("v=dmp1;t=probe"))}})) ==
        Rcode::notauth);
}

TEST_CASE("signed UPDATE row 8: nothing to do, or other types alone, is NOERROR") {
  SignedUpdates bed;
  CHECK(bed.change({}) == Rcode::noerror);
  CHECK(bed.change({.updates = {rr("a.mesh.test", k_class_in, 300, "\1\2\3\4", k_type_a)}}) == Rcode::noerror);
  CHECK(bed.change({.updates = {rr("a.mesh.test", k_class_none, 0, "\1\2\3\4", k_type_a),
                                rr("a.mesh.test", k_class_any, 0, "", k_type_a)}}) == Rcode::noerror);
}

TEST_CASE("signed UPDATE row 9: a value that is not UTF-8, or no TXT, is FORMERR and nothing is applied") {
  SignedUpdates bed;
  const std::string good = rr("a.mesh.test", k_class_in, 300, strings("x"));
  CHECK(bed.change({.updates = {good, rr("a.mesh.test", k_class_in, 300, strings("\xC3"))}}) == Rcode::formerr);
  CHECK(bed.change({.updates = {good, rr("a.mesh.test", k_class_none, 0, strings("\xff"))}}) == Rcode::formerr);
  CHECK(bed.change({.updates = {good, rr("a.mesh.test", k_class_in, 300, "\5ab")}}) == Rcode::formerr);
  CHECK(bed.count("a.mesh.test") == 0);
  // Two strings that are UTF-8 only together.
  CHECK(bed.change({.updates = {rr("a.mesh.test", k_class_in, 300, "\1\xC3\1\xA4")}}) == Rcode::noerror);
  CHECK(bed.store->values_at("a.mesh.test").value().at(0).value == "\xC3\xA4");
}

TEST_CASE("signed UPDATE rows 10 and 11: the caps on value and TTL are inclusive") {
  SignedUpdates bed({"mesh.test"}, {.limits = {.value_bytes_max = 10, .ttl_s_max = 300}});
  CHECK(bed.add("a.mesh.test", std::string(11, 'x')) == Rcode::refused);
  CHECK(bed.add("a.mesh.test", "x", 301) == Rcode::refused);
  CHECK(bed.count("a.mesh.test") == 0);
  CHECK(bed.add("a.mesh.test", std::string(10, 'x'), 300) == Rcode::noerror);
  SignedUpdates open({"mesh.test"}, {.limits = {.value_bytes_max = 0, .ttl_s_max = 0, .values_per_name_max = 0}});
  CHECK(open.add("a.mesh.test", std::string(255, 'x'), 0x7FFFFFFF) == Rcode::noerror);
}

TEST_CASE("signed UPDATE row 12: values that are there may be refreshed at the cap, more are refused, all or nothing") {
  SignedUpdates bed({"mesh.test"}, {.limits = {.values_per_name_max = 2}});
  const std::string one = rr("a.mesh.test", k_class_in, 300, strings("1"));
  const std::string two = rr("a.mesh.test", k_class_in, 300, strings("2"));
  const std::string three = rr("a.mesh.test", k_class_in, 300, strings("3"));
  CHECK(bed.change({.updates = {one, two, three}}) == Rcode::refused);
  CHECK(bed.count("a.mesh.test") == 0);
  CHECK(bed.change({.updates = {one, two}}) == Rcode::noerror);
  CHECK(bed.change({.updates = {one, two}}) == Rcode::noerror);
  CHECK(bed.change({.updates = {three}}) == Rcode::refused);
  CHECK(bed.change({.updates = {rr("a.mesh.test", k_class_any, 0, ""), three}}) == Rcode::noerror);
  CHECK(bed.count("a.mesh.test") == 1);
}

TEST_CASE("signed UPDATE row 13: one operation that the key may not do refuses all of the message") {
  SignedUpdates bed({"mine.mesh.test"}, {.limits = {.value_bytes_max = 4}});
  const std::string mine = rr("x.mine.mesh.test", k_class_in, 300, strings("x"));
  CHECK(bed.change({.updates = {mine, rr("theirs.mesh.test", k_class_in, 300, strings("x"))}}) == Rcode::refused);
  CHECK(bed.change({.updates = {mine, rr("theirs.mesh.test", k_class_any, 0, "")}}) == Rcode::refused);
  CHECK(bed.count("x.mine.mesh.test") == 0);
  CHECK(bed.change({.updates = {mine}}) == Rcode::noerror);
}

TEST_CASE("signed UPDATE rows 10 and 11: whose key sent too much hears that, and nothing of the caps") {
  SignedUpdates bed({"mesh.test"},
                    {.per_key = {1, 1}, .limits = {.value_bytes_max = 4, .ttl_s_max = 300, .values_per_name_max = 1}});
  CHECK(bed.add("a.mesh.test", "x") == Rcode::noerror);
  CHECK(bed.add("a.mesh.test", "above") == Rcode::servfail);
  CHECK(bed.add("a.mesh.test", "y", 301) == Rcode::servfail);
  CHECK(bed.add("a.mesh.test", "y") == Rcode::servfail);
  for (const auto& [value, ttl] : {std::pair{"above", 300U}, {"y", 301U}, {"y", 300U}}) {
    bed.clock.advance_ms(1000);
    CHECK(bed.add("a.mesh.test", value, ttl) == Rcode::refused);
  }
}

TEST_CASE("signed UPDATE row 14: a store that fails is SERVFAIL, and the same octets may come again") {
  SignedUpdates bed;
  const std::string message = bed.by_alice({.updates = {rr("a.mesh.test", k_class_in, 300, strings("x"))}});
  const auto update = bed.begin(message);
  REQUIRE(bed.updater.step(*update, true) == Updater::Step::commit);
  bed.updater.finish(*update, fail(ErrorCode::store_unknown));
  CHECK(update->result.rcode == Rcode::servfail);
  CHECK(bed.send(message) == Rcode::noerror);
  CHECK(bed.count("a.mesh.test") == 1);
}

TEST_CASE("the TSIG vector is an UPDATE that is stored") {
  SignedUpdates bed;
  CHECK(bed.send(*from_hex(k_vector)) == Rcode::noerror);
  CHECK(bed.store->values_at("n1.mesh.test").value().at(0).value == "hello");
  CHECK(bed.expiry("n1.mesh.test") == k_now_s + 300);
}

TEST_CASE("signed UPDATE replay: the same octets have the same rcode again and are not applied again") {
  SignedUpdates bed;
  const std::string message = bed.by_alice({.updates = {rr("a.mesh.test", k_class_in, 300, strings("x"))}});
  CHECK(bed.send(message) == Rcode::noerror);
  CHECK(bed.remove_all("a.mesh.test") == Rcode::noerror);
  const auto again = bed.carry_out(message);
  CHECK(again->result.rcode == Rcode::noerror);
  CHECK(again->result.is_replay);
  CHECK(bed.count("a.mesh.test") == 0);
  const std::string refused = bed.by_alice({.updates = {rr("a.mesh.test", k_class_in, 90000, strings("x"))}});
  CHECK(bed.send(refused) == Rcode::refused);
  bed.updater.set_limits({.ttl_s_max = 100000});
  CHECK(bed.send(refused) == Rcode::refused);
}

TEST_CASE("signed UPDATE replay: while the first one is under way the second waits, and then has its rcode") {
  SignedUpdates bed;
  const std::string message = bed.by_alice({.updates = {rr("a.mesh.test", k_class_in, 300, strings("x"))}});
  const auto first = bed.begin(message);
  REQUIRE(bed.updater.step(*first, true) == Updater::Step::commit);
  const auto second = bed.begin(message);
  CHECK(bed.updater.step(*second, false) == Updater::Step::wait);
  CHECK(bed.updater.step(*second, false) == Updater::Step::wait);
  bed.finish(*first);
  CHECK(bed.updater.step(*second, true) == Updater::Step::answer);
  CHECK(second->result.rcode == Rcode::noerror);
  CHECK(second->result.is_replay);
}

TEST_CASE("signed UPDATE 4: an entry with a star adds and does not delete") {
  SignedUpdates bed({"slot-*.mb-*.mesh.test"});
  CHECK(bed.add("slot-3.mb-ab.mesh.test", "x") == Rcode::noerror);
  CHECK(bed.add("x.slot-3.mb-ab.mesh.test", "x") == Rcode::noerror);
  CHECK(bed.add("slot-3.mesh.test", "x") == Rcode::refused);
  CHECK(bed.remove("slot-3.mb-ab.mesh.test", "x") == Rcode::refused);
  CHECK(bed.remove_all("slot-3.mb-ab.mesh.test") == Rcode::refused);
  CHECK(bed.remove_all("slot-3.mb-ab.mesh.test", k_type_any) == Rcode::refused);
  CHECK(bed.count("slot-3.mb-ab.mesh.test") == 1);
}

TEST_CASE("signed UPDATE 4: an entry without a star adds and deletes at its name and below") {
  SignedUpdates bed({"mb-0123456789ab.mesh.test"});
  CHECK(bed.add("slot-7.mb-0123456789ab.mesh.test", "x") == Rcode::noerror);
  CHECK(bed.remove("slot-7.mb-0123456789ab.mesh.test", "x") == Rcode::noerror);
  CHECK(bed.add("xmb-0123456789ab.mesh.test", "x") == Rcode::refused);
  CHECK(bed.count("slot-7.mb-0123456789ab.mesh.test") == 0);
}

TEST_CASE("signed UPDATE 4: keys of two users of a tight zone write and delete nothing of each other") {
  SignedUpdates bed({"id-aaaa.mesh.test"});
  const Signer bob{.name = "bob.mesh.test", .secret = "of bob"};
  bed.keys.mint(bob, {"id-bbbb.mesh.test"});
  CHECK(bed.add("id-aaaa.mesh.test", "alice") == Rcode::noerror);
  const std::vector<std::string> attacks = {rr("id-aaaa.mesh.test", k_class_in, 1, strings("bob")),
                                            rr("id-aaaa.mesh.test", k_class_in, 1, strings("alice")),
                                            rr("ID-AAAA.mesh.test", k_class_none, 0, strings("alice")),
                                            rr("id-aaaa.mesh.test", k_class_any, 0, ""),
                                            rr("x.id-aaaa.mesh.test", k_class_in, 1, strings("bob")),
                                            rr("mesh.test", k_class_any, 0, "", k_type_any)};
  for (const std::string& attack : attacks)
    CHECK(bed.send(signed_by(bob, update({.updates = {attack}}))) == Rcode::refused);
  CHECK(bed.count("id-aaaa.mesh.test") == 1);
  CHECK(bed.expiry("id-aaaa.mesh.test") == k_now_s + 300);
}

TEST_CASE("signed UPDATE 4: a key that is over or was revoked is not believed") {
  SignedUpdates bed;
  const Signer brief{.name = "brief.mesh.test", .secret = "s"};
  bed.keys.mint(brief, {"mesh.test"}, k_now_s + 10);
  const std::string wanted = update({.updates = {rr("a.mesh.test", k_class_in, 300, strings("x"))}});
  CHECK(bed.send(signed_by(brief, wanted)) == Rcode::noerror);
  bed.clock.advance_ms(10000);
  CHECK(bed.send(signed_by(brief, update({.updates = {rr("b.mesh.test", k_class_in, 300, strings("x"))}}))) ==
        Rcode::notauth);
  const auto admin = store::TsigFile::open((bed.keys.folder / "dmp_tsig.db").string()).value();
  bed.keys.ring->refresh().value();
  CHECK(bed.add("c.mesh.test", "x") == Rcode::noerror);
  CHECK(admin->revoke("alice.mesh.test.") == 1U);
  CHECK(bed.keys.ring->refresh() == true);
  CHECK(bed.add("d.mesh.test", "x") == Rcode::notauth);
}

TEST_CASE("signed UPDATE: a message has a bounded number of operations and of prerequisites") {
  SignedUpdates bed({"mesh.test"}, {.per_key = {}});
  std::vector<std::string> updates(limits::dns_update_operations_max, rr("a.mesh.test", k_class_any, 0, ""));
  std::vector<std::string> held(limits::dns_update_prerequisites_max, rr("mesh.test", k_class_any, 0, "", k_type_any));
  CHECK(bed.change({.prerequisites = held, .updates = updates}) == Rcode::noerror);
  updates.push_back(updates.front());
  CHECK(bed.change({.updates = updates}) == Rcode::refused);
  held.push_back(held.front());
  CHECK(bed.change({.prerequisites = held}) == Rcode::refused);
}

TEST_CASE("signed UPDATE 9: a key has a rate of its own, above it SERVFAIL, and trying later works") {
  SignedUpdates bed({"mesh.test"}, {.per_key = {1, 2}});
  CHECK(bed.add("a.mesh.test", "1") == Rcode::noerror);
  CHECK(bed.add("a.mesh.test", "2") == Rcode::noerror);
  const std::string third = bed.by_alice({.updates = {rr("a.mesh.test", k_class_in, 300, strings("3"))}});
  CHECK(bed.send(third) == Rcode::servfail);
  const Signer bob{.name = "bob.mesh.test", .secret = "of bob"};
  bed.keys.mint(bob, {"mesh.test"});
  CHECK(bed.send(signed_by(bob, update({.updates = {rr("b.mesh.test", k_class_in, 300, strings("x"))}}))) ==
        Rcode::noerror);
  bed.clock.advance_ms(1000);
  CHECK(bed.send(third) == Rcode::noerror);
}

TEST_CASE("signed UPDATE 4, known types: what no peer would accept is refused, other text is taken anywhere") {
  SignedUpdates bed;
  for (const char* prefix : {"v=dmp1;t=manifest;d=", "v=dmp1;t=identity;d=", "v=dmp1;t=prekey;d=", "v=dmp1;t=cluster;",
                             "v=dmp1;t=bootstrap;", "v=dmp1;t=chunk;d=", "v=dmp1;t=claim;", "v=dmp1;t=rotation;",
                             "v=dmp1;t=revocation;", "v=dmp1;t=heartbeat;"}) {
    CHECK(bed.add("a.mesh.test", std::string(prefix) + "AAAA") == Rcode::refused);
  }
  for (const char* text :
       {"", "hello", "v=dmp1;t=probe", "v=dmp2;t=claim;AAAA", "v=dmp1;t=Claim;AAAA", "V=dmp1;t=claim;"}) {
    CHECK(bed.add("slot-1.mb-0123456789ab.mesh.test", text) == Rcode::noerror);
  }
  CHECK(bed.add("a.mesh.test", claim()) == Rcode::noerror);
  SignedUpdates lenient({"mesh.test"}, {.rules = {.known_types = {.verify = false}}});
  CHECK(lenient.add("a.mesh.test", "v=dmp1;t=claim;AAAA") == Rcode::noerror);
}

TEST_CASE("signed UPDATE 4, known types: a heartbeat must be one that readers accept") {
  SignedUpdates bed;
  const crypto::SigningKey key(ByteArray<32>{1});
  const auto heartbeat = [&](std::int64_t at_s) {
    record::HeartbeatRecord record;
    record.endpoint = "https://n.example.org";
    record.operator_spk = key.public_key();
    record.ts = static_cast<std::uint64_t>(at_s);
    record.exp = record.ts + 3600;
    return record::issue_heartbeat_record(record, key).value();
  };
  CHECK(bed.add("_dnsmesh-heartbeat.mesh.test", heartbeat(k_now_s)) == Rcode::noerror);
  CHECK(bed.add("_dnsmesh-heartbeat.mesh.test", heartbeat(k_now_s + 301)) == Rcode::refused);
}

TEST_CASE("signed UPDATE 4, known types: only at its own place a cluster manifest must be the operator's") {
  const crypto::SigningKey ours(ByteArray<32>{1});
  const crypto::SigningKey other(ByteArray<32>{2});
  const auto manifest = [](const crypto::SigningKey& key, const std::string& name) {
    record::ClusterManifest out;
    out.cluster_name = name;
    out.operator_spk = key.public_key();
    out.seq = 1;
    out.nodes = {{"n1", "https://n1.example.org", {}}};
    out.exp = static_cast<std::uint64_t>(k_now_s + 3600);
    return record::issue_cluster_manifest(out, key).value();
  };
  SignedUpdates bed({"mesh.test"},
                    {.rules = {.known_types = {.operator_key = ours.public_key(), .base_domain = "mesh.test"}}});
  CHECK(bed.add("cluster.mesh.test", manifest(ours, "mesh.test")) == Rcode::noerror);
  CHECK(bed.add("cluster.mesh.test", manifest(ours, "sub.mesh.test")) == Rcode::refused);
  CHECK(bed.add("cluster.mesh.test", manifest(other, "mesh.test")) == Rcode::refused);
  CHECK(bed.add("Cluster.Mesh.test", manifest(other, "mesh.test")) == Rcode::refused);
  CHECK(bed.add("cluster.sub.mesh.test", manifest(other, "sub.mesh.test")) == Rcode::noerror);
  CHECK(bed.add("cluster.sub.mesh.test", "v=dmp1;t=cluster;AAAA") == Rcode::refused);
  SignedUpdates without_key({"mesh.test"}, {.rules = {.known_types = {.base_domain = "mesh.test"}}});
  CHECK(without_key.add("cluster.mesh.test", manifest(other, "mesh.test")) == Rcode::noerror);
}

TEST_CASE("signed UPDATE 6: the TTL of an add is its life; 0 and what no resolver takes mean 60") {
  SignedUpdates bed({"mesh.test"}, {.limits = {.ttl_s_max = 0}});
  const std::pair<std::uint32_t, std::int64_t> rows[] = {
      {1, 1}, {86400, 86400}, {0, 60}, {0x80000000U, 60}, {0xFFFFFFFFU, 60}, {0x7FFFFFFFU, 0x7FFFFFFF}};
  for (const auto& [ttl, life_s] : rows) {
    const std::string owner = "t" + std::to_string(ttl) + ".mesh.test";
    CHECK(bed.add(owner, "x", ttl) == Rcode::noerror);
    CHECK(bed.expiry(owner) == k_now_s + life_s);
  }
}

TEST_CASE("signed UPDATE 6: an add shortens a life only where its key may delete") {
  SignedUpdates bed({"own.mesh.test", "slot-*.mesh.test"});
  for (const char* owner : {"own.mesh.test", "slot-1.mesh.test"}) {
    CHECK(bed.add(owner, "x", 300) == Rcode::noerror);
    CHECK(bed.add(owner, "x", 1) == Rcode::noerror);
  }
  CHECK(bed.expiry("own.mesh.test") == k_now_s + 1);
  CHECK(bed.expiry("slot-1.mesh.test") == k_now_s + 300);
  CHECK(bed.add("slot-1.mesh.test", "x", 400) == Rcode::noerror);
  CHECK(bed.expiry("slot-1.mesh.test") == k_now_s + 400);
}

TEST_CASE(
    "signed UPDATE 6: a value, an RRset, and all RRsets of a name are deleted, and what is not there is NOERROR") {
  SignedUpdates bed;
  const auto fill = [&] {
    CHECK(bed.add("a.mesh.test", "1") == Rcode::noerror);
    CHECK(bed.add("a.mesh.test", "2") == Rcode::noerror);
  };
  fill();
  CHECK(bed.remove("a.mesh.test", "1") == Rcode::noerror);
  CHECK(bed.count("a.mesh.test") == 1);
  CHECK(bed.remove("a.mesh.test", "1") == Rcode::noerror);
  CHECK(bed.remove("b.mesh.test", "1") == Rcode::noerror);
  fill();
  CHECK(bed.remove_all("a.mesh.test") == Rcode::noerror);
  CHECK(bed.count("a.mesh.test") == 0);
  CHECK(bed.remove_all("a.mesh.test") == Rcode::noerror);
  fill();
  CHECK(bed.remove_all("a.mesh.test", k_type_any) == Rcode::noerror);
  CHECK(bed.count("a.mesh.test") == 0);
  CHECK(bed.remove_all("a.mesh.test", k_type_any) == Rcode::noerror);
}

TEST_CASE("signed UPDATE 6: operations are applied in their order, in one batch") {
  SignedUpdates bed;
  CHECK(bed.add("a.mesh.test", "old") == Rcode::noerror);
  const std::string empty = rr("a.mesh.test", k_class_any, 0, "");
  const std::string fresh = rr("a.mesh.test", k_class_in, 300, strings("new"));
  CHECK(bed.change({.updates = {empty, fresh}}) == Rcode::noerror);
  CHECK(bed.store->values_at("a.mesh.test").value().at(0).value == "new");
  CHECK(bed.change({.updates = {fresh, empty}}) == Rcode::noerror);
  CHECK(bed.count("a.mesh.test") == 0);
}

TEST_CASE(
    "signed UPDATE 6: two adds at a name keep their own TTLs, an empty TXT is the empty value, strings are joined") {
  SignedUpdates bed;
  CHECK(bed.change({.updates = {rr("a.mesh.test", k_class_in, 100, strings("1")),
                                rr("a.mesh.test", k_class_in, 200, strings("2")),
                                rr("a.mesh.test", k_class_in, 300, strings(""))}}) == Rcode::noerror);
  const auto rows = bed.store->values_at("a.mesh.test").value();
  REQUIRE(rows.size() == 3);
  CHECK(rows[0].expires_s + 100 == rows[1].expires_s);
  CHECK(rows[2].value.empty());
  std::string rdata;
  for (int i = 0; i < 4; ++i) rdata += strings(std::string(255, 'x'));
  CHECK(bed.change({.updates = {rr("b.mesh.test", k_class_in, 100, rdata)}}) == Rcode::noerror);
  CHECK(bed.store->values_at("b.mesh.test").value().at(0).value == std::string(1020, 'x'));
}

TEST_CASE("signed UPDATE 6: names are folded before every check, look-up and write") {
  SignedUpdates bed({"own.mesh.test"});
  CHECK(bed.add("X.OWN.Mesh.Test", "1") == Rcode::noerror);
  CHECK(bed.store->values_at_exactly("x.own.mesh.test").value().size() == 1);
  CHECK(bed.remove("x.Own.mesh.test", "1") == Rcode::noerror);
  CHECK(bed.count("x.own.mesh.test") == 0);
}

TEST_CASE("signed UPDATE 6: prerequisites have the rcodes of RFC 2136 3.2 and wait for what is under way") {
  SignedUpdates bed;
  const auto with = [&](std::uint16_t rclass, std::uint16_t type, const std::string& owner,
                        std::string_view rdata = "") {
    return bed.change({.prerequisites = {rr(owner, rclass, 0, rdata, type)},
                       .updates = {rr("a.mesh.test", k_class_in, 60, strings("x"))}});
  };
  CHECK(with(k_class_any, k_type_any, "a.mesh.test") == Rcode::nxdomain);
  CHECK(with(k_class_any, k_type_txt, "a.mesh.test") == Rcode::nxrrset);
  CHECK(with(k_class_in, k_type_txt, "a.mesh.test", strings("x")) == Rcode::nxrrset);
  CHECK(with(k_class_any, k_type_any, "other.test") == Rcode::notzone);
  CHECK(bed.count("a.mesh.test") == 0);
  CHECK(with(k_class_none, k_type_any, "a.mesh.test") == Rcode::noerror);
  CHECK(with(k_class_none, k_type_any, "a.mesh.test") == Rcode::yxdomain);
  CHECK(with(k_class_none, k_type_txt, "a.mesh.test") == Rcode::yxrrset);
  CHECK(with(k_class_in, k_type_txt, "a.mesh.test", strings("x")) == Rcode::noerror);

  const auto update = bed.begin(bed.by_alice({.prerequisites = {rr("a.mesh.test", k_class_any, 0, "", k_type_any)}}));
  CHECK(bed.updater.step(*update, false) == Updater::Step::wait);
  CHECK(bed.updater.step(*update, true) == Updater::Step::answer);
  CHECK(update->result.rcode == Rcode::noerror);
}

TEST_CASE("signed UPDATE 6: an add that makes the RRset too large for an answer is refused, alone or in a message") {
  SignedUpdates bed({"mesh.test"}, {.limits = {.value_bytes_max = 0, .values_per_name_max = 0}});
  std::string rdata;
  for (int i = 0; i < 117; ++i) rdata += strings(std::string(255, 'x'));
  const auto large = [&](char mark) {
    std::string out = rdata;
    out[1] = mark;
    return rr("a.mesh.test", k_class_in, 300, out);
  };
  CHECK(bed.change({.updates = {large('1'), large('2')}}) == Rcode::noerror);
  CHECK(bed.change({.updates = {rr("b.mesh.test", k_class_in, 300, strings("x")), large('3')}}) == Rcode::refused);
  CHECK(bed.count("a.mesh.test") == 2);
  CHECK(bed.count("b.mesh.test") == 0);
}

TEST_CASE("signed UPDATE 6: text that is not ASCII is taken and told of") {
  SignedUpdates bed;
  const auto update =
      bed.carry_out(bed.by_alice({.updates = {rr("a.mesh.test", k_class_in, 60, strings("\xC3\xA4"))}}));
  CHECK(update->result.rcode == Rcode::noerror);
  CHECK(update->result.has_foreign_text);
}

TEST_CASE("signed UPDATE 6: a delete of a value that is not there keeps peers from bringing it") {
  SignedUpdates bed({"mesh.test"}, {.limits = {.absent_tombstone_s = 500}});
  CHECK(bed.remove("a.mesh.test", "x") == Rcode::noerror);
  const auto tombstone = bed.store->tombstone("a.mesh.test", crypto::sha256("x")).value();
  REQUIRE(tombstone);
  CHECK(tombstone->until_s == k_now_s + 500);
}

TEST_CASE("a claim whose key covers it goes the signed path") {
  SignedUpdates bed({"claim-*.mb-*.mesh.test"}, {.rules = {.claims = {.for_everybody = false}}});
  CHECK(bed.add(claim_name(4), claim(3)) == Rcode::noerror);  // its slot is not looked at here
  CHECK(bed.add(claim_name(4), claim(3, 90000)) == Rcode::noerror);
  CHECK(bed.send(adding(claim())) == Rcode::refused);
}

TEST_CASE("a signed UPDATE with one bit changed anywhere applies nothing else") {
  SignedUpdates bed({"mesh.test"}, {.per_key = {}});
  const std::string good = *from_hex(k_vector);
  for (std::size_t bit = 0; bit < good.size() * 8; ++bit) {
    std::string changed = good;
    changed[bit / 8] = static_cast<char>(static_cast<unsigned char>(changed[bit / 8]) ^ 1U << bit % 8);
    bed.send(changed);
  }
  std::size_t others = 0;
  REQUIRE(bed.store->for_each([&](const store::Record& row) { others += row.value == "hello" ? 0U : 1U; }));
  CHECK(others == 0);
  CHECK(bed.count("n1.mesh.test") == 1);
}
