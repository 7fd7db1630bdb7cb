// SPDX-License-Identifier: Apache-2.0
// Each row of the decision about a user token (spec/http-api.md 5.3), with what the audit trail says of it.
#include "access/user_tokens.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <filesystem>
#include <string>
#include <vector>

#include "access/access.hpp"
#include "access/token.hpp"
#include "base/limits.hpp"
#include "crypto/hash.hpp"

using namespace dnsmesh;
using access::Operation;
using access::Verdict;

namespace {

constexpr std::int64_t k_now_s = 1'700'000'000;
constexpr std::string_view k_address = "192.0.2.1";
const std::string k_hex12 = "0123456789ab";
const std::string k_slot = "slot-1.mb-" + k_hex12 + ".example.com";

std::string shown(const store::AuditRow& row) {
  return fmt::format("{}: {} [{} {} {}]", row.event, row.detail.value_or("-"), row.token_hash.value_or("-"),
                     row.subject.value_or("-"), row.remote_addr.value_or("-"));
}

struct House {
  House() {
    std::string pattern = (std::filesystem::temp_directory_path() / "dnsmesh-access-XXXXXX").string();
    REQUIRE(mkdtemp(pattern.data()) != nullptr);
    folder = pattern;
    auto opened = store::TokenFile::open((folder / "t.db").string());
    REQUIRE(opened.has_value());
    file = std::move(*opened);
    audit.emplace(*file, clock, 0);
    tokens.emplace(*file, *audit, clock);
    door.emplace(access::Policy{access::AuthMode::multi_tenant, "operator-secret", {}}, clock, &*tokens);
  }
  ~House() {
    audit.reset();
    file.reset();
    std::filesystem::remove_all(folder);
  }
  House(const House&) = delete;
  House& operator=(const House&) = delete;

  /// A token of alice's, as changed by `change`; gives its header.
  template <class Change>
  std::string issue(Change change) {
    const std::string text = access::new_token(random);
    store::TokenRow row;
    row.hash = access::token_hash(text);
    row.subject = "alice@example.com";
    row.issued_s = k_now_s;
    change(row);
    hash = row.hash;
    store::AuditRow issued;
    issued.ts_s = k_now_s;
    issued.event = "issued";
    REQUIRE(file->insert(row, issued).has_value());
    return "Bearer " + text;
  }
  std::string issue() {
    return issue([](store::TokenRow&) {});
  }

  access::Decision decide(const std::string& header, Operation operation, const std::string& name) {
    return door->decide({k_address, header}, operation, name);
  }

  /// The audit rows beyond those of issuing, oldest first.
  std::vector<std::string> trail() {
    audit->flush();
    std::vector<std::string> out;
    const auto rows = file->audit(std::nullopt, 1000);
    REQUIRE(rows.has_value());
    for (const store::AuditRow& row : *rows) {
      if (row.event != "issued") out.insert(out.begin(), shown(row));
    }
    return out;
  }

  std::filesystem::path folder;
  ManualClock clock{k_now_s * 1000};
  SeededRandom random{7};
  std::unique_ptr<store::TokenFile> file;
  std::optional<access::AuditLog> audit;
  std::optional<access::UserTokens> tokens;
  std::optional<access::Access> door;
  std::string hash;  // of the token issued last
};

using Trail = std::vector<std::string>;

}  // namespace

TEST_CASE("what cannot be a token is refused without a word in the audit trail") {
  House house;
  for (const std::string header : {"", "Bearer ", "Bearer dmp_v1_SHORT", "Basic dmp_v1_", "Bearer other"}) {
    CAPTURE(header);
    CHECK(house.decide(header, Operation::publish, k_slot).verdict == Verdict::unauthorised);
  }
  CHECK(house.trail().empty());
}

TEST_CASE("an unknown, expired or revoked token is refused, and the trail does not say whose it was") {
  House house;
  const std::string unknown = "Bearer dmp_v1_" + std::string(52, 'A');
  CHECK(house.decide(unknown, Operation::publish, k_slot).verdict == Verdict::unauthorised);
  const auto expired = house.issue([](store::TokenRow& row) { row.expires_s = k_now_s; });
  CHECK(house.decide(expired, Operation::publish, k_slot).verdict == Verdict::unauthorised);
  const auto revoked = house.issue([](store::TokenRow& row) { row.revoked_s = k_now_s; });
  CHECK(house.decide(revoked, Operation::publish, k_slot).verdict == Verdict::unauthorised);
  CHECK(house.trail() == Trail{"rejected: no such token [- - 192.0.2.1]",
                               "rejected: token expired or revoked [- - 192.0.2.1]",
                               "rejected: token expired or revoked [- - 192.0.2.1]"});
}

