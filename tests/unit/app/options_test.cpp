// SPDX-License-Identifier: Apache-2.0
#include "app/options.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <set>
#include <string>
#include <vector>

#include "dns/zone.hpp"
#include "loading.hpp"

using namespace dnsmesh;
using namespace dnsmesh::app;

namespace {

/// One value of an option and whether the node starts with it.
struct Edge {
  std::string name;
  std::vector<std::string> accepted;
  std::vector<std::string> refused;
};

const std::string k_two_secrets = std::string(32, 'A') + "\n" + std::string(32, 'b');

const std::vector<Edge> k_edges = {
    {"DMP_DB_PATH", {std::string(4095, 'p')}, {"", std::string(4096, 'p')}},
    {"DMP_CLEANUP_INTERVAL", {"0.001", "31536000"}, {"0", "-1", "31536000.5", "nan", "inf"}},
    {"DMP_LOG_LEVEL", {"debug", "FATAL", "loud"}, {}},
    {"DMP_LOG_FORMAT", {"JSON", "text", "xml"}, {}},
    {"DMP_DNS_HOST", {"::", "10.0.0.1"}, {"[::]", "a b", "localhost"}},
    {"DMP_DNS_PORT", {"0", "65535"}, {"-1", "65536", "53.0"}},
    {"DMP_DNS_TTL", {"0", "2147483647"}, {"-1", "2147483648"}},
    {"DMP_DNS_UDP_BYTES_MAX", {"512", "4096"}, {"511", "4097"}},
    {"DMP_DNS_NSID", {std::string(128, 'n')}, {std::string(129, 'n'), "\x01"}},
    {"DMP_DNS_VERSION", {std::string(128, 'n')}, {std::string(129, 'n'), "\x01"}},
    {"DMP_DNS_HOSTNAME", {std::string(128, 'n')}, {std::string(129, 'n'), "\x01"}},
    {"DMP_DNS_MAX_CONCURRENCY", {"1", "10000"}, {"0", "10001"}},
    {"DMP_DNS_RATE", {"-1", "0", "0.5", "1e9"}, {"1e10", "nan"}},
    {"DMP_DNS_BURST", {"-1", "0", "0.5", "1e9"}, {"1e10", "nan"}},
    {"DMP_DNS_RATE_EXEMPT_LOOPBACK", {"1", "no", "perhaps"}, {}},
    {"DMP_DNS_COOKIE_SECRET",
     {std::string(32, 'a'), k_two_secrets, k_two_secrets + "\r\n"},
     {std::string(31, 'a'), std::string(33, 'a'), std::string(31, 'a') + "g",
      k_two_secrets + "\n" + std::string(32, 'c'), std::string(64, 'a')}},
    {"DMP_SERVED_ZONE", {"mesh.example.", "..."}, {"a..b", "a b"}},
    {"DMP_CLAIM_PROVIDER_ZONE", {"mesh.example"}, {"a..b"}},
    {"DMP_CLUSTER_BASE_DOMAIN", {"mesh.example"}, {"a..b"}},
    {"DMP_DOMAIN", {"mesh.example"}, {"a..b"}},
    {"DMP_NODE_HOSTNAME", {"mesh.example"}, {"https://mesh.example"}},
    {"DMP_DNS_APEX_A", {"192.0.2.1"}, {"::1", "192.0.2"}},
    {"DMP_DNS_APEX_AAAA", {"2001:db8::1"}, {"192.0.2.1"}},
    {"DMP_DNS_APEX_NS", {"ns1.example.org"}, {"ns1..example.org"}},
    {"DMP_DNS_APEX_SOA_RNAME", {"hostmaster.example.org"}, {"hostmaster@example.org"}},
    {"DMP_HTTP_HOST", {"127.0.0.1", "localhost"}, {"127.0.0.1:80"}},
    {"DMP_HTTP_PORT", {"0", "65535"}, {"-1", "65536"}},
    {"DMP_HTTP_MAX_CONCURRENCY", {"1", "10000"}, {"0", "10001"}},
    {"DMP_HTTP_TRUSTED_PROXIES", {"10.0.0.0/8, ::1,", ",", "0.0.0.0/0"}, {"10.0.0.0/33", "proxy", "::/129", "::1/"}},
    {"DMP_STOP_DELAY", {"0", "0.5", "20"}, {"-1", "20.5", "nan"}},
    {"DMP_OPERATOR_TOKEN", {"x", std::string(4096, 'x')}, {"t\xC3\xB6k", "a\x7F", std::string(4097, 'x')}},
    {"DMP_AUTH_MODE", {"open", " Legacy ", "Multi-Tenant"}, {"both"}},
    {"DMP_ALLOW_OPEN_PUBLIC_BIND", {"1", "off", "perhaps"}, {}},
    {"DMP_TOKEN_DB_PATH", {std::string(4095, 'p')}, {std::string(4096, 'p')}},
    {"DMP_AUDIT_RETENTION_DAYS", {"0", "36500"}, {"-1", "36501", "1.5"}},
    {"DMP_HTTP_RATE", {"0", "-1", "0.5", "1e9"}, {"1.1e9", "inf", "nan", "ten"}},
    {"DMP_HTTP_BURST", {"0", "-1", "1e9"}, {"1.1e9", "inf", "nan"}},
    {"DMP_MAX_TTL", {"1", "2147483647"}, {"0", "-1", "2147483648"}},
    {"DMP_MAX_VALUE_BYTES", {"1", "2147483647"}, {"0", "-1", "2147483648"}},
    {"DMP_MAX_VALUES_PER_NAME", {"-1", "0", "2147483647"}, {"2147483648", "x"}},
    {"DMP_DNS_UPDATE_ENABLED", {"1", "off", "perhaps"}, {}},
    {"DMP_TSIG_DB_PATH", {std::string(4095, 'p')}, {std::string(4096, 'p')}},
    {"DMP_DNS_TSIG_ERROR_RR", {"1", "off", "perhaps"}, {}},
    {"DMP_DNS_UPDATE_VERIFY", {"1", "off", "perhaps"}, {}},
    {"DMP_CLAIM_PROVIDER", {"1", "off", "perhaps"}, {}},
    {"DMP_RECEIVER_CLAIM_NOTIFICATIONS", {"1", "off", "perhaps"}, {}},
    {"DMP_CLAIM_MAX_TTL", {"-1", "0", "2147483647"}, {"2147483648", "x"}},
    {"DMP_CLAIM_RATE_PER_USER_PER_SEC", {"0", "-1", "0.5", "1e9"}, {"1.1e9", "inf", "nan"}},
    {"DMP_CLAIM_RATE_BURST", {"0", "-1", "1e9"}, {"1.1e9", "inf", "nan"}},
    {"DMP_CLUSTER_FILE", {std::string(4095, 'p')}, {std::string(4096, 'p')}},
    {"DMP_SYNC_OPERATOR_SPK", {std::string(64, 'b'), "short"}, {}},
    {"DMP_NODE_ID", {std::string(64, 'n')}, {std::string(65, 'n'), "\x01"}},
    {"DMP_SYNC_SELF_ENDPOINT", {"http://a.example:8053/"}, {std::string(4097, 'x'), "a\nb"}},
    {"DMP_SYNC_PEERS", {" http://b , ,https://c:1/x/", "nonsense", ","}, {std::string(4097, 'x'), "a\nb"}},
    {"DMP_SYNC_PEER_TOKEN", {"x", std::string(4096, 'x')}, {"t\xC3\xB6k", "a\x7F", std::string(4097, 'x')}},
    {"DMP_SYNC_PEER_TOKEN_ALT", {"x", std::string(4096, 'x')}, {"a\x7F", " x", std::string(4097, 'x')}},
    {"DMP_SYNC_INTERVAL", {"0.05", "3600"}, {"0", "-1", "0.04", "3600.5", "nan"}},
    {"DMP_SYNC_MAX_TTL", {"1", "2147483647"}, {"0", "-1", "2147483648"}},
    {"DMP_SYNC_TOMBSTONES", {"local", " Peers "}, {"both"}},
    {"DMP_SYNC_BIND_OWNERS", {"1", "off", "perhaps"}, {}},
    {"DMP_SYNC_EXTENDED", {"1", "off", "perhaps"}, {}},
    {"DMP_SYNC_BIND", {"127.0.0.1:0", "[::]:65535", "node.example:8054"}, {"8054", "127.0.0.1", "::1:80", ":80"}},
    {"DMP_SYNC_CA_FILE", {std::string(4095, 'p')}, {std::string(4096, 'p')}},
    {"DMP_SYNC_CERT_FILE", {""}, {std::string(4096, 'p')}},
    {"DMP_SYNC_KEY_FILE", {""}, {std::string(4096, 'p')}},
    {"DMP_HEARTBEAT_ENABLED", {"1", "off", "perhaps"}, {}},
    {"DMP_HEARTBEAT_SELF_ENDPOINT", {"https://n.example", "nonsense"}, {std::string(256, 'x'), "a\nb"}},
    {"DMP_HEARTBEAT_OPERATOR_KEY_PATH", {std::string(4095, 'p')}, {std::string(4096, 'p')}},
    {"DMP_HEARTBEAT_DB_PATH", {std::string(4095, 'p')}, {std::string(4096, 'p')}},
    {"DMP_HEARTBEAT_SEEDS", {"a.example, https://b.example", ","}, {std::string(4097, 'x'), "a\nb"}},
    {"DMP_HEARTBEAT_INTERVAL_SECONDS", {"1", "86400"}, {"0", "-1", "86401", "1.5"}},
    {"DMP_HEARTBEAT_TTL_SECONDS", {"1", "2592000"}, {"0", "-1", "2592001"}},
    {"DMP_HEARTBEAT_MAX_PEERS", {"0", "1000"}, {"-1", "1001"}},
    {"DMP_HEARTBEAT_SEEN_MAX_ROWS", {"1", "100000"}, {"0", "100001"}},
    {"DMP_HEARTBEAT_VERSION", {std::string(32, '1')}, {std::string(33, '1'), "\x01"}},
    {"DMP_HEARTBEAT_DNS_RESOLVERS", {"192.0.2.1,[::1]:53", "nonsense"}, {std::string(4097, 'x'), "a\nb"}},
    {"DMP_HEARTBEAT_DNSSEC_REQUIRED", {"1", "off", "perhaps"}, {}},
    {"DMP_REGISTRATION_ENABLED", {"1", " ON ", "perhaps"}, {}},
    {"DMP_REGISTRATION_ALLOWLIST", {" a.example , ,B.example.", std::string(4096, 'a')}, {std::string(4097, 'a')}},
    {"DMP_REGISTRATION_ZONE_ONLY", {"1", "off", "perhaps"}, {}},
    {"DMP_REGISTRATION_TOKEN_TTL_SECONDS", {"0", "2147483647"}, {"-1", "2147483648", "1.5"}},
    {"DMP_REGISTRATION_ISSUED_RATE_PER_SEC", {"0", "0.5", "1e9"}, {"-1", "1.1e9", "nan"}},
    {"DMP_REGISTRATION_ISSUED_RATE_BURST", {"0", "2147483647"}, {"-1", "2147483648", "1.5"}},
    {"DMP_REGISTRATION_ENDPOINT_RATE_PER_SEC", {"-1", "0", "1e9"}, {"1.1e9", "nan", "inf"}},
    {"DMP_REGISTRATION_ENDPOINT_RATE_BURST", {"-1", "0", "1e9"}, {"1.1e9", "nan", "inf"}},
    {"DMP_TSIG_TIGHT_SCOPE", {"1", "off", "perhaps"}, {}},
    {"DMP_TSIG_LOOSE_SCOPE", {"1", "off", "perhaps"}, {}},
};

}  // namespace

