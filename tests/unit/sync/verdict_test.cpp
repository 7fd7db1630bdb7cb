// SPDX-License-Identifier: Apache-2.0
#include "sync/verdict.hpp"

#include <doctest/doctest.h>

#include <optional>
#include <string>
#include <vector>

#include "record/identity_record.hpp"

using namespace dnsmesh;

TEST_CASE("one look gives what acceptance and offer say one after the other, for every kind of refusal") {
  constexpr std::int64_t k_now_s = 1'800'000'000;
  const crypto::SigningKey key(ByteArray<32>{7});
  record::IdentityRecord identity;
  identity.username = "bob";
  identity.ed25519_spk = key.public_key();
  identity.ts = k_now_s;
  identity.versions = {1};
  const std::string good = record::issue_identity_record(identity, key).value();
  std::string tampered = good;
  tampered[30] = tampered[30] == 'A' ? 'B' : 'A';
  const std::vector<std::string> names = {"a.test", "*.test", "a.test.", "cluster.test", "slot-1.mb-ab.test"};
  const std::vector<std::string> values = {
      good, tampered, "text", "", "v=dmp1;t=heartbeat;AAAA", "v=dmp1;t=chunk;d=AAAA"};
  int accepted = 0;
  for (const std::string& name : names) {
    for (const std::string& value : values) {
      CAPTURE(name);
      CAPTURE(value);
      const auto verdict = sync::verdict_of(name, value, k_now_s, std::nullopt);
      const auto taken = record::sync_accepts(name, value, k_now_s, std::nullopt);
      REQUIRE(verdict.accepted.has_value() == taken.has_value());
      if (!taken) CHECK(verdict.accepted.error().code == taken.error().code);
      if (taken) CHECK(verdict.offer == record::judge_offer(name, value, k_now_s, std::nullopt));
      accepted += taken ? 1 : 0;
    }
  }
  CHECK(accepted == 8);  // the good record under each name, and the text under those that are not reserved
}
