// SPDX-License-Identifier: Apache-2.0
#include "record/subject.hpp"

#include <doctest/doctest.h>

#include "support.hpp"

using namespace dnsmesh;
using namespace dnsmesh::record;
using namespace dnsmesh::record::testing;

namespace {

constexpr auto k_user = SubjectType::user_identity;
constexpr auto k_cluster = SubjectType::cluster_operator;
constexpr auto k_bootstrap = SubjectType::bootstrap_signer;

}  // namespace

TEST_CASE("the subject of a cluster or bootstrap record is a DNS name with up to two trailing dots") {
  for (const SubjectType type : {k_cluster, k_bootstrap}) {
    for (const char* good : {"mesh.example.com", "mesh.example.com.", "mesh.example.com..", "local", "A-1"}) {
      CAPTURE(good);
      CHECK(is_subject(type, good));
    }
    for (const char* bad : {"", ".", "..", "a...", "a_b", "-a", "a b", " a", "a@b", "\xC3\xA9"}) {
      CAPTURE(bad);
      CHECK_FALSE(is_subject(type, bad));
    }
  }
}

TEST_CASE("the subject of a user is split at its first at-sign and both halves are trimmed") {
  for (const char* good : {"alice@example.com", " alice @ example.com ", "a b@example.com..",
                           "\xE3\x80\x80"
                           "a@b\xC2\xA0",
                           "\x01@h", "\xC3\xA9@h"}) {
    CAPTURE(good);
    CHECK(is_subject(k_user, good));
  }
  for (const char* bad : {"", "alice", "@example.com", " @h", "alice@", "alice@ ", "a@b@c", "a@b_c", "a@.", "a@b..."}) {
    CAPTURE(bad);
    CHECK_FALSE(is_subject(k_user, bad));
  }
}

TEST_CASE("a user's half is compared with its case, the host without") {
  CHECK(matches_expected_subject(k_user, "alice@Example.com", " alice@example.COM. "));
  CHECK_FALSE(matches_expected_subject(k_user, "alice@example.com", "Alice@example.com"));
  CHECK_FALSE(matches_expected_subject(k_user, "alice@example.com", "alice"));
  CHECK_FALSE(matches_expected_subject(k_user, "alice@example.com", ""));
}

TEST_CASE("other subjects are compared without case and one trailing dot, and not trimmed") {
  CHECK(matches_expected_subject(k_cluster, "Mesh.Example.com.", "mesh.example.COM"));
  CHECK_FALSE(matches_expected_subject(k_cluster, "mesh.example.com", "mesh.example.com.."));
  CHECK_FALSE(matches_expected_subject(k_bootstrap, "mesh.example.com", " mesh.example.com"));
  CHECK_FALSE(matches_expected_subject(k_bootstrap, "mesh.example.com", ""));
}

TEST_CASE("the length of a subject is bounded by its type") {
  const auto code_for = [](SubjectType type, std::size_t size) {
    ByteWriter writer;
    const std::string host = "@" + std::string(10, 'h');
    const bool user = type == k_user;
    std::string subject = user ? std::string(size - host.size(), 'u') + host : std::string(size / 2, 'a') + ".";
    if (!user) subject += std::string(size - subject.size(), 'b');
    return code_of(write_subject(writer, type, subject));
  };
  CHECK(code_for(k_user, 255) == "ok");
  CHECK(code_for(k_user, 256) == "issue-refused");
  CHECK(code_for(k_cluster, 64) == "ok");
  CHECK(code_for(k_cluster, 65) == "issue-refused");
  ByteWriter writer;
  CHECK(code_of(write_subject(writer, static_cast<SubjectType>(4), "a@b")) == "issue-refused");
  CHECK(code_of(write_subject(writer, k_user, "")) == "issue-refused");
  CHECK(code_of(write_subject(writer, k_user, "\xff@b")) == "issue-refused");
  CHECK(code_of(write_subject(writer, k_cluster, "a@b")) == "issue-refused");
}
