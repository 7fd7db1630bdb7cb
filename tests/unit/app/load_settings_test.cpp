// SPDX-License-Identifier: Apache-2.0
#include "app/load_settings.hpp"

#include <doctest/doctest.h>

#include <string>

#include "dns/zone.hpp"
#include "loading.hpp"

using namespace dnsmesh;
using namespace dnsmesh::app;

namespace {

constexpr auto k_long_token = "0123456789abcdef0123456789abcdef";

ReadFile file_with(const std::string& contents) {
  return [contents](const std::string&) -> Result<std::string> { return contents; };
}

}  // namespace

TEST_CASE("the environment beats the file and the file beats the default") {
  const Loaded both = loaded({{"DMP_HTTP_PORT", "1"}}, "DMP_HTTP_PORT=2\nDMP_DNS_PORT=3\n");
  CHECK(both.settings.http.port == 1);
  CHECK(both.settings.dns.port == 3);
  CHECK(both.settings.dns.ttl_s == 60);
  CHECK(value_of(both, "DMP_HTTP_PORT").source == Source::environment);
  CHECK(value_of(both, "DMP_HTTP_PORT").where == "environment");
  CHECK(value_of(both, "DMP_DNS_PORT").source == Source::file);
  CHECK(value_of(both, "DMP_DNS_PORT").where == "node.env:2");
  CHECK(value_of(both, "DMP_DNS_TTL").source == Source::default_value);
  CHECK(value_of(both, "DMP_DNS_TTL").where == "default");
  CHECK(value_of(both, "DMP_DNS_TTL").value == Value{std::int64_t{60}});
}

TEST_CASE("an empty value of the environment lets the file or the default hold") {
  const Loaded result =
      loaded({{"DMP_HTTP_PORT", ""}, {"DMP_DNS_PORT", " "}, {"DMP_OPERATOR_TOKEN", ""}}, "DMP_HTTP_PORT=2\n");
  CHECK(result.settings.http.port == 2);
  CHECK(result.settings.dns.port == 5353);
  CHECK_FALSE(result.settings.http.operator_token.has_value());
}

TEST_CASE("every bad value is reported, in one line each with place, name, value and what is accepted") {
  const auto errors = faults({{"DMP_HTTP_PORT", "70000"}, {"DMP_DB_PATH", ""}}, "DMP_DNS_PORT=x\nDMP_MAX_TTL=0\n");
  REQUIRE(errors.size() == 4);
  CHECK(errors[0].text ==
        "environment: DMP_DB_PATH: set but empty; give a path of at most 4095 bytes, or leave it out");
  CHECK(errors[1].text == "node.env:1: DMP_DNS_PORT: \"x\" is not accepted; give a whole number from 0 to 65535");
  CHECK(errors[2].text == "environment: DMP_HTTP_PORT: \"70000\" is not accepted; give a whole number from 0 to 65535");
  CHECK(errors[3].text == "node.env:2: DMP_MAX_TTL: \"0\" is not accepted; give a whole number from 1 to 2147483647");
  for (const Error& error : errors) CHECK(error.code == ErrorCode::config_bad_value);
}

TEST_CASE("a bad value is shown in one line, without control characters, and cut when it is long") {
  const auto control = faults({{"DMP_HTTP_PORT", "1\n\x1b[31m"}});
  CHECK(control.at(0).text.find("\"1\\x0a\\x1b[31m\"") != std::string::npos);
  const auto endless = faults({{"DMP_HTTP_PORT", std::string(5000, '9')}});
  CHECK(endless.at(0).text.size() < 250);
}

TEST_CASE("an older name works, loses against the main one, and that is said") {
  const Loaded alias = loaded({{"DMP_HTTP_TOKEN", k_long_token}, {"DMP_CLUSTER_MANIFEST_PATH", "/a"}});
  CHECK(alias.settings.http.operator_token == k_long_token);
  CHECK(alias.settings.cluster.file == "/a");
  CHECK(value_of(alias, "DMP_CLUSTER_FILE").where == "environment, as DMP_CLUSTER_MANIFEST_PATH");
  CHECK(alias.warnings.empty());

  const Loaded both = loaded({{"DMP_CLUSTER_FILE", "/main"},
                              {"DMP_CLUSTER_MANIFEST_PATH", "/old"},
                              {"DMP_OPERATOR_TOKEN", k_long_token},
                              {"DMP_HTTP_TOKEN", "another one of enough length"}});
  CHECK(both.settings.cluster.file == "/main");
  CHECK(both.settings.http.operator_token == k_long_token);
  REQUIRE(both.warnings.size() == 2);
  CHECK(both.warnings[0] ==
        "environment: DMP_OPERATOR_TOKEN and DMP_HTTP_TOKEN are both set; DMP_OPERATOR_TOKEN is used");
  CHECK(both.warnings[1] ==
        "environment: DMP_CLUSTER_FILE and DMP_CLUSTER_MANIFEST_PATH are both set; DMP_CLUSTER_FILE is used");

  const Loaded layers = loaded({{"DMP_CLUSTER_MANIFEST_PATH", "/environment"}}, "DMP_CLUSTER_FILE=/file\n");
  CHECK(layers.settings.cluster.file == "/environment");
}