TEST_CASE("the range of every option holds at its edges") {
  std::set<std::string_view> tried;
  for (const Edge& edge : k_edges) {
    tried.insert(edge.name);
    for (const std::string& text : edge.accepted) {
      CAPTURE(edge.name);
      CAPTURE(text);
      CHECK(load({{edge.name, text}}).has_value());
    }
    for (const std::string& text : edge.refused) {
      CAPTURE(edge.name);
      CAPTURE(text);
      const auto refused = load({{edge.name, text}});
      REQUIRE_FALSE(refused.has_value());
      REQUIRE(refused.error().size() == 1);
      CHECK(refused.error()[0].text.find(edge.name) != std::string::npos);
      CHECK(refused.error()[0].text.find('\n') == std::string::npos);
    }
  }
  CHECK(tried.size() == options().size());
}

TEST_CASE("every option has an effect: a value other than the default changes the settings") {
  const Loaded all = loaded({{"DMP_DB_PATH", "/data/a.db"},
                             {"DMP_CLEANUP_INTERVAL", "1.5"},
                             {"DMP_LOG_LEVEL", "warn"},
                             {"DMP_LOG_FORMAT", "Json"},
                             {"DMP_DNS_HOST", "::1"},
                             {"DMP_DNS_PORT", "53"},
                             {"DMP_DNS_TTL", "30"},
                             {"DMP_DNS_UDP_BYTES_MAX", "4096"},
                             {"DMP_DNS_NSID", "n1"},
                             {"DMP_DNS_VERSION", "v1"},
                             {"DMP_DNS_HOSTNAME", "h1"},
                             {"DMP_DNS_MAX_CONCURRENCY", "7"},
                             {"DMP_DNS_RATE", "1.5"},
                             {"DMP_DNS_BURST", "9"},
                             {"DMP_DNS_RATE_EXEMPT_LOOPBACK", "1"},
                             {"DMP_DNS_COOKIE_SECRET", k_two_secrets},
                             {"DMP_DNS_APEX_A", "192.0.2.1"},
                             {"DMP_DNS_APEX_AAAA", "2001:db8::1"},
                             {"DMP_DNS_APEX_NS", "NS1.example.org."},
                             {"DMP_DNS_APEX_SOA_RNAME", "hostmaster.example.org"},
                             {"DMP_HTTP_HOST", "127.0.0.1"},
                             {"DMP_HTTP_PORT", "80"},
                             {"DMP_HTTP_MAX_CONCURRENCY", "8"},
                             {"DMP_OPERATOR_TOKEN", "0123456789abcdef"},
                             {"DMP_AUTH_MODE", "OPEN"},
                             {"DMP_ALLOW_OPEN_PUBLIC_BIND", "yes"},
                             {"DMP_HTTP_RATE", "2.5"},
                             {"DMP_HTTP_BURST", "7"},
                             {"DMP_MAX_TTL", "600"},
                             {"DMP_MAX_VALUE_BYTES", "100"},
                             {"DMP_MAX_VALUES_PER_NAME", "3"},
                             {"DMP_CLUSTER_FILE", "/etc/dmp/m.wire"},
                             {"DMP_CLUSTER_BASE_DOMAIN", "Mesh.Example."},
                             {"DMP_SYNC_OPERATOR_SPK", std::string(64, 'A')},
                             {"DMP_NODE_ID", "node-a"},
                             {"DMP_SYNC_SELF_ENDPOINT", "http://a:8053"},
                             {"DMP_SYNC_PEERS", "http://b:8053,http://a:8053/,http://c:8053"},
                             {"DMP_SYNC_PEER_TOKEN", "fedcba9876543210"},
                             {"DMP_SYNC_PEER_TOKEN_ALT", "0011223344556677"},
                             {"DMP_SYNC_INTERVAL", "2.5"},
                             {"DMP_SYNC_MAX_TTL", "5"},
                             {"DMP_SYNC_TOMBSTONES", "peers"},
                             {"DMP_SYNC_BIND_OWNERS", "1"},
                             {"DMP_SYNC_EXTENDED", "0"},
                             {"DMP_SYNC_BIND", "[::1]:8054"},
                             {"DMP_SYNC_CA_FILE", "/ca.pem"},
                             {"DMP_SYNC_CERT_FILE", "/cert.pem"},
                             {"DMP_SYNC_KEY_FILE", "/key.pem"},
                             {"DMP_HEARTBEAT_ENABLED", "1"},
                             {"DMP_HEARTBEAT_SELF_ENDPOINT", " https://n.example "},
                             {"DMP_HEARTBEAT_OPERATOR_KEY_PATH", " ~/hb.key "},
                             {"DMP_HEARTBEAT_DB_PATH", "/data/seen.db"},
                             {"DMP_HEARTBEAT_SEEDS", "a.example"},
                             {"DMP_HEARTBEAT_INTERVAL_SECONDS", "30"},
                             {"DMP_HEARTBEAT_TTL_SECONDS", "3600"},
                             {"DMP_HEARTBEAT_MAX_PEERS", "5"},
                             {"DMP_HEARTBEAT_SEEN_MAX_ROWS", "50"},
                             {"DMP_HEARTBEAT_VERSION", " 9.9 "},
                             {"DMP_HEARTBEAT_DNS_RESOLVERS", "192.0.2.1"},
                             {"DMP_HEARTBEAT_DNSSEC_REQUIRED", "1"},
                             {"DMP_REGISTRATION_ALLOWLIST", " Example.com., ,example.org"},
                             {"DMP_REGISTRATION_ZONE_ONLY", "1"},
                             {"DMP_REGISTRATION_TOKEN_TTL_SECONDS", "0"},
                             {"DMP_REGISTRATION_ISSUED_RATE_PER_SEC", "1.5"},
                             {"DMP_REGISTRATION_ISSUED_RATE_BURST", "3"},
                             {"DMP_REGISTRATION_ENDPOINT_RATE_PER_SEC", "0.25"},
                             {"DMP_REGISTRATION_ENDPOINT_RATE_BURST", "9"},
                             {"DMP_TSIG_TIGHT_SCOPE", "1"},
                             {"DMP_TSIG_LOOSE_SCOPE", "1"}});
  CHECK(all.warnings.empty());
  const NodeSettings& s = all.settings;
  CHECK(s.store.path == "/data/a.db");
  CHECK(s.store.cleanup_interval_ms == 1500);
  CHECK(s.log.level == log::Level::warning);
  CHECK(s.log.format == log::Format::json);
  CHECK(s.dns.host == "::1");
  CHECK(s.dns.port == 53);
  CHECK(s.dns.ttl_s == 30);
  CHECK(s.dns.udp_octets_max == 4096);
  CHECK(s.dns.nsid == "n1");
  CHECK(s.dns.version == "v1");
  CHECK(s.dns.hostname == "h1");
  CHECK(s.dns.concurrency_max == 7);
  CHECK(s.dns.rate_per_s == 1.5);
  CHECK(s.dns.burst == 9);
  CHECK(s.dns.rate_exempts_loopback);
  REQUIRE(s.dns.cookie_secrets.size() == 2);
  CHECK(s.dns.cookie_secrets[0][15] == 0xAA);
  CHECK(s.dns.cookie_secrets[1][0] == 0xBB);
  CHECK(s.dns.apex_a == "192.0.2.1");
  CHECK(s.dns.apex_aaaa == "2001:db8::1");
  CHECK(s.dns.apex_ns == "ns1.example.org");
  CHECK(s.dns.apex_soa_rname == "hostmaster.example.org");
  CHECK(s.dns.zone == "mesh.example");
  CHECK(s.http.host == "127.0.0.1");
  CHECK(s.http.port == 80);
  CHECK(s.http.concurrency_max == 8);
  CHECK(s.http.operator_token == "0123456789abcdef");
  CHECK(s.http.auth_mode == access::AuthMode::open);
  CHECK(s.http.allow_open_public_bind);
  CHECK(s.http.rate_per_s == 2.5);
  CHECK(s.http.burst == 7);
  CHECK(s.http.ttl_s_max == 600);
  CHECK(s.http.value_bytes_max == 100);
  CHECK(s.http.values_per_name_max == 3);
  CHECK(s.cluster.file == "/etc/dmp/m.wire");
  CHECK(s.cluster.base_domain == "mesh.example");
  REQUIRE(s.cluster.operator_key.has_value());
  CHECK((*s.cluster.operator_key)[31] == 0xAA);
  CHECK(s.cluster.node_id == "node-a");
  CHECK(s.cluster.self_endpoint == "http://a:8053");
  CHECK(s.discovery.enabled);
  CHECK(s.discovery.endpoint == "https://n.example");
  CHECK(s.discovery.key_path == "~/hb.key");
  CHECK(s.discovery.db_path == "/data/seen.db");
  CHECK(s.discovery.seeds == "a.example");
  CHECK(s.discovery.interval_s == 30);
  CHECK(s.discovery.ttl_s == 3600);
  CHECK(s.discovery.zones_max == 5);
  CHECK(s.discovery.seen_rows_max == 50);
  CHECK(s.discovery.version == "9.9");
  CHECK(s.discovery.resolvers == "192.0.2.1");
  CHECK(s.discovery.dnssec_required);
  REQUIRE(s.sync.peers.size() == 2);
  CHECK(s.sync.peers[0].endpoint == "http://b:8053");
  CHECK(s.sync.peers[1].endpoint == "http://c:8053");
  CHECK(s.sync.token == "fedcba9876543210");
  CHECK(s.sync.token_alternative == "0011223344556677");
  CHECK(s.sync.interval_ms == 2500);
  CHECK(s.sync.ttl_s_max == 5);
  CHECK(s.sync.peer_tombstones);
  CHECK(s.sync.bind_owners);
  CHECK_FALSE(s.sync.extended);
  REQUIRE(s.sync.bind.has_value());
  CHECK(s.sync.bind->host == "::1");
  CHECK(s.sync.bind->port == 8054);
  CHECK(s.sync.ca_file == "/ca.pem");
  CHECK(s.sync.certificate_file == "/cert.pem");
  CHECK(s.sync.key_file == "/key.pem");
  CHECK(s.registration.domains == std::vector<std::string>{"example.com", "example.org"});
  CHECK(s.registration.zone_only);
  CHECK(s.registration.life_s == 0);
  CHECK(s.registration.issued_rate_per_s == 1.5);
  CHECK(s.registration.issued_burst == 3);
  CHECK(s.registration.rate_per_s == 0.25);
  CHECK(s.registration.burst == 9);
  CHECK(s.registration.tight_scope);
  CHECK(s.registration.loose_scope);
}

