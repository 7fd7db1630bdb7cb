// SPDX-License-Identifier: Apache-2.0
// Registration as the node wires it: what settings come to, and what stands in the token file afterwards.
#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "access/ceremony.hpp"
#include "app/key_parts.hpp"
#include "app/part_options.hpp"
#include "app/registration_parts.hpp"
#include "base/hex.hpp"
#include "base/json.hpp"
#include "base/limits.hpp"
#include "crypto/hash.hpp"
#include "loading.hpp"
#include "temporary_folder.hpp"

using namespace dnsmesh;
using namespace dnsmesh::app;
using Json = nlohmann::ordered_json;

namespace {

class Fixture {
 public:
  Fixture() {
    settings.store.path = (folder.path / "dmp.db").string();
    settings.http.auth_mode = access::AuthMode::multi_tenant;
    settings.dns.zone = "example.com";
    settings.registration.enabled = true;
    settings.registration.node = "dmp.example.com";
    settings.registration.rate_per_s = 0;
    settings.update.enabled = true;
    tokens = TokenParts::open(token_path(settings).value(), 0, clock).value();
    keys = KeyParts::open(key_path(settings).value()).value();
  }

  std::unique_ptr<RegistrationParts> create(const NodeSettings& with) {
    return RegistrationParts::create(with, tokens.get(), &keys->ring(), clock, random);
  }

  http::Response ask(RegistrationParts& parts, std::string_view path, std::string body = {}) {
    std::optional<http::Response> answer;
    http::Request request;
    request.body = std::move(body);
    request.peer_address = "192.0.2.1";
    for (const http::Route& route : parts.routes()) {
      if (route.path == path) route.handler(request, [&](http::Response response) { answer = std::move(response); });
    }
    REQUIRE(answer.has_value());
    return *answer;
  }

  http::Response confirm(RegistrationParts& parts, const crypto::SigningKey& key, const std::string& subject,
                         std::string_view path = "/v1/registration/confirm") {
    const Json given = parse_json(ask(parts, "/v1/registration/challenge").body, limits::json_depth_max).value();
    access::Challenge challenge;
    challenge.nonce = to_array<32>(from_hex(given["challenge"].get<std::string>()).value());
    challenge.node = given["node"];
    const crypto::Signature signature = key.sign(access::signed_message(challenge, subject));
    return ask(parts, path,
               write_json(Json{{"subject", subject},
                               {"ed25519_spk", to_hex(view(key.public_key()))},
                               {"challenge", given["challenge"]},
                               {"signature", to_hex(view(signature))}}));
  }

