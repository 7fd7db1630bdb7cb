// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include "access/auth_mode.hpp"
#include "access/open_bind.hpp"

using namespace dnsmesh;
using access::AuthMode;

TEST_CASE("an auth mode is read without regard to blanks and case") {
  CHECK(access::parse_auth_mode("open", true) == AuthMode::open);
  CHECK(access::parse_auth_mode(" Legacy\n", false) == AuthMode::legacy);
  CHECK(access::parse_auth_mode("MULTI-TENANT", false) == AuthMode::multi_tenant);
}

TEST_CASE("without an auth mode the operator token decides") {
  CHECK(access::parse_auth_mode("", true) == AuthMode::legacy);
  CHECK(access::parse_auth_mode("  ", false) == AuthMode::open);
}

TEST_CASE("an unknown auth mode is refused and the three valid ones are named") {
  for (const std::string_view text : {"multi_tenant", "opened", "open legacy", "none"}) {
    const auto mode = access::parse_auth_mode(text, true);
    REQUIRE_FALSE(mode.has_value());
    CHECK(mode.error().code == ErrorCode::config_bad_value);
    for (const std::string_view name : {"open", "legacy", "multi-tenant"}) CHECK(mode.error().text.contains(name));
  }
}

TEST_CASE("which bind hosts are local") {
  for (const std::string_view host :
       {"localhost", " LocalHost ", "127.0.0.1", "127.255.0.9", "::1", "0:0:0:0:0:0:0:1"}) {
    CAPTURE(host);
    CHECK(access::is_local_host(host));
  }
  for (const std::string_view host : {"", "0", "0.0.0.0", "::", "192.0.2.1", "128.0.0.1", "127.0.0", "2001:db8::1",
                                      "::ffff:127.0.0.1", "localhost.example", "node.example", "127.0.0.1.example"}) {
    CAPTURE(host);
    CHECK_FALSE(access::is_local_host(host));
  }
}

TEST_CASE("open mode on an address that is not local is refused unless allowed") {
  const auto refused = access::check_open_bind(AuthMode::open, "0.0.0.0", false);
  REQUIRE_FALSE(refused.has_value());
  CHECK(refused.error().code == ErrorCode::config_refused);
  CHECK(refused.error().text.contains("0.0.0.0"));
  CHECK(refused.error().text.contains("DMP_ALLOW_OPEN_PUBLIC_BIND"));
  CHECK(access::check_open_bind(AuthMode::open, "0.0.0.0", true).has_value());
  CHECK(access::check_open_bind(AuthMode::open, "127.0.0.1", false).has_value());
  CHECK(access::check_open_bind(AuthMode::legacy, "0.0.0.0", false).has_value());
  CHECK(access::check_open_bind(AuthMode::multi_tenant, "", false).has_value());
}
