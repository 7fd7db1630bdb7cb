// SPDX-License-Identifier: Apache-2.0
// Bodies, order and limits of the registration routes (spec/registration.md 2, 3, 6, 7); the checks themselves are in
// tests/unit/access.
#include "http/registration_routes.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <string>

#include "access/ceremony.hpp"
#include "base/hex.hpp"
#include "base/json.hpp"
#include "base/limits.hpp"

using namespace dnsmesh;
using Json = nlohmann::ordered_json;

namespace {

constexpr access::Rate k_no_limit{0, 0};

access::RegistrationFiles files_that_take_all() {
  return {
      .is_denied = [](std::string_view) { return false; },
      .new_token = [] { return std::string("dmp_v1_FRESH"); },
      .store_token = [](const access::TokenGrant&, std::string_view) { return access::TokenOutcome::stored; },
      .store_key = [](const access::IssuedKey&) { return access::KeyOutcome::stored; },
      .note = [](const access::KeyEvent&) {},
  };
}

class Fixture {
 public:
  explicit Fixture(access::Rate rate = k_no_limit, bool offers_keys = true)
      : registration(policy(), files_that_take_all(), clock, random),
        door(registration, offers_keys, rate, clock),
        table(door.routes()) {}

  http::Response ask(std::string_view path, std::string body = {}, std::string address = "192.0.2.1") {
    http::Request request;
    request.body = std::move(body);
    request.peer_address = std::move(address);
    return ask(path, request);
  }
  http::Response ask(std::string_view path, const http::Request& request) {
    std::optional<http::Response> answer;
    for (const http::Route& route : table) {
      if (route.path != path) continue;
      route.handler(request, [&](http::Response response) { answer = std::move(response); });
    }
    REQUIRE(answer.has_value());
    return *answer;
  }
  Json challenge() {
    const http::Response answer = ask("/v1/registration/challenge");
    CHECK(answer.status == 200);
    return parse_json(answer.body, limits::json_depth_max).value();
  }
  /// The body of an honest client.
  std::string signed_body() {
    const Json given = challenge();
    access::Challenge signed_challenge;
    signed_challenge.nonce = to_array<32>(from_hex(given["challenge"].get<std::string>()).value());
    signed_challenge.node = given["node"];
    const crypto::Signature signature = key.sign(access::signed_message(signed_challenge, "alice@example.com"));
    return write_json(Json{{"subject", "alice@example.com"},
                           {"ed25519_spk", to_hex(view(key.public_key()))},
                           {"challenge", given["challenge"]},
                           {"signature", to_hex(view(signature))},
                           {"another", {1, 2}}});
  }

  static access::RegistrationPolicy policy() {
    access::RegistrationPolicy out;
    out.node = "Node.Example.com";
    out.zone = "example.com";
    return out;
  }

