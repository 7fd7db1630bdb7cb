// SPDX-License-Identifier: Apache-2.0
#include "access/key_scope.hpp"

#include <doctest/doctest.h>

#include "base/hex.hpp"

using namespace dnsmesh;
using access::KeyScope;
using access::Subject;
using Names = std::vector<std::string>;

namespace {

const Subject k_alice{"alice", "example.com"};
const auto k_spk = to_array<32>(from_hex("03a107bff3ce10be1d70dd18e74bc09967e4d6309ba50d5f1ddc8664125531b8").value());
const auto k_x25519 =
    to_array<32>(from_hex("7b0d47d93427f8311160781c7c733fd89f88970aef490d8aa0ee19a4cb8a1b14").value());

}  // namespace

TEST_CASE("the key name is that of the test vector") {
  CHECK(access::key_name(k_alice, k_spk, "example.com") == "alice-03a107bf-ff8d98.example.com.");
}

TEST_CASE("a local part of 47 characters fits a key name, one of 48 does not") {
  CHECK(access::key_name({std::string(47, 'a'), "example.com"}, k_spk, "example.com"));
  CHECK_FALSE(access::key_name({std::string(48, 'a'), "example.com"}, k_spk, "example.com"));
  CHECK_FALSE(access::key_name({std::string(46, 'a') + ".b", "example.com"}, k_spk, "example.com"));
}

TEST_CASE("a key name is not longer than a DNS name") {
  const std::string label(61, 'z');
  const std::string zone = label + "." + label + "." + label + ".";
  const std::size_t room = 253 - zone.size() - std::string("a-03a107bf-ff8d98.").size();
  CHECK(access::key_name({"a", "example.com"}, k_spk, zone + std::string(room, 'z')));
  CHECK_FALSE(access::key_name({"a", "example.com"}, k_spk, zone + std::string(room + 1, 'z')));
}

TEST_CASE("the standard scope is that of the test vector") {
  CHECK(access::allowed_suffixes(k_alice, k_spk, k_x25519, "example.com", KeyScope::standard) ==
        Names{"_dnsmesh-claim-*.example.com", "_dnsmesh-claim-03a107bff3ce10be.example.com", "chunk-*-*.example.com",
              "claim-*.mb-*.example.com", "id-2bd806c97f0e.example.com", "id-2bd806c97f0e00af.example.com",
              "mb-1a3bbbcbd631.example.com", "slot-*.mb-*.example.com"});
}

TEST_CASE("the tight scope is that of the test vector") {
  CHECK(access::allowed_suffixes(k_alice, k_spk, k_x25519, "example.com", KeyScope::tight) ==
        Names{"_dnsmesh-claim-03a107bff3ce10be.example.com", "id-2bd806c97f0e.example.com",
              "id-2bd806c97f0e00af.example.com", "mb-1a3bbbcbd631.example.com"});
}

TEST_CASE("the loose scope is that of the test vector") {
  CHECK(access::allowed_suffixes(k_alice, k_spk, k_x25519, "example.com", KeyScope::loose) == Names{"example.com"});
}

TEST_CASE("without a proven key there is no mailbox of one's own") {
  CHECK(access::allowed_suffixes(k_alice, k_spk, std::nullopt, "example.com", KeyScope::tight) ==
        Names{"_dnsmesh-claim-03a107bff3ce10be.example.com", "id-2bd806c97f0e.example.com",
              "id-2bd806c97f0e00af.example.com"});
}

TEST_CASE("the identity names depend on the local part alone") {
  CHECK(access::identity_suffixes(k_alice, "example.com") ==
        access::identity_suffixes({"alice", "evil.org"}, "example.com"));
  CHECK(access::identity_suffixes(k_alice, "example.com") !=
        access::identity_suffixes({"bob", "example.com"}, "example.com"));
}
