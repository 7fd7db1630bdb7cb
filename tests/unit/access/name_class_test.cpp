// SPDX-License-Identifier: Apache-2.0
#include "access/name_class.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

using namespace dnsmesh::access;

namespace {

const std::string k_hex12 = "0123456789ab";
const std::string k_hex16 = "0123456789abcdef";

NameClass class_of(const std::string& name) { return classify_name(name).name_class; }

}  // namespace

TEST_CASE("names of one user say by what their owner is known") {
  struct Case {
    std::string name;
    OwnerRule rule;
    std::string user, hash, domain;
  };
  const std::vector<Case> cases = {
      {"dmp.alice.example.com", OwnerRule::subject, "alice", "", "example.com"},
      {"DMP.Alice.Example.COM...", OwnerRule::subject, "alice", "", "example.com"},
      {"dmp.a.b.x.co", OwnerRule::subject, "a", "", "b.x.co"},
      {"id-" + k_hex16 + ".example.com", OwnerRule::id16, "", k_hex16, "example.com"},
      {"prekeys.id-" + k_hex12 + ".example.com", OwnerRule::prekeys, "", k_hex12, "example.com"},
      {"rotate.dmp.alice.example.com", OwnerRule::subject, "alice", "", "example.com"},
      {"pk-7." + k_hex12 + ".example.com", OwnerRule::subject_hash12, "", k_hex12, "example.com"},
  };
  for (const Case& each : cases) {
    CAPTURE(each.name);
    const ClassifiedName got = classify_name(each.name);
    CHECK(got.name_class == NameClass::owner);
    CHECK(got.rule == each.rule);
    CHECK(got.user == each.user);
    CHECK(got.hash == each.hash);
    CHECK(got.domain == each.domain);
  }
}

TEST_CASE("mailbox slots and chunks are shared") {
  CHECK(class_of("slot-3.mb-" + k_hex12 + ".example.com") == NameClass::shared);
  CHECK(class_of("chunk-0001-" + k_hex12 + ".example.com") == NameClass::shared);
  CHECK(class_of("chunk-" + std::string(40, '9') + "-" + k_hex12 + ".example.com") == NameClass::shared);
}

TEST_CASE("every other name is the operator's") {
  const std::string label63(63, 'a');
  for (const std::string& name : std::vector<std::string>{"dmp.alice.com",
                                                          "cluster.example.com",
                                                          "bootstrap.example.com",
                                                          "a.b",
                                                          "dmp.example.com.",
                                                          "-a.b.c",
                                                          "id-" + k_hex12 + ".example.com",
                                                          "id-" + k_hex16 + "0.example.com",
                                                          "id-" + k_hex16 + ".com",
                                                          "prekeys.id-" + k_hex16 + ".example.com",
                                                          "pk-." + k_hex12 + ".example.com",
                                                          "pk-x." + k_hex12 + ".example.com",
                                                          "claim-1.mb-" + k_hex12 + ".example.com",
                                                          "mb-" + k_hex12 + ".x.co",
                                                          "slot-1.mb-" + k_hex12 + ".com",
                                                          "slot-1.mb-0123456789ag.example.com",
                                                          "slot-1" + k_hex12 + ".example.com",
                                                          "chunk-1" + k_hex12 + ".example.com",
                                                          "rotate.dmp.alice.com",
                                                          "dmp.alice-.example.com",
                                                          "dmp.alice.-x.com",
                                                          "dmp.alice.example." + label63 + "a"}) {
    CAPTURE(name);
    const ClassifiedName got = classify_name(name);
    CHECK(got.name_class == NameClass::operator_only);
    CHECK(got.reason == "reserved or unrecognized record namespace");
  }
  CHECK(class_of("dmp." + label63 + ".example.com") == NameClass::owner);
  CHECK(class_of("dmp." + label63 + "a.example.com") == NameClass::operator_only);
  const ClassifiedName rotation = classify_name("rotate.dmp.id-" + k_hex12 + ".example.com");
  CHECK(rotation.name_class == NameClass::operator_only);
  CHECK(rotation.reason == "hash-form rotation not issuable to end-user tokens in v1");
}

TEST_CASE("what is no name of a record says why") {
  struct Case {
    std::string name;
    std::string_view reason;
  };
  for (const Case& each : std::vector<Case>{{"", "empty name"},
                                            {"...", "name was only dots"},
                                            {"_dmp.example.com", "non-ASCII or disallowed chars"},
                                            {"_dnsmesh-heartbeat.example.com", "non-ASCII or disallowed chars"},
                                            {"dmp.\xC3\xA9.example.com", "non-ASCII or disallowed chars"},
                                            {"dmp.a b.example.com", "non-ASCII or disallowed chars"},
                                            {".dmp.alice.example.com", "empty label(s) in name"},
                                            {"dmp..example.com", "empty label(s) in name"},
                                            {"foo.", "no dots: not a fully qualified domain name"}}) {
    CAPTURE(each.name);
    const ClassifiedName got = classify_name(each.name);
    CHECK(got.name_class == NameClass::unknown);
    CHECK(got.reason == each.reason);
  }
}
