// SPDX-License-Identifier: Apache-2.0
// The tables of spec/registration.md 6 and 7, row by row; what is stored goes into memory.
#include "access/registration.hpp"

#include <doctest/doctest.h>

#include <cctype>
#include <limits>
#include <map>

#include "access/ceremony.hpp"
#include "base/hex.hpp"
#include "crypto/hash.hpp"
#include "crypto/keys.hpp"
#include "crypto/x25519.hpp"

using namespace dnsmesh;
using namespace dnsmesh::access;

namespace {

constexpr std::string_view k_not_admitted = "subject not in registration allowlist";
constexpr std::string_view k_owned =
    "subject already has a live token; re-registration must be signed with the previously-registered Ed25519 key";

RegistrationPolicy example_policy() {
  RegistrationPolicy policy;
  policy.node = "Node.Example.com";
  policy.zone = "example.com";
  return policy;
}

struct Noted {
  std::string event, subject, address, detail;
};

class Fixture {
 public:
  explicit Fixture(RegistrationPolicy policy = example_policy())
      : registration(std::move(policy), files(), clock, random) {}

  /// The fields of an honest client with this key.
  RegistrationFields fields(const std::string& subject = "alice@example.com") {
    challenge = registration.challenge().value();
    RegistrationFields out;
    out.subject = subject;
    out.ed25519_spk = to_hex(view(key.public_key()));
    out.challenge = to_hex(view(challenge.nonce));
    out.signature = to_hex(view(key.sign(signed_message(challenge, subject))));
    return out;
  }
  void prove_x25519(RegistrationFields& out) const {
    const ByteArray<32> pub = crypto::x25519_public(x25519);
    const std::string message = std::string(view(challenge.nonce)) + out.subject.value() + std::string(view(pub));
    out.x25519_pub = to_hex(view(pub));
    out.x25519_pop =
        to_hex(view(crypto::x25519_mac(x25519, crypto::x25519_public(challenge.x25519_private), message).value()));
  }

  Refusal token_refusal(const RegistrationFields& given) {
    const auto issued = registration.issue_token(given, "192.0.2.1");
    REQUIRE_FALSE(issued);
    return issued.error();
  }
  Refusal key_refusal(const RegistrationFields& given) {
    const auto issued = registration.issue_key(given, "192.0.2.1");
    REQUIRE_FALSE(issued);
    return issued.error();
  }