TEST_CASE("an unknown DMP_ variable of the environment is one warning that names the nearest one") {
  const Loaded result = loaded({{"DMP_HTP_PORT", "1"},
                                {"DMP_SOMETHING_ELSE", "1"},
                                {"OTHER_HTTP_PORT", "1"},
                                {"DMP_PASSPHRASE", "x"},
                                {"DMP_IMAGE_TAG", "x"},
                                {"DMP_OPERATOR_TOKEN", k_long_token}});
  REQUIRE(result.warnings.size() == 2);
  CHECK(result.warnings[0] == "environment: unknown variable \"DMP_HTP_PORT\"; did you mean DMP_HTTP_PORT?");
  CHECK(result.warnings[1] == "environment: unknown variable \"DMP_SOMETHING_ELSE\"");
  CHECK(result.notes.empty());
}

TEST_CASE("an unknown key of the file is an error, a known one of another version is not") {
  const auto errors = faults({}, "DMP_HTP_PORT=1\nOTHER=2\nDMP_SYNC_PEERS=\n");
  REQUIRE(errors.size() == 2);
  CHECK(errors[0].code == ErrorCode::config_unknown_key);
  CHECK(errors[0].text == "node.env:1: unknown setting \"DMP_HTP_PORT\"; did you mean DMP_HTTP_PORT?");
  CHECK(errors[1].text == "node.env:2: unknown setting \"OTHER\"");
}

TEST_CASE("a bad line of the file is an error among the others") {
  const auto errors = faults({{"DMP_HTTP_PORT", "x"}}, "what\n");
  REQUIRE(errors.size() == 2);
  CHECK(errors[0].code == ErrorCode::config_file);
  CHECK(errors[1].code == ErrorCode::config_bad_value);
}

TEST_CASE("a key that the file sets twice warns, and the later one holds") {
  const Loaded result = loaded({{"DMP_OPERATOR_TOKEN", k_long_token}}, "DMP_DNS_PORT=1\nDMP_DNS_PORT=2\n");
  CHECK(result.settings.dns.port == 2);
  REQUIRE(result.warnings.size() == 1);
  CHECK(result.warnings[0] == "node.env:2: DMP_DNS_PORT is set a second time (node.env:1 is not used)");
}

TEST_CASE("variables of parts that this version does not have are named in one note, when they have a value") {
  const Loaded result = loaded({{"DMP_HEARTBEAT_PUBLIC_SEED_URLS", "https://b.test/"}, {"DMP_TSIG_DB_PATH", ""}},
                               "DMP_HEARTBEAT_PUBLIC_SEED_URLS_DISABLED=1\n");
  REQUIRE(result.notes.size() == 1);
  CHECK(result.notes[0] ==
        "set but not used by this version: DMP_HEARTBEAT_PUBLIC_SEED_URLS, DMP_HEARTBEAT_PUBLIC_SEED_URLS_DISABLED");
}

TEST_CASE("a secret may come from a file, without one line end") {
  for (const std::string end : {"", "\n", "\r\n"}) {
    const auto result =
        load_settings({{"DMP_OPERATOR_TOKEN_FILE", "/run/token"}}, std::nullopt, file_with(k_long_token + end));
    REQUIRE(result.has_value());
    CHECK(result->settings.http.operator_token == k_long_token);
    CHECK(value_of(*result, "DMP_OPERATOR_TOKEN").where == "environment, as DMP_OPERATOR_TOKEN_FILE");
  }
  const auto both = load_settings({{"DMP_OPERATOR_TOKEN_FILE", "/run/token"}, {"DMP_HTTP_TOKEN", k_long_token}},
                                  std::nullopt, file_with("other"));
  REQUIRE(both.has_value());
  CHECK(both->settings.http.operator_token == k_long_token);
  CHECK(count_with(both->warnings, "are both set") == 1);
}

