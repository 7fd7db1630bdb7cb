// SPDX-License-Identifier: Apache-2.0
#include "sync/acceptance.hpp"

#include <doctest/doctest.h>

#include <string>

#include "base/base64.hpp"
#include "record/claim_record.hpp"
#include "record/cluster_manifest.hpp"
#include "record/identity_record.hpp"
#include "record/owner_name.hpp"
#include "record/slot_manifest.hpp"
#include "sync/owner_fit.hpp"

using namespace dnsmesh;
using sync::Fate;
using sync::Wanted;

namespace {

constexpr std::int64_t k_now_s = 1795341751;

const crypto::SigningKey& signing_key() {
  static const crypto::SigningKey key(ByteArray<32>{9});
  return key;
}

std::string manifest_until(std::int64_t exp_s) {
  record::ClusterManifest manifest;
  manifest.cluster_name = "Mesh.Test";
  manifest.operator_spk = signing_key().public_key();
  manifest.seq = 1;
  manifest.nodes = {{"node-a", "http://node-a:8053", std::nullopt}};
  manifest.exp = static_cast<std::uint64_t>(exp_s);
  return record::issue_cluster_manifest(manifest, signing_key()).value();
}

std::string claim_until(std::int64_t exp_s) {
  record::ClaimRecord claim;
  claim.sender_spk = signing_key().public_key();
  claim.sender_mailbox_domain = "mesh.test";
  claim.ts = static_cast<std::uint64_t>(exp_s - 100);
  claim.exp = static_cast<std::uint64_t>(exp_s);
  return record::issue_claim_record(claim, signing_key()).value();
}

std::string slot_until(std::int64_t exp_s, const ByteArray<32>& recipient_id = {}) {
  record::SlotManifest manifest;
  manifest.sender_spk = signing_key().public_key();
  manifest.recipient_id = recipient_id;
  manifest.total_chunks = manifest.data_chunks = 1;
  manifest.exp = static_cast<std::uint64_t>(exp_s);
  return record::issue_slot_manifest(manifest, signing_key()).value();
}

std::string identity_of(std::string username) {
  record::IdentityRecord record;
  record.username = std::move(username);
  record.ed25519_spk = signing_key().public_key();
  return record::issue_identity_record(record, signing_key()).value();
}

sync::PulledRecord pulled(std::string name, std::string value, std::int64_t ttl_ms = 100000) {
  return {std::move(name), std::move(value), ttl_ms};
}

Wanted wanted(std::string name, std::string_view value, std::int64_t ttl_ms_max = 105000) {
  return {{std::move(name), crypto::sha256(value)}, ttl_ms_max};
}

}  // namespace

TEST_CASE("what came is matched with what was wanted by name and hash, once") {
  const std::vector<Wanted> asked = {wanted("a", "1"), wanted("b", "2"), wanted("b", "3")};
  const auto matched = sync::match(
      asked, {pulled("b", "3"), pulled("b", "3", 1), pulled("b", "4"), pulled("c", "1"), pulled("a", "1")}, false);
  CHECK(matched.arrivals[0].fate == Fate::arrived);
  CHECK(matched.arrivals[1].fate == Fate::missing);
  CHECK(matched.arrivals[2].fate == Fate::arrived);
  CHECK(matched.arrivals[2].ttl_ms == 100000);  // the first of two
  REQUIRE(matched.strays.size() == 2);
  CHECK(matched.strays[0].name_asked);
  CHECK_FALSE(matched.strays[1].name_asked);
}

TEST_CASE("names are compared byte for byte") {
  const auto matched = sync::match({wanted("a.test", "1")}, {pulled("A.test", "1")}, false);
  CHECK(matched.arrivals[0].fate == Fate::missing);
  CHECK_FALSE(matched.strays.at(0).name_asked);
}

TEST_CASE("the ceiling of a life is the signed end, a manifest's own to five years, or what the operator says") {
  CHECK(sync::ttl_s_ceiling("text", k_now_s, 604800) == 604800);
  CHECK(sync::ttl_s_ceiling(slot_until(k_now_s + 500), k_now_s, 604800) == 500);
  CHECK(sync::ttl_s_ceiling(slot_until(k_now_s + 5000000), k_now_s, 604800) == 604800);
  CHECK(sync::ttl_s_ceiling(manifest_until(k_now_s + 30000000), k_now_s, 604800) == 30000000);
  CHECK(sync::ttl_s_ceiling(manifest_until(k_now_s + 200000000), k_now_s, 604800) == 157680000);
  CHECK(sync::ttl_s_ceiling("v=dmp1;t=prekey;d=AAAA", k_now_s, 604800) == 604800);  // no end to be read
}

