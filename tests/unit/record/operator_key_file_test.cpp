// SPDX-License-Identifier: Apache-2.0
#include "record/operator_key_file.hpp"

#include <doctest/doctest.h>

#include "base/hex.hpp"
#include "crypto/keys.hpp"
#include "support.hpp"

using namespace dnsmesh;
using namespace dnsmesh::record;
using namespace dnsmesh::record::testing;

TEST_CASE("a rendered key file gives back its key") {
  const auto x = filled<32>(7);
  const auto key = parse_operator_key_file(render_operator_key_file(x));
  REQUIRE(key.has_value());
  CHECK(key->public_key() == crypto::signing_key_from_x25519(x).public_key());
}

TEST_CASE("a key file may be edited with care, and anything else is refused") {
  const std::string seed = "operator_seed_hex=" + std::string(64, '7') + "\r\n";
  CHECK(parse_operator_key_file("\n# note\n" + seed).has_value());
  const std::string wrong_public = seed + "operator_public_hex=" + std::string(64, '1') + "\n";
  for (const std::string& bad :
       {std::string(), std::string("# only\n"), std::string(64, '7'), "operator_seed_hex=77\n" + std::string(),
        seed + "other=1\n", wrong_public, "operator_seed_hex=" + std::string(64, 'g')}) {
    CAPTURE(bad);
    CHECK(code_of(parse_operator_key_file(bad)) == "key-file");
  }
}

TEST_CASE("what is wrong in a key file is named with its line, and a key that stands there twice is refused") {
  const std::string seed = "operator_seed_hex=" + std::string(64, '7') + "\n";
  const std::string public_key =
      "operator_public_hex=" + to_hex(view(crypto::signing_key_from_x25519(filled<32>(0x77)).public_key())) + "\n";
  CHECK(parse_operator_key_file(seed + public_key).has_value());
  CHECK(parse_operator_key_file(seed + "\n" + seed).error().text == "line 3: a second operator_seed_hex=");
  CHECK(parse_operator_key_file(public_key + public_key + seed).error().text ==
        "line 2: a second operator_public_hex=");
  CHECK(parse_operator_key_file("# note\n\noperator_seed_hex=77\n").error().text ==
        "line 3: the key is not 64 hex characters");
  const std::string other = parse_operator_key_file(seed + "secret").error().text;
  CHECK(other.starts_with("line 2: neither"));
  CHECK(other.find("secret") == std::string::npos);
}

TEST_CASE("a damaged key file is still known to hold a seed") {
  CHECK(holds_operator_seed("junk\n operator_seed_hex=12"));
  CHECK_FALSE(holds_operator_seed("operator_public_hex=12"));
  CHECK_FALSE(holds_operator_seed(""));
}

TEST_CASE("a heartbeat key is 32 bytes or 64 hex characters, used as the seed itself") {
  const std::string hex(64, '7');
  const auto expected = crypto::SigningKey(filled<32>(0x77)).public_key();
  for (const std::string& content :
       {std::string(32, '\x77'), hex, "\n " + hex + "\r\n", " " + std::string(32, '\x77') + "\n"}) {
    CAPTURE(content);
    const auto key = parse_heartbeat_key_file(content);
    REQUIRE(key.has_value());
    CHECK(key->public_key() == expected);
  }
  CHECK(parse_heartbeat_key_file(std::string(64, 'a'))->public_key() ==
        parse_heartbeat_key_file(std::string(64, 'A'))->public_key());
}

TEST_CASE("a raw key whose ends look like white space is taken as it is") {
  const std::string raw = " " + std::string(30, 'k') + "\n";
  CHECK(parse_heartbeat_key_file(raw)->seed() == to_array<32>(raw));
  CHECK(code_of(parse_heartbeat_key_file(raw + "\n")) == "key-file");
}

TEST_CASE("what is no heartbeat key is refused, and a manifest's key file is called by its name") {
  for (const std::string& bad : {std::string(), std::string(63, '7'), std::string(65, '7'), std::string(64, 'g'),
                                 "77 " + std::string(62, '7'), std::string(33, 'k')}) {
    CAPTURE(bad);
    CHECK(code_of(parse_heartbeat_key_file(bad)) == "key-file");
  }
  const auto mistaken = parse_heartbeat_key_file(render_operator_key_file(filled<32>(7)));
  REQUIRE_FALSE(mistaken.has_value());
  CHECK(mistaken.error().text.find("manifest's key file") != std::string::npos);
}
