// SPDX-License-Identifier: Apache-2.0
// Which names a scope entry covers: the table and the examples of spec/dns-update.md 4.
#include "access/name_scope.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

using namespace dnsmesh::access;
using Strings = std::vector<std::string>;

TEST_CASE("an empty scope entry covers nothing") {
  for (const char* entry : {"", ".", "  ", " . "}) {
    CHECK_FALSE(covers(entry, "a.z"));
    CHECK_FALSE(covers(entry, ""));
  }
}

TEST_CASE("a scope entry without a star covers its name and what is below it, at a label's boundary") {
  CHECK(covers("id-ab.z", "id-ab.z"));
  CHECK(covers("id-ab.z", "x.y.id-ab.z"));
  CHECK_FALSE(covers("id-ab.z", "xid-ab.z"));
  CHECK_FALSE(covers("id-ab.z", "z"));
  CHECK_FALSE(covers("id-ab.z", "id-ab.z.other"));
  CHECK_FALSE(covers("id-ab.z", ""));
}

TEST_CASE("case, blanks and outer dots of scope entry and owner do not matter") {
  CHECK(covers(" .ID-ab.Z. ", "X.id-AB.z."));
  CHECK(covers("Slot-*.MB-*.z.", "SLOT-3.mb-AB.Z."));
}

TEST_CASE("a scope entry with a star is compared label by label from the right, and labels on the left are free") {
  CHECK(covers("slot-*.mb-*.z", "slot-3.mb-ab.z"));
  CHECK(covers("slot-*.mb-*.z", "x.slot-3.mb-ab.z"));
  CHECK_FALSE(covers("slot-*.mb-*.z", "slot-3.z"));
  CHECK_FALSE(covers("slot-*.mb-*.z", "slot-3.x.mb-ab.z"));
  CHECK_FALSE(covers("slot-*.mb-*.z", "mb-ab.z"));
  CHECK_FALSE(covers("slot-*.mb-*.z", "slot-3.mb-ab.y"));
  CHECK(covers("chunk-*-*.z", "chunk-0001-abc.z"));
  CHECK_FALSE(covers("chunk-*-*.z", "chunk-0001.z"));
  CHECK_FALSE(covers("chunk-*-*.z", "chunk-0001-abc.y.z"));
}

TEST_CASE("a star stands for any octets of one label, also none, and never for a dot") {
  CHECK(covers("*.z", "a.z"));
  CHECK(covers("*.z", "b.a.z"));
  CHECK_FALSE(covers("*.z", "z"));
  CHECK(covers("*", "anything.at.all"));
  CHECK(covers("a*.z", "a.z"));
  CHECK_FALSE(covers("a*z", "a.z"));
}

TEST_CASE("the literal parts of a label come in order and do not overlap") {
  CHECK(covers("ab*ba", "abba"));
  CHECK_FALSE(covers("ab*ba", "aba"));
  CHECK(covers("a*b*c", "a-b-c"));
  CHECK(covers("a*b*c", "abc"));
  CHECK_FALSE(covers("a*b*c", "acb"));
  CHECK_FALSE(covers("a*b*b", "ab"));
  CHECK(covers("*a*a*", "xaxa"));
  CHECK_FALSE(covers("*a*a*", "xax"));
  CHECK(covers("**", "x"));
  CHECK_FALSE(covers("a*", "ba"));
  CHECK_FALSE(covers("*a", "ab"));
}

TEST_CASE("an escaped dot of an owner is no boundary between labels") {
  CHECK_FALSE(covers("id-ab.z", "x\\.id-ab.z"));
  CHECK_FALSE(covers("slot-*.mb-*.z", "slot-1\\.mb-ab.z"));
  CHECK(covers("id-ab.z", "x\\\\.id-ab.z"));  // an escaped backslash, then a boundary
  CHECK(covers("z", "\\.z.z"));
  CHECK_FALSE(covers("z.z", "\\.z.z"));
  CHECK(covers("*", "\\."));
}

TEST_CASE("adding needs any entry that covers, deleting one without a star") {
  const Strings scope = {"slot-*.mb-*.z", "chunk-*-*.z", "mb-0123456789ab.z"};
  CHECK(may_add(scope, "slot-7.mb-0123456789ab.z"));
  CHECK(may_delete(scope, "slot-7.mb-0123456789ab.z"));
  CHECK(may_add(scope, "slot-7.mb-ffffffffffff.z"));
  CHECK_FALSE(may_delete(scope, "slot-7.mb-ffffffffffff.z"));
  CHECK(may_add(scope, "chunk-0001-abc.z"));
  CHECK_FALSE(may_delete(scope, "chunk-0001-abc.z"));
  CHECK_FALSE(may_add(scope, "id-ab.z"));
  CHECK_FALSE(may_delete(scope, "id-ab.z"));
  CHECK_FALSE(may_add({}, "a.z"));
  CHECK_FALSE(may_delete({}, "a.z"));
}

TEST_CASE("a bare zone as scope entry allows everything in the zone") {
  const Strings scope = {"z"};
  for (const char* owner : {"z", "a.z", "cluster.z", "slot-1.mb-ab.z"}) {
    CHECK(may_add(scope, owner));
    CHECK(may_delete(scope, owner));
  }
  CHECK_FALSE(may_add(scope, "az"));
}