  ManualClock clock{1'000'000'000};
  SeededRandom random{7};
  crypto::SigningKey key = crypto::SigningKey::generate(random);
  ByteArray<32> x25519 = [] {
    ByteArray<32> out;
    out.fill(0x33);
    return out;
  }();
  Challenge challenge;
  std::string denied;
  bool deny_list_fails = false;
  Result<TokenOutcome> token_outcome = TokenOutcome::stored;
  Result<KeyOutcome> key_outcome = KeyOutcome::stored;
  std::vector<TokenGrant> tokens;
  std::vector<IssuedKey> keys;
  std::vector<Noted> noted;
  Registration registration;

 private:
  RegistrationFiles files() {
    RegistrationFiles out;
    out.is_denied = [this](std::string_view who) -> Result<bool> {
      if (deny_list_fails) return fail(ErrorCode::store_io);
      return who == denied;
    };
    out.new_token = [] { return std::string("dmp_v1_FRESH"); };
    out.store_token = [this](const TokenGrant& grant, std::string_view) {
      tokens.push_back(grant);
      return token_outcome;
    };
    out.store_key = [this](const IssuedKey& issued) {
      keys.push_back(issued);
      return key_outcome;
    };
    out.note = [this](const KeyEvent& event) {
      noted.push_back({std::string(event.event), std::string(event.subject), std::string(event.remote_address),
                       std::string(event.detail)});
    };
    return out;
  }
};

void check_refused(const Refusal& refusal, int status, std::string_view text) {
  CHECK(refusal.status == status);
  CHECK(refusal.text == text);
}

std::string upper(std::string text) {
  for (char& c : text) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  return text;
}

}  // namespace

TEST_CASE("a signed challenge gives a token with the rate and end that the operator set") {
  Fixture f;
  const auto issued = f.registration.issue_token(f.fields(), "192.0.2.1");
  REQUIRE(issued);
  CHECK(issued->token == "dmp_v1_FRESH");
  REQUIRE(f.tokens.size() == 1);
  const TokenGrant& grant = f.tokens[0];
  CHECK(grant.hash == crypto::sha256_hex(issued->token));
  CHECK(grant.subject == "alice@example.com");
  CHECK(grant.spk_hex == to_hex(view(f.key.public_key())));
  CHECK(grant.rate_per_s == 10);
  CHECK(grant.burst == 50);
  CHECK(grant.issued_s == 1'000'000);
  CHECK(grant.expires_s == 1'000'000 + 7'776'000);
}

TEST_CASE("6.1 a field that is missing, empty or no text is named, the first one first") {
  Fixture f;
  const auto missing = [&](auto RegistrationFields::* field) {
    RegistrationFields fields = f.fields();
    fields.*field = std::nullopt;
    const Refusal absent = f.token_refusal(fields);
    fields.*field = "";
    CHECK(f.token_refusal(fields).text == absent.text);
    CHECK(absent.status == 400);
    return absent.text;
  };
  CHECK(missing(&RegistrationFields::subject) == "missing or non-string field: subject");
  CHECK(missing(&RegistrationFields::ed25519_spk) == "missing or non-string field: ed25519_spk");
  CHECK(missing(&RegistrationFields::challenge) == "missing or non-string field: challenge");
  CHECK(missing(&RegistrationFields::signature) == "missing or non-string field: signature");
  check_refused(f.token_refusal({}), 400, "missing or non-string field: subject");
}

TEST_CASE("6.2 a subject that is none is refused before hex is looked at") {
  Fixture f;
  RegistrationFields fields = f.fields("nobody");
  fields.ed25519_spk = "zz";
  check_refused(f.token_refusal(fields), 400, "subject invalid: expected local@domain, got 'nobody'");
}

TEST_CASE("6.3 hex is checked in the order key, signature, challenge, and its length is told") {
  Fixture f;
  RegistrationFields fields = f.fields();
  fields.ed25519_spk = "abc";
  fields.signature = "xy";
  fields.challenge = "00";
  check_refused(f.token_refusal(fields), 400, "ed25519_spk: not valid hex");
  fields.ed25519_spk = "abcd";
  check_refused(f.token_refusal(fields), 400, "ed25519_spk: expected 32 bytes, got 2");
  fields.ed25519_spk = std::string(64, 'A');
  check_refused(f.token_refusal(fields), 400, "signature: not valid hex");
  fields.signature = std::string(126, '0');
  check_refused(f.token_refusal(fields), 400, "signature: expected 64 bytes, got 63");
  fields.signature = std::string(128, '0');
  check_refused(f.token_refusal(fields), 400, "challenge: expected 32 bytes, got 1");
  fields.challenge = "\xc3\xa9";
  check_refused(f.token_refusal(fields), 400, "challenge: not valid hex");
}

TEST_CASE("6.3 a character beyond ASCII in hex is a fault of the request") {
  Fixture f;
  RegistrationFields fields = f.fields();
  fields.ed25519_spk = std::string(62, 'a') + "\xc3\xa9";
  check_refused(f.token_refusal(fields), 400, "ed25519_spk: not valid hex");
}

TEST_CASE("6.3 keys and signatures are taken in either case, a challenge in its own alone") {
  Fixture f;
  RegistrationFields fields = f.fields();
  fields.ed25519_spk = upper(*fields.ed25519_spk);
  fields.signature = upper(*fields.signature);
  RegistrationFields shouted = fields;
  shouted.challenge = upper(*fields.challenge);
  check_refused(f.token_refusal(shouted), 400, "challenge expired or unknown");
  CHECK(f.registration.issue_token(fields, ""));
  CHECK(f.tokens.at(0).spk_hex == to_hex(view(f.key.public_key())));
}

TEST_CASE("6.4 a challenge that is unknown, over or used is refused") {
  Fixture f;
  RegistrationFields fields = f.fields();
  RegistrationFields unknown = fields;
  unknown.challenge = std::string(64, '0');
  check_refused(f.token_refusal(unknown), 400, "challenge expired or unknown");
  CHECK(f.registration.issue_token(fields, ""));
  check_refused(f.token_refusal(fields), 400, "challenge expired or unknown");
  const RegistrationFields late = f.fields();
  f.clock.advance_ms(60'000);
  check_refused(f.token_refusal(late), 400, "challenge expired or unknown");
}

TEST_CASE("6.4 a challenge is consumed by a wrong signature, but not by a fault in the fields") {
  Fixture f;
  const RegistrationFields good = f.fields();
  RegistrationFields bad = good;
  bad.signature = "ab";
  CHECK(f.token_refusal(bad).status == 400);
  bad.signature = std::string(128, '0');
  check_refused(f.token_refusal(bad), 401, "signature verification failed");
  check_refused(f.token_refusal(good), 400, "challenge expired or unknown");
}

TEST_CASE("6.5 the signature covers the canonical subject, not what was typed") {
  Fixture f;
  RegistrationFields fields = f.fields("Alice@Example.com");
  check_refused(f.token_refusal(fields), 401, "signature verification failed");
  fields = f.fields();
  fields.subject = " ALICE@Example.com ";
  CHECK(f.registration.issue_token(fields, ""));
  CHECK(f.tokens.at(0).subject == "alice@example.com");
}

TEST_CASE("6.5 a key of small order is a wrong signature") {
  Fixture f;
  RegistrationFields fields = f.fields();
  fields.ed25519_spk = "01" + std::string(62, '0');
  fields.signature = "01" + std::string(126, '0');
  check_refused(f.token_refusal(fields), 401, "signature verification failed");
}

TEST_CASE("6.6 with an allowlist the domain must be on it, exactly, in both flows") {
  RegistrationPolicy policy = example_policy();
  policy.domains = {"example.org", "example.com"};
  Fixture f(policy);
  CHECK(f.registration.issue_token(f.fields(), ""));
  CHECK(f.registration.issue_key(f.fields(), ""));
  for (const char* subject : {"alice@sub.example.com", "alice@example.net", "alice@ample.com"}) {
    check_refused(f.token_refusal(f.fields(subject)), 403, k_not_admitted);
    check_refused(f.key_refusal(f.fields(subject)), 403, k_not_admitted);
  }
  CHECK(f.tokens.size() == 1);
  CHECK(f.keys.size() == 1);
}

TEST_CASE("6.6 who has not signed learns nothing about the allowlist or the denylist") {
  RegistrationPolicy policy = example_policy();
  policy.domains = {"example.org"};
  Fixture f(policy);
  f.denied = "alice@example.com";
  RegistrationFields fields = f.fields();
  fields.signature = std::string(128, '0');
  check_refused(f.token_refusal(fields), 401, "signature verification failed");
  fields = f.fields();
  fields.signature = std::string(128, '0');
  check_refused(f.key_refusal(fields), 401, "signature verification failed");
  CHECK(f.noted.empty());
}

TEST_CASE("DMP_REGISTRATION_ZONE_ONLY: the domain must be the zone, in both flows") {
  RegistrationPolicy policy = example_policy();
  policy.zone_only = true;
  Fixture f(policy);
  CHECK(f.registration.issue_token(f.fields(), ""));
  CHECK(f.registration.issue_key(f.fields(), ""));
  for (const char* subject : {"alice@evil.org", "alice@a.example.com"}) {
    check_refused(f.token_refusal(f.fields(subject)), 403, k_not_admitted);
    check_refused(f.key_refusal(f.fields(subject)), 403, k_not_admitted);
  }
}

TEST_CASE("a denied subject or key is answered like one that is not on the allowlist, in both flows") {
  Fixture f;
  for (const std::string& denied : {std::string("alice@example.com"), to_hex(view(f.key.public_key()))}) {
    f.denied = denied;
    check_refused(f.token_refusal(f.fields()), 403, k_not_admitted);
    check_refused(f.key_refusal(f.fields()), 403, k_not_admitted);
  }
  f.denied = "bob@example.com";
  CHECK(f.registration.issue_token(f.fields(), ""));
}

TEST_CASE("6.7 a subject that another key holds is 409") {
  Fixture f;
  f.token_outcome = TokenOutcome::owned_by_other;
  check_refused(f.token_refusal(f.fields()), 409, k_owned);
}

TEST_CASE("6.8 a file that fails is an internal error, in both flows") {
  Fixture f;
  f.deny_list_fails = true;
  check_refused(f.token_refusal(f.fields()), 500, "internal error");
  check_refused(f.key_refusal(f.fields()), 500, "internal error");
  f.deny_list_fails = false;
  f.token_outcome = fail(ErrorCode::store_io);
  check_refused(f.token_refusal(f.fields()), 500, "internal error");
  f.key_outcome = fail(ErrorCode::store_disk_full);
  check_refused(f.key_refusal(f.fields()), 500, "internal error");
}

TEST_CASE("a life of zero is for ever, the longest one does not overflow") {
  for (const std::int64_t life_s : {std::int64_t{0}, std::numeric_limits<std::int64_t>::max()}) {
    RegistrationPolicy policy = example_policy();
    policy.life_s = life_s;
    Fixture f(policy);
    CHECK(f.registration.issue_token(f.fields(), ""));
    CHECK_FALSE(f.tokens.at(0).expires_s);
    CHECK(f.registration.issue_key(f.fields(), ""));
    CHECK(f.keys.at(0).expires_s == 0);
  }
}

TEST_CASE("challenges beyond the cap are refused like requests beyond the rate") {
  Fixture f;
  for (int i = 0; i < 10000; ++i) REQUIRE(f.registration.challenge());
  const auto refused = f.registration.challenge();
  REQUIRE_FALSE(refused);
  check_refused(refused.error(), 429, "registration rate limit exceeded");
}

TEST_CASE("7 a signed challenge gives a key with its name, scope and end") {
  Fixture f;
  RegistrationFields fields = f.fields();
  f.prove_x25519(fields);
  const auto key = f.registration.issue_key(fields, "192.0.2.1");
  REQUIRE(key);
  const std::string spk = to_hex(view(f.key.public_key()));
  CHECK(key->name == "alice-" + spk.substr(0, 8) + "-ff8d98.example.com.");
  CHECK(key->secret.size() == 32);
  CHECK(key->secret != std::string(32, '\0'));
  CHECK(key->zone == "example.com");
  CHECK(key->created_s == 1'000'000);
  CHECK(key->expires_s == 1'000'000 + 7'776'000);
  CHECK(key->allowed_suffixes.size() == 8);
  REQUIRE(f.keys.size() == 1);
  CHECK(f.keys[0].x25519_hex == to_hex(view(crypto::x25519_public(f.x25519))));
  CHECK(f.keys[0].secret == key->secret);
  REQUIRE(f.noted.size() == 1);
  CHECK(f.noted[0].event == "tsig_issued");
  CHECK(f.noted[0].subject == "alice@example.com");
  CHECK(f.noted[0].address == "192.0.2.1");
  CHECK(f.noted[0].detail == key->name);
}

TEST_CASE("7 every key has a secret of its own") {
  Fixture f;
  CHECK(f.registration.issue_key(f.fields(), "")->secret != f.registration.issue_key(f.fields(), "")->secret);
}

TEST_CASE("7.7 x25519_pub is hex of 32 octets, trimmed and of any case") {
  Fixture f;
  RegistrationFields fields = f.fields();
  fields.x25519_pub = "xyz";
  check_refused(f.key_refusal(fields), 400, "x25519_pub: not valid hex");
  fields = f.fields();
  fields.x25519_pub = "0102";
  check_refused(f.key_refusal(fields), 400, "x25519_pub: expected 32 bytes, got 2");
  fields = f.fields();
  f.prove_x25519(fields);
  fields.x25519_pub = " " + upper(*fields.x25519_pub) + "\n";
  CHECK(f.registration.issue_key(fields, "")->allowed_suffixes.size() == 8);
}

TEST_CASE("7.8 x25519_pop is looked at only beside x25519_pub") {
  Fixture f;
  RegistrationFields fields = f.fields();
  f.prove_x25519(fields);
  fields.x25519_pop = "zz";
  check_refused(f.key_refusal(fields), 400, "x25519_pop: not valid hex");
  fields = f.fields();
  f.prove_x25519(fields);
  fields.x25519_pop = "00";
  check_refused(f.key_refusal(fields), 400, "x25519_pop: expected 32 bytes, got 1");
  fields = f.fields();
  fields.x25519_pop = "zz";
  CHECK(f.registration.issue_key(fields, ""));
  fields = f.fields();
  fields.x25519_pub = " ";
  fields.x25519_pop = "zz";
  CHECK(f.registration.issue_key(fields, ""));
}

TEST_CASE("7.9 a wrong proof of possession is 401") {
  Fixture f;
  RegistrationFields fields = f.fields();
  f.prove_x25519(fields);
  fields.x25519_pop->back() = fields.x25519_pop->back() == '0' ? '1' : '0';
  check_refused(f.key_refusal(fields), 401,
                "x25519_pop verification failed: registrant did not prove possession of the claimed X25519 key");
  CHECK(f.keys.empty());
}

TEST_CASE("7 an X25519 key without a proof counts as not sent") {
  Fixture f;
  RegistrationFields fields = f.fields();
  f.prove_x25519(fields);
  fields.x25519_pop = "";
  const auto key = f.registration.issue_key(fields, "");
  REQUIRE(key);
  CHECK(key->allowed_suffixes.size() == 7);
  CHECK(f.keys.at(0).x25519_hex.empty());
}

TEST_CASE("7.10 without a zone there is no scope") {
  RegistrationPolicy policy = example_policy();
  policy.zone = "";
  Fixture f(policy);
  check_refused(f.key_refusal(f.fields()), 500, "could not derive TSIG scope from subject + zone");
}

TEST_CASE("7.11 a local part of 48 characters is too long for a key name, though not for a token") {
  Fixture f;
  const std::string subject = std::string(48, 'a') + "@example.com";
  check_refused(f.key_refusal(f.fields(subject)), 400, "subject local part too long for TSIG key label (max 47 chars)");
  CHECK(f.registration.issue_token(f.fields(subject), ""));
  CHECK(f.registration.issue_key(f.fields(subject.substr(1)), ""));
}

TEST_CASE("7.12 a key, name or identity that another holds is 409, a revoked one 403, and both are noted") {
  Fixture f;
  f.key_outcome = KeyOutcome::owned_by_other;
  check_refused(f.key_refusal(f.fields()), 409, k_owned);
  f.key_outcome = KeyOutcome::revoked;
  check_refused(f.key_refusal(f.fields()), 403, k_not_admitted);
  REQUIRE(f.noted.size() == 2);
  for (const Noted& note : f.noted) {
    CHECK(note.event == "tsig_rejected");
    CHECK(note.subject == "alice@example.com");
    CHECK(note.address == "192.0.2.1");
  }
  CHECK(f.noted[0].detail == k_owned);
  CHECK(f.noted[1].detail == k_not_admitted);
}
