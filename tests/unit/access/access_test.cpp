// SPDX-License-Identifier: Apache-2.0
#include "access/access.hpp"

#include <doctest/doctest.h>

#include <vector>

#include "access/address_key.hpp"

using namespace dnsmesh;
using access::AuthMode;
using access::Operation;
using access::Verdict;

namespace {

constexpr std::string_view k_token = "operator-secret";

access::Policy policy(AuthMode mode, std::string_view token) { return {mode, std::string(token), {}}; }

}  // namespace

TEST_CASE("the authorisation matrix") {
  struct Row {
    AuthMode mode;
    std::string_view token;
    std::string_view header;
    Verdict read;
    Verdict write;
  };
  constexpr auto yes = Verdict::allowed;
  constexpr auto no = Verdict::unauthorised;
  const std::vector<Row> rows = {
      {AuthMode::open, "", "", yes, yes},
      {AuthMode::open, "", "Bearer whatever", yes, yes},
      {AuthMode::open, k_token, "", no, yes},
      {AuthMode::open, k_token, "Bearer wrong", no, yes},
      {AuthMode::open, k_token, "Bearer operator-secret", yes, yes},
      {AuthMode::legacy, "", "", yes, no},
      {AuthMode::legacy, "", "Bearer ", yes, no},
      {AuthMode::legacy, k_token, "", no, no},
      {AuthMode::legacy, k_token, "Bearer operator-secret", yes, yes},
      {AuthMode::multi_tenant, "", "", yes, no},
      {AuthMode::multi_tenant, "", "Bearer ", yes, no},
      {AuthMode::multi_tenant, k_token, "Bearer dmp_v1_SOMEBODY", no, no},
      {AuthMode::multi_tenant, k_token, "Bearer operator-secret", yes, yes},
  };
  const ManualClock clock(0);
  for (const Row& row : rows) {
    CAPTURE(access::auth_mode_name(row.mode));
    CAPTURE(row.token);
    CAPTURE(row.header);
    access::Access access(policy(row.mode, row.token), clock);
    const access::Requester who{"192.0.2.1", row.header};
    CHECK(access.decide(who, Operation::read, "a.example").verdict == row.read);
    for (const Operation write : {Operation::publish, Operation::remove}) {
      const access::Decision decision = access.decide(who, write, "a.example");
      CHECK(decision.verdict == row.write);
      CHECK(decision.may_shorten_life == (row.write == yes));
    }
  }
}

TEST_CASE("a bearer header is the scheme, one blank and the token, to the letter") {
  CHECK(access::is_bearer("Bearer t", "t"));
  for (const std::string_view header : {"", "t", "Bearer", "Bearer ", "bearer t", "BEARER t", "Bearer  t", "Bearer\tt",
                                        "Bearer t ", "Bearer T", "Bearer tt", " Bearer t", "Basic t"}) {
    CAPTURE(header);
    CHECK_FALSE(access::is_bearer(header, "t"));
  }
  CHECK_FALSE(access::is_bearer("Bearer ", ""));
}

TEST_CASE("an address over its rate is throttled before its token is looked at, others are not") {
  const ManualClock clock(0);
  access::Policy limited = policy(AuthMode::legacy, k_token);
  limited.rate = {1, 2};
  access::Access access(limited, clock);
  const access::Requester stranger{"192.0.2.1", ""};
  const access::Requester same_with_token{"192.0.2.1", "Bearer operator-secret"};
  CHECK(access.decide(stranger, Operation::read, "a").verdict == Verdict::unauthorised);
  CHECK(access.decide(stranger, Operation::publish, "b").verdict == Verdict::unauthorised);
  CHECK(access.decide(stranger, Operation::remove, "c").verdict == Verdict::throttled);
  CHECK(access.decide(same_with_token, Operation::read, "a").verdict == Verdict::throttled);
  CHECK(access.decide({"192.0.2.2", ""}, Operation::read, "a").verdict == Verdict::unauthorised);
}

TEST_CASE("a new policy counts at once") {
  const ManualClock clock(0);
  access::Access access(policy(AuthMode::open, ""), clock);
  const access::Requester who{"192.0.2.1", "Bearer new"};
  CHECK(access.decide({"192.0.2.1", ""}, Operation::publish, "a").verdict == Verdict::allowed);
  access::Policy changed = policy(AuthMode::legacy, "new");
  changed.rate = {0.001, 2};
  access.set_policy(changed);
  CHECK(access.decide({"192.0.2.1", ""}, Operation::publish, "a").verdict == Verdict::unauthorised);
  CHECK(access.decide(who, Operation::publish, "a").verdict == Verdict::allowed);
  CHECK(access.decide(who, Operation::publish, "a").verdict == Verdict::throttled);
}

TEST_CASE("limits count IPv4 addresses one by one and IPv6 addresses by their /64") {
  CHECK(access::address_key("192.0.2.1") == "192.0.2.1");
  CHECK(access::address_key("::ffff:192.0.2.1") == "192.0.2.1");
  CHECK(access::address_key("2001:db8:1:2::1") == access::address_key("2001:DB8:1:2:ffff::9"));
  CHECK(access::address_key("2001:db8:1:2::1") != access::address_key("2001:db8:1:3::1"));
  CHECK(access::address_key("fe80::1%eth0") == access::address_key("fe80::2"));
  CHECK(access::address_key("nonsense") == "nonsense");
}

TEST_CASE("the operator is who carries the operator's token, and nobody when there is none") {
  ManualClock clock{0};
  access::Access access({AuthMode::open, "secret", {}}, clock);
  CHECK(access.is_operator("Bearer secret"));
  CHECK_FALSE(access.is_operator("Bearer secret "));
  CHECK_FALSE(access.is_operator(""));
  access.set_policy({});
  CHECK_FALSE(access.is_operator("Bearer secret"));
  CHECK_FALSE(access.is_operator("Bearer "));
  CHECK_FALSE(access.is_operator(""));
}