  ManualClock clock{1'000'000'000};
  SeededRandom random{3};
  crypto::SigningKey key = crypto::SigningKey::generate(random);
  access::Registration registration;
  http::RegistrationDoor door;
  http::RouteTable table;
};

const std::string k_challenge = "/v1/registration/challenge";
const std::string k_confirm = "/v1/registration/confirm";
const std::string k_tsig_confirm = "/v1/registration/tsig-confirm";
constexpr std::string_view k_limited = R"({"error": "registration rate limit exceeded"})";
constexpr std::string_view k_invalid = R"({"error": "invalid body"})";

std::vector<std::string> keys_of(const Json& object) {
  std::vector<std::string> out;
  for (const auto& [key, value] : object.items()) out.push_back(key);
  return out;
}

}  // namespace

TEST_CASE("a challenge has its keys in their order") {
  Fixture f;
  const Json body = f.challenge();
  CHECK(keys_of(body) == std::vector<std::string>{"challenge", "node", "expires_at", "server_x25519_pub", "version"});
  CHECK(body["challenge"].get<std::string>().size() == 64);
  CHECK(body["node"] == "Node.Example.com");
  CHECK(body["expires_at"] == 1'000'060);
  CHECK(body["server_x25519_pub"].get<std::string>().size() == 64);
  CHECK(body["version"] == 1);
  CHECK(f.challenge()["server_x25519_pub"] != body["server_x25519_pub"]);
}

TEST_CASE("a token is answered with its keys in their order, the rate as a float") {
  Fixture f;
  const http::Response answer = f.ask(k_confirm, f.signed_body());
  CHECK(answer.status == 200);
  CHECK(answer.content_type == "application/json");
  CHECK(answer.body == R"({"token": "dmp_v1_FRESH", "subject": "alice@example.com", "expires_at": 8776000, )"
                       R"("rate_per_sec": 10.0, "rate_burst": 50})");
}

TEST_CASE("a key is answered with its keys in their order") {
  Fixture f;
  const http::Response answer = f.ask(k_tsig_confirm, f.signed_body());
  CHECK(answer.status == 200);
  const Json body = parse_json(answer.body, limits::json_depth_max).value();
  CHECK(keys_of(body) == std::vector<std::string>{"tsig_key_name", "tsig_secret_hex", "tsig_algorithm",
                                                  "allowed_suffixes", "subject", "zone", "expires_at"});
  CHECK(body["tsig_secret_hex"].get<std::string>().size() == 64);
  CHECK(body["tsig_algorithm"] == "hmac-sha256");
  CHECK(body["allowed_suffixes"].size() == 7);
  CHECK(body["zone"] == "example.com");
  CHECK(body["expires_at"] == 8'776'000);
}

TEST_CASE("what a refusal says is the body") {
  Fixture f;
  const http::Response answer = f.ask(k_confirm, R"({"subject": "Alice"})");
  CHECK(answer.status == 400);
  CHECK(answer.body == R"({"error": "missing or non-string field: ed25519_spk"})");
}

TEST_CASE("a body that is no object is refused, none counts as an empty one") {
  Fixture f;
  for (const std::string& path : {k_confirm, k_tsig_confirm}) {
    CAPTURE(path);
    for (const char* body : {"[]", "null", "\"a\"", "1", "{", "\xef\xbb\xbf{}", "{\"a\": \"\xff\"}", "{\"a\": NaN}",
                             "{\"a\": \"\\ud800\"}"}) {
      CAPTURE(body);
      const http::Response answer = f.ask(path, body);
      CHECK(answer.status == 400);
      CHECK(answer.body == k_invalid);
    }
    for (const char* body : {"", "{}"}) {
      CHECK(f.ask(path, body).body == R"({"error": "missing or non-string field: subject"})");
    }
    for (const char* value : {"1", "null", "[\"a\"]", "true"}) {
      const std::string body = fmt::format(R"({{"subject": {}}})", value);
      CHECK(f.ask(path, body).body == R"({"error": "missing or non-string field: subject"})");
    }
  }
}

TEST_CASE("a body beyond the cap, which was not read, is refused") {
  Fixture f;
  http::Request request;
  request.body_too_large = true;
  for (const std::string& path : {k_confirm, k_tsig_confirm}) {
    CHECK(f.ask(path, request).status == 400);
    CHECK(f.ask(path, request).body == k_invalid);
  }
}

TEST_CASE("a character beyond ASCII in a hex field is 400") {
  Fixture f;
  Json body = parse_json(f.signed_body(), limits::json_depth_max).value();
  body["signature"] = "\u00e9";
  const http::Response answer = f.ask(k_confirm, write_json(body));
  CHECK(answer.status == 400);
  CHECK(answer.body == R"({"error": "signature: not valid hex"})");
}

TEST_CASE("one bucket of an address serves the three routes, before bodies are looked at") {
  Fixture f({1, 3});
  CHECK(f.ask(k_challenge).status == 200);
  CHECK(f.ask(k_confirm, "nonsense").status == 400);
  CHECK(f.ask(k_tsig_confirm, "nonsense").status == 400);
  for (const std::string& path : {k_challenge, k_confirm, k_tsig_confirm}) {
    const http::Response answer = f.ask(path, "nonsense");
    CHECK(answer.status == 429);
    CHECK(answer.body == k_limited);
  }
  CHECK(f.ask(k_challenge, "", "192.0.2.2").status == 200);
  f.clock.advance_ms(1000);
  CHECK(f.ask(k_challenge).status == 200);
  CHECK(f.ask(k_challenge).status == 429);
}

TEST_CASE("a rate or burst of zero or less switches the limit off") {
  for (const access::Rate rate : {access::Rate{0, 5}, access::Rate{1, 0}, access::Rate{-1, 5}, access::Rate{1, -1}}) {
    Fixture f(rate);
    for (int i = 0; i < 20; ++i) CHECK(f.ask(k_challenge).status == 200);
  }
}

TEST_CASE("without DNS UPDATE there are no keys, which is said before the rate limit") {
  Fixture f({1, 1}, false);
  for (int i = 0; i < 3; ++i) {
    const http::Response answer = f.ask(k_tsig_confirm);
    CHECK(answer.status == 404);
    CHECK(answer.body == R"({"error": "tsig registration disabled"})");
  }
  CHECK(f.ask(k_challenge).status == 200);
}