TEST_CASE("every option of DNS UPDATE and of tokens has an effect") {
  const NodeSettings s = loaded({{"DMP_DNS_UPDATE_ENABLED", "1"},
                                 {"DMP_TSIG_DB_PATH", "/keys/tsig.db"},
                                 {"DMP_DNS_TSIG_ERROR_RR", "0"},
                                 {"DMP_DNS_UPDATE_VERIFY", "0"},
                                 {"DMP_CLAIM_PROVIDER", "0"},
                                 {"DMP_RECEIVER_CLAIM_NOTIFICATIONS", "1"},
                                 {"DMP_CLAIM_MAX_TTL", "77"},
                                 {"DMP_CLAIM_RATE_PER_USER_PER_SEC", "1.5"},
                                 {"DMP_CLAIM_RATE_BURST", "4"},
                                 {"DMP_TOKEN_DB_PATH", "/keys/tokens.db"},
                                 {"DMP_AUDIT_RETENTION_DAYS", "9"}})
                             .settings;
  CHECK(s.update.enabled);
  CHECK(s.update.key_path == "/keys/tsig.db");
  CHECK_FALSE(s.update.tsig_error_rr);
  CHECK_FALSE(s.update.verify_known_types);
  CHECK_FALSE(s.update.claim_provider);
  CHECK(s.update.claims_for_registered);
  CHECK(s.update.claim_ttl_s_max == 77);
  CHECK(s.update.claim_rate_per_s == 1.5);
  CHECK(s.update.claim_burst == 4);
  CHECK(s.tokens.path == "/keys/tokens.db");
  CHECK(s.tokens.audit_retention_days == 9);
}