TEST_CASE("names of the operator and names of nobody are refused to every user token") {
  House house;
  const std::string header = house.issue();
  CHECK(house.decide(header, Operation::publish, "cluster.example.com").verdict == Verdict::unauthorised);
  CHECK(house.decide(header, Operation::publish, "_dmp.example.com").verdict == Verdict::unauthorised);
  CHECK(house.trail() ==
        Trail{"rejected: operator-only scope: reserved or unrecognized record namespace [- - 192.0.2.1]",
              "rejected: unknown scope: non-ASCII or disallowed chars [- - 192.0.2.1]"});
}

TEST_CASE("a name of another user is refused, and the trail names the token") {
  House house;
  const std::string header = house.issue();
  const std::string other16 = crypto::sha256_hex("bob").substr(0, 16);
  const std::string other12 = other16.substr(0, 12);
  const std::string own16 = crypto::sha256_hex("alice").substr(0, 16);
  for (const std::string& name : {std::string("dmp.bob.example.com"), std::string("rotate.dmp.alice.example.org"),
                                  "id-" + other16 + ".example.com", "id-" + own16 + ".example.org",
                                  "prekeys.id-" + other12 + ".example.com", "pk-1." + k_hex12 + ".example.com"}) {
    CAPTURE(name);
    CHECK(house.decide(header, Operation::publish, name).verdict == Verdict::unauthorised);
  }
  const std::string who = fmt::format(" [{} alice@example.com 192.0.2.1]", house.hash);
  CHECK(house.trail() == Trail{"rejected: subject mismatch: want bob@example.com" + who,
                               "rejected: subject mismatch: want alice@example.org" + who,
                               "rejected: hashed-namespace mismatch: want #id16:" + other16 + "@example.com" + who,
                               "rejected: hashed-namespace mismatch: want #id16:" + own16 + "@example.org" + who,
                               "rejected: hashed-namespace mismatch: want #prekeys:" + other12 + "@example.com" + who,
                               "rejected: subject_hash12 mismatch: want #" + k_hex12 + who});
}

TEST_CASE("the owner of a name publishes and deletes there, and may shorten a life") {
  House house;
  const std::string header = house.issue([](store::TokenRow& row) { row.subject_hash12 = k_hex12; });
  const std::string hex = crypto::sha256_hex("alice");
  for (const std::string& name :
       {std::string("dmp.alice.example.com"), std::string("rotate.dmp.alice.example.com"),
        "id-" + hex.substr(0, 16) + ".example.com", "prekeys.id-" + hex.substr(0, 12) + ".example.com",
        "pk-1." + k_hex12 + ".example.com"}) {
    for (const Operation operation : {Operation::publish, Operation::remove}) {
      CAPTURE(name);
      const access::Decision decision = house.decide(header, operation, name);
      CHECK(decision.verdict == Verdict::allowed);
      CHECK(decision.may_shorten_life);
      CHECK(house.door->spend(decision));
    }
  }
  CHECK(house.trail().empty());  // nothing was written yet
  house.door->note_used(house.decide(header, Operation::publish, "dmp.alice.example.com"));
  CHECK(house.trail() == Trail{fmt::format("used: owner-exclusive [{} alice@example.com 192.0.2.1]", house.hash)});
}

TEST_CASE("at a shared name every user adds, none deletes or shortens, and the trail does not say who") {
  House house;
  const std::string header = house.issue();
  const access::Decision publish = house.decide(header, Operation::publish, k_slot);
  CHECK(publish.verdict == Verdict::allowed);
  CHECK_FALSE(publish.may_shorten_life);
  house.door->note_used(publish);
  CHECK(house.decide(header, Operation::remove, k_slot).verdict == Verdict::unauthorised);
  CHECK(house.trail() ==
        Trail{"used: shared-pool [- - 192.0.2.1]", "rejected: shared-pool delete refused [- - 192.0.2.1]"});
}

