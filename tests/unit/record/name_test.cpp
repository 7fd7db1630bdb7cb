// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <string>

#include "base/hex.hpp"
#include "record/hostname.hpp"
#include "record/name_rule.hpp"
#include "record/owner_name.hpp"
#include "record/txt.hpp"
#include "support.hpp"

using namespace dnsmesh;
using namespace dnsmesh::record;
using namespace dnsmesh::record::testing;

TEST_CASE("a hostname has non-empty labels of letters, digits and inner hyphens and at most one trailing dot") {
  const std::string label(63, 'a');
  for (const std::string& good : {std::string("local"), std::string("1.2.3"), std::string("A-b.c."), label,
                                  label + "." + label, std::string("a--b")}) {
    CAPTURE(good);
    CHECK(is_hostname(good));
  }
  for (const std::string& bad :
       {std::string(), std::string("."), std::string(".."), std::string("a.."), std::string(".a"), std::string("a..b"),
        std::string("-a"), std::string("a-"), std::string("a_b"), std::string("a b"), std::string("a\n"),
        std::string("\xC3\xA9"), label + "a", std::string("a\0", 2)}) {
    CAPTURE(bad);
    CHECK_FALSE(is_hostname(bad));
  }
}

TEST_CASE("a signed name has 1 to 64 bytes beside one trailing dot, which is dropped") {
  const std::string name = std::string(62, 'a') + ".b";
  CHECK(signed_name(name) == name);
  CHECK(signed_name(name + ".") == name);
  CHECK_FALSE(signed_name(name + "b").has_value());
  CHECK_FALSE(signed_name(name + "..").has_value());
  CHECK_FALSE(signed_name("").has_value());
  CHECK_FALSE(signed_name(".").has_value());
}

TEST_CASE("owner names of clusters and domains keep case and drop one dot") {
  CHECK(cluster_owner("Mesh.Local.") == "cluster.Mesh.Local");
  CHECK(bootstrap_owner("example.com") == "_dmp.example.com");
  CHECK(rotate_cluster_owner("m.") == "rotate.cluster.m");
  CHECK(rotate_bootstrap_owner("m") == "rotate._dmp.m");
  CHECK(code_of(cluster_owner("a..")) == "owner-name");
  CHECK(code_of(bootstrap_owner("")) == "owner-name");
}

TEST_CASE("owner names of users hash the name as written, 16 characters for the identity and 12 for prekeys") {
  // SHA-256("alice") = 2bd806c97f0e00af...
  CHECK(identity_hashed_owner("alice", "z.test..") == "id-2bd806c97f0e00af.z.test");
  CHECK(prekey_owner("alice", "z.test.") == "prekeys.id-2bd806c97f0e.z.test");
  CHECK(rotate_user_hashed_owner("alice", "z.test") == "rotate.id-2bd806c97f0e00af.z.test");
  CHECK(identity_hashed_owner("Alice", "z.test") != identity_hashed_owner("alice", "z.test"));
  CHECK(identity_zone_owner("z.test..") == "dmp.z.test");
  CHECK(rotate_user_zone_owner("z.test") == "rotate.dmp.z.test");
}

TEST_CASE("mailbox names hash the recipient id once more and allow slots 0 to 9") {
  const auto id = recipient_id_of(std::string(32, '\0'));
  CHECK(to_hex(view(id)) == "66687aadf862bd776c8fc18b8e9f8e20089714856ee233b3902a591d0d5f2925");
  CHECK(slot_owner(id, 9, "z.") == "slot-9.mb-2b32db6c2c0a.z.");
  CHECK(claim_owner(id, 0, "z") == "claim-0.mb-2b32db6c2c0a.z");
  CHECK(code_of(slot_owner(id, 10, "z")) == "owner-name");
  CHECK(code_of(claim_owner(id, 10, "z")) == "owner-name");
  CHECK(code_of(claim_owner(id, 1, "")) == "owner-name");
  ByteArray<16> msg_id{};
  msg_id[2] = 1;
  msg_id[3] = 7;
  CHECK(slot_choice(msg_id) == 263 % 10);
}