TEST_CASE("without any value the settings are the defaults of their structs, and every default is accepted") {
  const NodeSettings read = loaded({}).settings;
  const NodeSettings plain;
  CHECK(read.store.path == plain.store.path);
  CHECK(read.store.cleanup_interval_ms == plain.store.cleanup_interval_ms);
  CHECK(read.log.level == plain.log.level);
  CHECK(read.log.format == plain.log.format);
  CHECK(read.dns.host == plain.dns.host);
  CHECK(read.dns.port == plain.dns.port);
  CHECK(read.dns.ttl_s == plain.dns.ttl_s);
  CHECK(read.dns.udp_octets_max == plain.dns.udp_octets_max);
  CHECK(read.dns.concurrency_max == plain.dns.concurrency_max);
  CHECK(read.dns.rate_per_s == plain.dns.rate_per_s);
  CHECK(read.dns.burst == plain.dns.burst);
  CHECK(read.dns.rate_exempts_loopback == plain.dns.rate_exempts_loopback);
  CHECK(read.dns.zone.empty());
  CHECK(read.dns.cookie_secrets.empty());
  CHECK_FALSE(read.dns.nsid.has_value());
  CHECK_FALSE(read.dns.apex_a.has_value());
  CHECK(read.http.host == plain.http.host);
  CHECK(read.http.port == plain.http.port);
  CHECK(read.http.concurrency_max == plain.http.concurrency_max);
  CHECK(read.http.auth_mode == plain.http.auth_mode);
  CHECK(read.http.allow_open_public_bind == plain.http.allow_open_public_bind);
  CHECK(read.http.rate_per_s == plain.http.rate_per_s);
  CHECK(read.http.burst == plain.http.burst);
  CHECK(read.http.ttl_s_max == plain.http.ttl_s_max);
  CHECK(read.http.value_bytes_max == plain.http.value_bytes_max);
  CHECK(read.http.values_per_name_max == plain.http.values_per_name_max);
  CHECK(read.cluster.file == plain.cluster.file);
  CHECK_FALSE(read.cluster.operator_key.has_value());
  CHECK(read.cluster.node_id.empty());
  CHECK(read.sync.peers.empty());
  CHECK_FALSE(read.sync.token.has_value());
  CHECK(read.sync.interval_ms == plain.sync.interval_ms);
  CHECK(read.sync.ttl_s_max == plain.sync.ttl_s_max);
  CHECK(read.sync.peer_tombstones == plain.sync.peer_tombstones);
  CHECK(read.sync.bind_owners == plain.sync.bind_owners);
  CHECK(read.sync.extended == plain.sync.extended);
  CHECK_FALSE(read.sync.bind.has_value());
  CHECK(read.registration.enabled == plain.registration.enabled);
  CHECK(read.registration.domains.empty());
  CHECK(read.registration.zone_only == plain.registration.zone_only);
  CHECK(read.registration.life_s == plain.registration.life_s);
  CHECK(read.registration.issued_rate_per_s == plain.registration.issued_rate_per_s);
  CHECK(read.registration.issued_burst == plain.registration.issued_burst);
  CHECK(read.registration.rate_per_s == plain.registration.rate_per_s);
  CHECK(read.registration.burst == plain.registration.burst);
  CHECK(read.registration.tight_scope == plain.registration.tight_scope);
  CHECK(read.registration.loose_scope == plain.registration.loose_scope);
  for (const OptionRow& row : options()) {
    if (row.default_text.empty()) continue;
    CAPTURE(row.name);
    const auto reading = read_value(row.kind, row.accepted, row.default_text);
    REQUIRE(reading.has_value());
    CHECK(reading->warning.empty());
  }
}