TEST_CASE("a file without a usable secret stops the start, and the secret is not shown") {
  const auto missing = faults({{"DMP_OPERATOR_TOKEN_FILE", "/run/token"}});
  CHECK(missing.at(0).text == "environment: DMP_OPERATOR_TOKEN_FILE: /run/token: none here");
  for (const std::string contents : {"", "\n"}) {
    const auto empty = load_settings({{"DMP_OPERATOR_TOKEN_FILE", "/run/token"}}, std::nullopt, file_with(contents));
    REQUIRE_FALSE(empty.has_value());
    CHECK(empty.error().at(0).text == "environment: DMP_OPERATOR_TOKEN_FILE: \"/run/token\" is empty");
  }
  const auto lines =
      load_settings({{"DMP_OPERATOR_TOKEN_FILE", "/run/token"}}, std::nullopt, file_with("hunter2\nhunter3\n"));
  REQUIRE_FALSE(lines.has_value());
  CHECK(lines.error().at(0).text.find("a value of 15 characters is not accepted") != std::string::npos);
  CHECK(lines.error().at(0).text.find("hunter") == std::string::npos);
}

TEST_CASE("a short operator token warns with its length only, one of sixteen characters does not") {
  const Loaded short_one = loaded({{"DMP_OPERATOR_TOKEN", "0123456789abcde"}});
  REQUIRE(short_one.warnings.size() == 1);
  CHECK(short_one.warnings[0].find("15 characters") != std::string::npos);
  CHECK(short_one.warnings[0].find("abcde") == std::string::npos);
  CHECK(loaded({{"DMP_OPERATOR_TOKEN", "0123456789abcdef"}}).warnings.empty());
}

TEST_CASE("without a mode, a token makes it legacy and its absence open") {
  const Loaded with = loaded({{"DMP_OPERATOR_TOKEN", k_long_token}});
  CHECK(with.settings.http.auth_mode == access::AuthMode::legacy);
  CHECK(value_of(with, "DMP_AUTH_MODE").value == Value{std::string("legacy")});
  const Loaded without = loaded({});
  CHECK(without.settings.http.auth_mode == access::AuthMode::open);
  CHECK(value_of(without, "DMP_AUTH_MODE").value == Value{std::string("open")});
}

TEST_CASE("the absence of a token warns of what everybody or nobody may then do") {
  const Loaded open = loaded({{"DMP_AUTH_MODE", "open"}});
  CHECK(count_with(open.warnings, "everybody may write") == 1);
  CHECK(count_with(open.warnings, "metrics endpoint unauthenticated") == 1);
  CHECK(count_with(open.warnings, "DMP_HTTP_TOKEN") == 1);
  CHECK(count_with(loaded({{"DMP_AUTH_MODE", "legacy"}}).warnings, "every write is refused") == 1);
  CHECK(count_with(loaded({{"DMP_OPERATOR_TOKEN", k_long_token}}).warnings, "metrics") == 0);
}

TEST_CASE("multi-tenant mode is taken, and an unknown mode lists the three") {
  const Loaded tenants = loaded({{"DMP_AUTH_MODE", "Multi-Tenant"}});
  CHECK(tenants.settings.http.auth_mode == access::AuthMode::multi_tenant);
  CHECK(count_with(tenants.warnings, "nobody may write names of the operator") == 1);
  CHECK(faults({{"DMP_AUTH_MODE", "closed"}}).at(0).text.find("one of open, legacy, multi-tenant") !=
        std::string::npos);
}

TEST_CASE("a malformed operator key warns and is treated as absent") {
  const Loaded result = loaded({{"DMP_SYNC_OPERATOR_SPK", "abc"}, {"DMP_OPERATOR_TOKEN", k_long_token}});
  CHECK_FALSE(result.settings.cluster.operator_key.has_value());
  REQUIRE(result.warnings.size() == 1);
  CHECK(result.warnings[0] == "environment: DMP_SYNC_OPERATOR_SPK: \"abc\" is not 64 hex digits; taken as not set");
}

TEST_CASE("apex records without a zone warn") {
  CHECK(count_with(loaded({{"DMP_DNS_APEX_A", "192.0.2.1"}}).warnings, "no zone") == 1);
  CHECK(count_with(loaded({{"DMP_DNS_APEX_A", "192.0.2.1"}, {"DMP_DOMAIN", "a.b"}}).warnings, "no zone") == 0);
}