TEST_CASE("an end is past after its second, a claim's at it") {
  CHECK(sync::ttl_s_ceiling(slot_until(k_now_s), k_now_s, 604800) == 1);
  CHECK(sync::ttl_s_ceiling(slot_until(k_now_s - 1), k_now_s, 604800) == 0);
  CHECK(sync::ttl_s_ceiling(claim_until(k_now_s + 1), k_now_s, 604800) == 1);
  CHECK(sync::ttl_s_ceiling(claim_until(k_now_s), k_now_s, 604800) == 0);
}

TEST_CASE("the time since the request is taken off a life, rounded down") {
  CHECK(sync::ttl_s_left(100000, 0, 0) == 100);
  CHECK(sync::ttl_s_left(100000, 0, 1) == 99);
  CHECK(sync::ttl_s_left(100000, 0, 1000) == 99);
  CHECK(sync::ttl_s_left(100000, 0, 1001) == 98);
  CHECK(sync::ttl_s_left(100000, 0, 200000) == 0);
  CHECK(sync::ttl_s_left(100000, 500, 0) == 100);  // never more than was said
}

TEST_CASE("five seconds are no difference, six are") {
  CHECK(sync::close_enough(k_now_s + 100, 105, k_now_s));
  CHECK_FALSE(sync::close_enough(k_now_s + 100, 106, k_now_s));
  CHECK(sync::close_enough(k_now_s + 100, 1, k_now_s));
}

TEST_CASE("a text that is not spelt as base64 is, is an alias of the one that is") {
  const std::string canonical = identity_of("alice");
  std::string blob;
  std::string alias_blob;
  CHECK_FALSE(sync::is_alias(canonical, &blob));
  CHECK(sync::is_alias(canonical + "!", &alias_blob));  // lenient types skip foreign characters
  CHECK(blob == alias_blob);
  CHECK_FALSE(sync::is_alias("text"));
  CHECK_FALSE(sync::is_alias("v=dmp1;t=claim;***"));
}

TEST_CASE("a record fits an owner of its type, and of its subject where it names one") {
  const std::string identity = identity_of("alice");
  CHECK(sync::owner_fits(record::identity_hashed_owner("alice", "mesh.test"), identity));
  CHECK(sync::owner_fits("DMP.alice.test", identity));
  CHECK_FALSE(sync::owner_fits(record::identity_hashed_owner("bob", "mesh.test"), identity));
  const ByteArray<32> recipient{7};
  const std::string slot = slot_until(k_now_s + 10, recipient);
  CHECK(sync::owner_fits(record::slot_owner(recipient, 3, "mesh.test").value(), slot));
  CHECK_FALSE(sync::owner_fits(record::slot_owner({}, 3, "mesh.test").value(), slot));
  CHECK_FALSE(sync::owner_fits(record::claim_owner(recipient, 3, "mesh.test").value(), slot));
  CHECK(sync::owner_fits(record::claim_owner(recipient, 3, "mesh.test").value(), claim_until(k_now_s + 10)));
  CHECK_FALSE(sync::owner_fits("claim-x.mb-012345678901.test", claim_until(k_now_s + 10)));
  CHECK(sync::owner_fits("cluster.MESH.test", manifest_until(k_now_s + 10)));
  CHECK_FALSE(sync::owner_fits("cluster.other.test", manifest_until(k_now_s + 10)));
  CHECK(sync::owner_fits("chunk-0001-abcdef.test", "v=dmp1;t=chunk;d=AAAA"));
  CHECK_FALSE(sync::owner_fits("chunk-x.test", "v=dmp1;t=chunk;d=AAAA"));
  CHECK(sync::owner_fits("prekeys.id-0123.test", "v=dmp1;t=prekey;d=AAAA"));
  CHECK_FALSE(sync::owner_fits("a.test", "v=dmp1;t=prekey;d=AAAA"));
  CHECK(sync::owner_fits("rotate.dmp.test", "v=dmp1;t=rotation;AAAA"));
  CHECK_FALSE(sync::owner_fits("a.test", "v=dmp1;t=revocation;AAAA"));
  CHECK_FALSE(sync::owner_fits("_dmp.test", "v=dmp1;t=bootstrap;AAAA"));
  CHECK_FALSE(sync::owner_fits("a.test", "v=dmp1;t=heartbeat;AAAA"));
  CHECK(sync::owner_fits("a.test", "any text"));
}