TEST_CASE("the rows of the table are whole: one name each, a help line, a default or what holds without one") {
  std::set<std::string_view> names;
  for (const OptionRow& row : options()) {
    CAPTURE(row.name);
    CHECK(row.name.starts_with("DMP_"));
    CHECK(names.insert(row.name).second);
    if (!row.alias.empty()) CHECK(names.insert(row.alias).second);
    CHECK_FALSE(row.help.empty());
    CHECK(row.help.back() != '.');
    CHECK(row.help.find('|') == std::string_view::npos);
    CHECK(row.default_text.empty() != row.default_note.empty());
    CHECK((row.apply != nullptr));
    CHECK_FALSE(section_title(row.section).empty());
  }
}

TEST_CASE("the served zone is the first one given, in the order of the table") {
  const std::vector<std::string> order = {"DMP_SERVED_ZONE", "DMP_CLAIM_PROVIDER_ZONE", "DMP_CLUSTER_BASE_DOMAIN",
                                          "DMP_DOMAIN", "DMP_NODE_HOSTNAME"};
  for (std::size_t first = 0; first < order.size(); ++first) {
    Environment environment;
    for (std::size_t i = 0; i < order.size(); ++i)
      environment[order[i]] = i < first ? " . " : fmt::format("Zone{}.Test.", i);
    CAPTURE(first);
    CHECK(loaded(environment).settings.dns.zone == fmt::format("zone{}.test", first));
  }
}

TEST_CASE("the texts that identify the server are taken exactly as long as the DNS engine takes them") {
  for (const char* name : {"DMP_DNS_NSID", "DMP_DNS_VERSION", "DMP_DNS_HOSTNAME"}) {
    const std::string longest(limits::dns_identity_bytes_max, 'n');
    const DnsSettings read = loaded({{name, longest}}).settings.dns;
    dns::ZoneSettings zone;
    zone.nsid = read.nsid.value_or("");
    zone.version = read.version.value_or("");
    zone.hostname = read.hostname.value_or("");
    CHECK(dns::make_zone(zone).has_value());
    CHECK(faults({{name, longest + "n"}}).size() == 1);
  }
}