  TemporaryFolder folder;
  NodeSettings settings;
  ManualClock clock{1'000'000'000};
  SeededRandom random{5};
  std::unique_ptr<TokenParts> tokens;
  std::unique_ptr<KeyParts> keys;
  crypto::SigningKey alice = crypto::SigningKey::generate(random);
  crypto::SigningKey mallory = crypto::SigningKey::generate(random);
};

std::string token_in(const http::Response& answer) {
  CHECK(answer.status == 200);
  return parse_json(answer.body, limits::json_depth_max).value()["token"];
}

}  // namespace

TEST_CASE("registration exists only in the multi-tenant mode, enabled, with a node name") {
  Fixture f;
  CHECK(f.create(f.settings) != nullptr);
  for (const auto mode : {access::AuthMode::open, access::AuthMode::legacy}) {
    NodeSettings other = f.settings;
    other.http.auth_mode = mode;
    CHECK(f.create(other) == nullptr);
  }
  NodeSettings closed = f.settings;
  closed.registration.enabled = false;
  CHECK(f.create(closed) == nullptr);
  NodeSettings nameless = f.settings;
  nameless.registration.node.clear();
  CHECK(f.create(nameless) == nullptr);
}

TEST_CASE("nobody can register without a token file") {
  Fixture f;
  CHECK(RegistrationParts::create(f.settings, nullptr, &f.keys->ring(), f.clock, f.random) == nullptr);
}

TEST_CASE("a registered token is in the file by its hash, and the next of the same key replaces it") {
  Fixture f;
  const auto parts = f.create(f.settings);
  const std::string first = token_in(f.confirm(*parts, f.alice, "alice@example.com"));
  store::TokenFile& tokens = f.tokens->file();
  const auto row = tokens.find(crypto::sha256_hex(first)).value();
  REQUIRE(row.has_value());
  CHECK(row->subject == "alice@example.com");
  CHECK(row->issuer == "self-service");
  CHECK(row->note.empty());
  CHECK(row->registered_spk == to_hex(view(f.alice.public_key())));
  CHECK(row->issued_s == 1'000'000);
  CHECK(row->expires_s == 1'000'000 + 7'776'000);
  CHECK(row->rate_per_s == 10);
  CHECK(row->rate_burst == 50);
  const std::string second = token_in(f.confirm(*parts, f.alice, "alice@example.com"));
  CHECK_FALSE(tokens.find(crypto::sha256_hex(first)).value()->is_live(1'000'000));
  CHECK(tokens.find(crypto::sha256_hex(second)).value()->is_live(1'000'000));
}

TEST_CASE("another key gets 409 while the token lives, and the subject when it is over") {
  Fixture f;
  const auto parts = f.create(f.settings);
  CHECK(f.confirm(*parts, f.alice, "alice@example.com").status == 200);
  CHECK(f.confirm(*parts, f.mallory, "alice@example.com").status == 409);
  CHECK(f.confirm(*parts, f.mallory, "mallory@example.com").status == 200);
  f.clock.advance_ms(7'776'000'000);
  CHECK(f.confirm(*parts, f.mallory, "alice@example.com").status == 200);
}

TEST_CASE("whom the operator denied in the file gets 403") {
  Fixture f;
  const auto parts = f.create(f.settings);
  store::TokenFile& tokens = f.tokens->file();
  const std::string key = to_hex(view(f.alice.public_key()));
  for (const std::string& denied : {std::string("alice@example.com"), key}) {
    CHECK(tokens.deny(denied, 1).value());
    CHECK(f.confirm(*parts, f.alice, "alice@example.com").status == 403);
    CHECK(tokens.allow(denied).value());
  }
  CHECK(f.confirm(*parts, f.alice, "alice@example.com").status == 200);
}

TEST_CASE("a registered key is in the ring and in the file, under the name that its subject and key come to") {
  Fixture f;
  const auto parts = f.create(f.settings);
  const http::Response answer = f.confirm(*parts, f.alice, "alice@example.com", "/v1/registration/tsig-confirm");
  CHECK(answer.status == 200);
  const std::string name =
      parse_json(answer.body, limits::json_depth_max).value()["tsig_key_name"].get<std::string>();
  const auto key = f.keys->ring().find(name, 1'000'000);
  REQUIRE(key != nullptr);
  CHECK(key->subject == "alice@example.com");
  CHECK(key->expires_s == 1'000'000 + 7'776'000);
  const auto again = store::TsigFile::open(key_path(f.settings).value()).value();
  CHECK(again->find(name).value()->registered_spk == to_hex(view(f.alice.public_key())));
  CHECK(f.confirm(*parts, f.mallory, "alice@example.com", "/v1/registration/tsig-confirm").status == 409);
  CHECK(again->revoke(name).value() == 1);
  CHECK(f.confirm(*parts, f.alice, "alice@example.com", "/v1/registration/tsig-confirm").status == 403);
}

TEST_CASE("without DNS UPDATE there is no route of TSIG keys") {
  Fixture f;
  const auto parts = RegistrationParts::create(f.settings, f.tokens.get(), nullptr, f.clock, f.random);
  CHECK(f.confirm(*parts, f.alice, "alice@example.com", "/v1/registration/tsig-confirm").status == 404);
}

TEST_CASE("the policy is what the settings say, and the loose scope wins over the tight one") {
  NodeSettings settings;
  settings.dns.zone = "example.com";
  settings.registration = {.enabled = true,
                           .node = "Node.Example.com",
                           .domains = {"a.example"},
                           .zone_only = true,
                           .life_s = 5,
                           .issued_rate_per_s = 2,
                           .issued_burst = 3,
                           .tight_scope = true};
  const access::RegistrationPolicy tight = registration_policy(settings);
  CHECK(tight.node == "Node.Example.com");
  CHECK(tight.zone == "example.com");
  CHECK(tight.domains == std::vector<std::string>{"a.example"});
  CHECK(tight.zone_only);
  CHECK(tight.life_s == 5);
  CHECK(tight.token_rate_per_s == 2);
  CHECK(tight.token_burst == 3);
  CHECK(tight.key_scope == access::KeyScope::tight);
  settings.registration.loose_scope = true;
  CHECK(registration_policy(settings).key_scope == access::KeyScope::loose);
  settings.registration.tight_scope = false;
  settings.registration.loose_scope = false;
  CHECK(registration_policy(settings).key_scope == access::KeyScope::standard);
}

TEST_CASE("the node's name is signed as it is spelled") {
  const NodeSettings settings = loaded({{"DMP_NODE_HOSTNAME", "  DMP.Example.com "}}).settings;
  CHECK(settings.registration.node == "DMP.Example.com");
  CHECK(settings.dns.zone == "dmp.example.com");
  CHECK(loaded({{"DMP_NODE_HOSTNAME", " . "}}).settings.registration.node.empty());
}

TEST_CASE("registration that is enabled but closed says what is missing") {
  CHECK(loaded({{"DMP_REGISTRATION_ENABLED", "True"}}).settings.registration.enabled);
  CHECK(count_with(loaded({{"DMP_REGISTRATION_ENABLED", "1"}}).warnings,
                   "nobody can register: missing DMP_AUTH_MODE=multi-tenant and DMP_NODE_HOSTNAME") == 1);
  CHECK(count_with(loaded({{"DMP_REGISTRATION_ENABLED", "1"}, {"DMP_NODE_HOSTNAME", "a.example"}}).warnings,
                   "nobody can register: missing DMP_AUTH_MODE=multi-tenant") == 1);
  CHECK(count_with(loaded({}).warnings, "nobody can register") == 0);
}