TEST_CASE("an empty bucket of the token throttles at every name, with or without a name in the trail") {
  House house;
  const std::string header = house.issue([](store::TokenRow& row) {
    row.rate_per_s = 1;
    row.rate_burst = 2;
  });
  const access::Decision own = house.decide(header, Operation::publish, "dmp.alice.example.com");
  const access::Decision shared = house.decide(header, Operation::publish, k_slot);
  CHECK(house.door->spend(own));
  CHECK(house.door->spend(shared));
  CHECK_FALSE(house.door->spend(own));
  CHECK_FALSE(house.door->spend(shared));
  CHECK(house.trail() == Trail{fmt::format("throttled: owner-exclusive [{} alice@example.com 192.0.2.1]", house.hash),
                               "throttled: shared-pool [- - 192.0.2.1]"});
  house.clock.advance_ms(1000);
  CHECK(house.door->spend(own));
  CHECK_FALSE(house.door->spend(own));
  const std::string other = house.issue();  // another token has a bucket of its own
  CHECK(house.door->spend(house.decide(other, Operation::publish, k_slot)));
}

TEST_CASE("a token without a rate or burst is not throttled") {
  House house;
  const std::string header = house.issue([](store::TokenRow& row) { row.rate_burst = 0; });
  const access::Decision decision = house.decide(header, Operation::publish, k_slot);
  for (int i = 0; i < 100; ++i) CHECK(house.door->spend(decision));
}

TEST_CASE("what another program revokes is refused at the next request") {
  House house;
  const std::string header = house.issue();
  CHECK(house.decide(header, Operation::publish, k_slot).verdict == Verdict::allowed);
  const auto admin = store::TokenFile::open((house.folder / "t.db").string());
  REQUIRE(admin.has_value());
  store::AuditRow audit;
  audit.ts_s = k_now_s;
  CHECK((*admin)->revoke_subject("alice@example.com", audit).value() == 1);
  CHECK(house.decide(header, Operation::publish, k_slot).verdict == Verdict::unauthorised);
}

TEST_CASE("user tokens count for writes in multi-tenant mode only, and the operator needs none") {
  House house;
  const std::string header = house.issue();
  CHECK(house.decide(header, Operation::read, k_slot).verdict == Verdict::unauthorised);
  const access::Decision by_operator = house.decide("Bearer operator-secret", Operation::remove, "cluster.x.co");
  CHECK(by_operator.verdict == Verdict::allowed);
  CHECK(by_operator.may_shorten_life);
  CHECK_FALSE(by_operator.token);
  house.door->set_policy({access::AuthMode::legacy, "operator-secret", {}});
  CHECK(house.decide(header, Operation::publish, k_slot).verdict == Verdict::unauthorised);
  CHECK(house.trail().empty());
}

TEST_CASE("strangers cannot grow the audit trail beyond its rate") {
  House house;
  const std::string unknown = "Bearer dmp_v1_" + std::string(52, 'A');
  for (int i = 0; i < 1000; ++i) house.decide(unknown, Operation::publish, k_slot);
  CHECK(house.trail().size() == static_cast<std::size_t>(limits::audit_rejected_burst));
  house.clock.advance_ms(3000);
  for (int i = 0; i < 1000; ++i) house.decide(unknown, Operation::publish, k_slot);
  CHECK(house.trail().size() == static_cast<std::size_t>(limits::audit_rejected_burst) + 3);
}

TEST_CASE("a holder of a token in a loop cannot grow the audit trail beyond that rate either") {
  House house;
  const access::TokenUse use{"hash", "alice@example.com", "192.0.2.1", {1, 1}, false};
  for (int i = 0; i < 1000; ++i) house.tokens->spend(use);
  CHECK(house.trail().size() == static_cast<std::size_t>(limits::audit_rejected_burst));
}

TEST_CASE("audit rows older than the retention go, others stay, and what waits is written at the end") {
  House house;
  store::AuditRow row;
  row.event = "used";
  {
    access::AuditLog log(*house.file, house.clock, 2);
    for (const std::int64_t age_days : {1, 3}) {
      row.ts_s = k_now_s - age_days * 86400;
      log.add(row);
    }
    log.flush();
    log.prune();
    row.ts_s = k_now_s;
    log.add(row);
  }
  const auto rows = house.file->audit("used", 10).value();
  REQUIRE(rows.size() == 2);
  CHECK(rows[0].ts_s == k_now_s);
  CHECK(rows[1].ts_s == k_now_s - 86400);
}