TEST_CASE("a zone that leaves no room for its mailbox stops the start, unless a mailbox is set") {
  const auto zone_of = [](std::size_t size) {
    return std::string(61, 'a') + std::string("." + std::string(59, 'b')) + "." + std::string(59, 'c') + "." +
           std::string(size - 182, 'd');
  };
  const auto zone_fits = [](const std::string& zone) { return dns::make_zone({.served_zone = zone}).has_value(); };
  CHECK(zone_of(242).size() == 242);
  CHECK(zone_fits(zone_of(242)));
  CHECK_FALSE(zone_fits(zone_of(243)));
  CHECK(load({{"DMP_DOMAIN", zone_of(242)}}).has_value());
  CHECK(load({{"DMP_DOMAIN", zone_of(243)}, {"DMP_DNS_APEX_SOA_RNAME", "a.b"}}).has_value());
  CHECK(load({{"DMP_DOMAIN", zone_of(243)}, {"DMP_SERVED_ZONE", "a.b"}}).has_value());
  const auto found = faults({{"DMP_DOMAIN", zone_of(243)}});
  REQUIRE(found.size() == 1);
  CHECK(found[0].text.starts_with("environment: DMP_DOMAIN: hostmaster.ZONE would be longer than 253 bytes"));
}

TEST_CASE("a reload names the changes that need a restart") {
  const Loaded before = loaded({}, "DMP_LOG_LEVEL=INFO\nDMP_HTTP_PORT=1\n");
  const Loaded after = loaded({}, "DMP_LOG_LEVEL=DEBUG\nDMP_HTTP_PORT=2\nDMP_DNS_TTL=60\n");
  CHECK(changes_that_need_a_restart(before, after) == std::vector<std::string_view>{"DMP_HTTP_PORT"});
  CHECK(changes_that_need_a_restart(before, before).empty());
}

TEST_CASE("peers that cannot be called are warned of and left out") {
  const Loaded result = loaded(
      {{"DMP_SYNC_PEERS", "http://b:1, ftp://c, http://b:1/, http://user@d"}, {"DMP_SYNC_PEER_TOKEN", k_long_token}});
  REQUIRE(result.settings.sync.peers.size() == 1);
  CHECK(result.settings.sync.peers[0].endpoint == "http://b:1");
  CHECK(count_with(result.warnings, "DMP_SYNC_PEERS: ") == 2);
  CHECK(count_with(result.warnings, "ftp://c") == 1);
}

TEST_CASE("peers without a token, an alternative without a token, short and published tokens are warned of") {
  CHECK(count_with(loaded({{"DMP_SYNC_PEERS", "http://b"}}).warnings, "nothing is exchanged with peers") == 1);
  CHECK(count_with(loaded({{"DMP_SYNC_PEER_TOKEN_ALT", k_long_token}}).warnings, "it is not used") == 1);
  CHECK(count_with(loaded({{"DMP_SYNC_PEER_TOKEN", "short"}}).warnings, "the token of the peers has 5 characters") ==
        1);
  const auto published = loaded({{"DMP_SYNC_PEER_TOKEN", "dev-cluster-token-change-me"}}).warnings;
  CHECK(count_with(published, "which everybody knows") == 1);
  CHECK(count_with(published, "dev-cluster-token") == 0);
  const auto good = loaded({{"DMP_SYNC_PEERS", "http://b"}, {"DMP_SYNC_PEER_TOKEN", k_long_token}}).warnings;
  CHECK(count_with(good, "peers") == 0);
}

TEST_CASE("the older name of the sync interval loses, with a warning") {
  CHECK(loaded({{"DMP_SYNC_INTERVAL_SECONDS", "2"}}).settings.sync.interval_ms == 2000);
  const Loaded both = loaded({{"DMP_SYNC_INTERVAL", "3"}, {"DMP_SYNC_INTERVAL_SECONDS", "2"}});
  CHECK(both.settings.sync.interval_ms == 3000);
  CHECK(count_with(both.warnings, "DMP_SYNC_INTERVAL_SECONDS are both set") == 1);
}

TEST_CASE("records of peers may live as long as our own, when no other bound is given") {
  CHECK(loaded({{"DMP_MAX_TTL", "1000000"}}).settings.sync.ttl_s_max == 1000000);
  CHECK(loaded({{"DMP_MAX_TTL", "60"}}).settings.sync.ttl_s_max == 604800);
  CHECK(loaded({{"DMP_MAX_TTL", "1000000"}, {"DMP_SYNC_MAX_TTL", "60"}}).settings.sync.ttl_s_max == 60);
}

TEST_CASE("a certificate needs its key, and a key its certificate") {
  for (const char* name : {"DMP_SYNC_CERT_FILE", "DMP_SYNC_KEY_FILE"}) {
    const auto errors = faults({{name, "/x.pem"}});
    REQUIRE(errors.size() == 1);
    CHECK(errors[0].code == ErrorCode::config_refused);
  }
}