TEST_CASE("chunk, heartbeat and seen names") {
  const std::string owner = chunk_owner({}, {}, {}, 7, "z");
  CHECK(owner.starts_with("chunk-0007-"));
  CHECK(owner.size() == std::string("chunk-0007-").size() + 12 + 2);
  CHECK(chunk_owner({}, {}, {}, 12345, "z").starts_with("chunk-12345-"));
  CHECK(heartbeat_owner("z") == "_dnsmesh-heartbeat.z");
  CHECK(seen_owner("z") == "_dnsmesh-seen.z");
  CHECK(code_of(heartbeat_owner("")) == "owner-name");
  CHECK(code_of(seen_owner("")) == "owner-name");
}

TEST_CASE("reserved names are recognised from their beginning, in any case") {
  for (const char* reserved :
       {"slot-0.mb-abcdef012345.t", "SLOT-10.MB-A.t", "chunk-0000-abc.t", "mb-ab.t", "id-ab12.t", "prekeys.id-ab.t",
        "_dnsmesh-", "_dnsmesh-x", "claim-3.mb-ab.t", "cluster.t", "CLUSTER.", "_dmp.t", "dmp.t", "rotate.x"}) {
    CAPTURE(reserved);
    CHECK(is_reserved_owner(reserved));
  }
  for (const char* open :
       {"", "slot-.mb-ab.t", "slot-x.mb-ab.t", "slot-1.mb-.t", "slot-1.mb-ag.t", "chunk-1-zz.t", "mb-ab", "id-xyz.t",
        "prekeys.t", "cluster", "dmpx.t", "rotated.t", "a.cluster.t", "x_dnsmesh-"}) {
    CAPTURE(open);
    CHECK_FALSE(is_reserved_owner(open));
  }
}

TEST_CASE("a claim owner lies directly under the zone, with any slot number and 12 hex characters") {
  CHECK(claim_owner_hash("claim-99.mb-0123456789ab.z.test", "z.test") == "0123456789ab");
  CHECK(claim_owner_hash("CLAIM-1.MB-0123456789AB.Z.test..", "Z.TEST.") == "0123456789ab");
  for (const char* name :
       {"claim-.mb-0123456789ab.z.test", "claim-x.mb-0123456789ab.z.test", "claim-1.mb-0123456789a.z.test",
        "claim-1.mb-0123456789abc.z.test", "claim-1.mb-0123456789ag.z.test", "claim-1.mb-0123456789ab.x.z.test",
        "x.claim-1.mb-0123456789ab.z.test", "claim-1.mb-0123456789ab.other", "claim-1.mb-0123456789ab", "z.test", "",
        "claim-1.mb-0123456789ab.xz.test"}) {
    CAPTURE(name);
    CHECK_FALSE(claim_owner_hash(name, "z.test").has_value());
  }
  CHECK_FALSE(claim_owner_hash("claim-1.mb-0123456789ab.", "").has_value());
}

TEST_CASE("the name rules of digests and of HTTP, and that both refuse a line feed") {
  CHECK(is_digest_name("A._-9..x."));
  CHECK(is_digest_name(std::string(253, 'a')));
  for (const std::string& bad : {std::string(), std::string(254, 'a'), std::string("a\n"), std::string("*.a"),
                                 std::string("a b"), std::string("\xC3\xA9")}) {
    CAPTURE(bad);
    CHECK_FALSE(is_digest_name(bad));
  }
  const std::string label(63, 'a');
  for (const std::string& good : {std::string("a"), std::string("_a.b-c.D"), std::string("a."), label, "_" + label}) {
    CAPTURE(good);
    CHECK(is_http_name(good));
  }
  for (const std::string& bad :
       {std::string(), std::string("."), std::string("a.."), std::string("_"), std::string("__a"), std::string("a_b"),
        std::string("-a"), std::string("a-"), std::string("_a-"), label + "a", std::string("a\n.b"), std::string("a\n"),
        std::string("*.a"), label + "." + label + "." + label + "." + label}) {
    CAPTURE(bad);
    CHECK_FALSE(is_http_name(bad));
  }
}

TEST_CASE("a value is cut every 255 octets and the empty one is one empty string") {
  CHECK(txt_strings("") == std::vector<std::string_view>{""});
  const std::string value(511, 'v');
  CHECK(txt_strings(value.substr(0, 255)).size() == 1);
  CHECK(txt_strings(value.substr(0, 256)) ==
        std::vector<std::string_view>{std::string_view(value).substr(0, 255), "v"});
  CHECK(txt_strings(value).size() == 3);
}
