// SPDX-License-Identifier: Apache-2.0
#include "app/options.hpp"

#include <algorithm>
#include <array>
#include <cassert>
#include <cmath>
#include <iterator>
#include <utility>
#include <vector>

#include "app/cluster_options.hpp"
#include "app/discovery_options.hpp"
#include "app/option_ranges.hpp"
#include "app/registration_options.hpp"
#include "app/update_options.hpp"
#include "base/bytes.hpp"
#include "base/hex.hpp"
#include "base/limits.hpp"

namespace dnsmesh::app {
namespace {

constexpr double k_year_s = 31536000;
constexpr auto k_identity_bytes_max = static_cast<double>(limits::dns_identity_bytes_max);
constexpr double k_stop_delay_s_max = 20;   // with the stop itself below the 30 s after which units are killed
constexpr double k_audit_days_max = 36500;  // a century: as good as for ever

const std::string& text(const Value& value) { return std::get<std::string>(value); }
double number(const Value& value) { return std::get<double>(value); }

/// Precondition (the row's range): the integer fits.
template <class Number>
Number whole(const Value& value) {
  const auto integer = std::get<std::int64_t>(value);
  assert(std::in_range<Number>(integer));
  return static_cast<Number>(integer);
}

void offer_zone(NodeSettings& settings, const Value& value) {
  if (settings.dns.zone.empty()) settings.dns.zone = text(value);
}

void apply_cookie_secrets(NodeSettings& settings, const Value& value) {
  constexpr std::size_t k_digits = 2 * std::tuple_size_v<dns::CookieSecret>;
  settings.dns.cookie_secrets.clear();
  std::string_view rest = text(value);
  while (!rest.empty()) {
    settings.dns.cookie_secrets.push_back(
        to_array<std::tuple_size_v<dns::CookieSecret>>(from_hex(rest.substr(0, k_digits)).value()));
    rest.remove_prefix(std::min(rest.size(), k_digits + 1));
  }
}

constexpr std::array k_options = {
    // --- store ---
    OptionRow{.name = "DMP_DB_PATH",
              .section = Section::store,
              .kind = Kind::path,
              .default_text = "/var/lib/dmp/dmp.db",
              .accepted = {.max = k_path_bytes_max},
              .help = "Record database; its directory is made when it is missing",
              .empty = Empty::refused,
              .apply = [](NodeSettings& s, const Value& v) { s.store.path = text(v); }},
    OptionRow{
        .name = "DMP_CLEANUP_INTERVAL",
        .section = Section::store,
        .kind = Kind::number,
        .default_text = "60",
        .accepted = {.min = 0.001, .max = k_year_s},
        .unit = "seconds",
        .help = "Time between two sweeps of expired records, and before the first",
        .apply = [](NodeSettings& s, const Value& v) { s.store.cleanup_interval_ms = std::llround(number(v) * 1000); }},

    // --- log ---
    OptionRow{.name = "DMP_LOG_LEVEL",
              .section = Section::log,
              .kind = Kind::choice_or_default,
              .default_text = "INFO",
              .accepted = {.words = "DEBUG INFO WARNING WARN ERROR CRITICAL FATAL NOTSET"},
              .help = "Least severe line that is written; NOTSET writes all",
              .reload = Reload::sighup,
              .apply = [](NodeSettings& s, const Value& v) { s.log.level = log::level_from(text(v)); }},
    OptionRow{
        .name = "DMP_LOG_FORMAT",
        .section = Section::log,
        .kind = Kind::choice_or_default,
        .default_text = "text",
        .accepted = {.words = "text json"},
        .help = "Form of log lines on standard output",
        .reload = Reload::sighup,
        .apply = [](NodeSettings& s,
                    const Value& v) { s.log.format = text(v) == "json" ? log::Format::json : log::Format::text; }},

    // --- DNS ---
    OptionRow{.name = "DMP_DNS_HOST",
              .section = Section::dns,
              .kind = Kind::address,
              .default_note = "0.0.0.0 and ::, every IPv4 and IPv6 address",
              .help = "Address on which DNS is served, UDP and TCP",
              .apply = [](NodeSettings& s, const Value& v) { s.dns.host = text(v); }},
    OptionRow{.name = "DMP_DNS_PORT",
              .section = Section::dns,
              .kind = Kind::integer,
              .default_text = "5353",
              .accepted = {.min = 0, .max = 65535},
              .help = "UDP and TCP port of DNS; 0 picks a free one",
              .apply = [](NodeSettings& s, const Value& v) { s.dns.port = whole<std::uint16_t>(v); }},
    OptionRow{.name = "DMP_DNS_TTL",
              .section = Section::dns,
              .kind = Kind::integer,
              .default_text = "60",
              .accepted = {.min = 0, .max = k_ttl_s_max},
              .unit = "seconds",
              .help = "Largest TTL of records in an answer, and the TTL of apex records",
              .apply = [](NodeSettings& s, const Value& v) { s.dns.ttl_s = whole<std::int64_t>(v); }},
    OptionRow{.name = "DMP_DNS_UDP_BYTES_MAX",
              .section = Section::dns,
              .kind = Kind::integer,
              .default_text = "1232",
              .accepted = {.min = 512, .max = 4096},
              .unit = "bytes",
              .help = "Largest answer over UDP; a longer one is truncated, and the client asks again over TCP",
              .apply = [](NodeSettings& s, const Value& v) { s.dns.udp_octets_max = whole<std::size_t>(v); }},
    OptionRow{.name = "DMP_DNS_NSID",
              .section = Section::dns,
              .kind = Kind::text,
              .default_note = "no NSID option",
              .accepted = {.max = k_identity_bytes_max},
              .help = "Name of this server in answers to queries with the NSID option",
              .apply = [](NodeSettings& s, const Value& v) { s.dns.nsid = text(v); }},
    OptionRow{.name = "DMP_DNS_VERSION",
              .section = Section::dns,
              .kind = Kind::text,
              .default_note = "REFUSED",
              .accepted = {.max = k_identity_bytes_max},
              .help = "Answer to CHAOS version.bind and version.server",
              .apply = [](NodeSettings& s, const Value& v) { s.dns.version = text(v); }},
    OptionRow{.name = "DMP_DNS_HOSTNAME",
              .section = Section::dns,
              .kind = Kind::text,
              .default_note = "REFUSED",
              .accepted = {.max = k_identity_bytes_max},
              .help = "Answer to CHAOS id.server and hostname.bind",
              .apply = [](NodeSettings& s, const Value& v) { s.dns.hostname = text(v); }},
    OptionRow{.name = "DMP_DNS_MAX_CONCURRENCY",
              .section = Section::dns,
              .kind = Kind::integer,
              .default_text = "128",
              .accepted = {.min = 1, .max = 10000},
              .help = "Bounds open TCP connections: eight times this, at least 256",
              .apply = [](NodeSettings& s, const Value& v) { s.dns.concurrency_max = whole<std::size_t>(v); }},

    OptionRow{.name = "DMP_DNS_COOKIE_SECRET",
              .section = Section::dns,
              .kind = Kind::cookie_secrets,
              .default_note = "random at start",
              .help =
                  "Secrets of DNS cookies, the same on all nodes behind one address: the first one signs, a second one "
                  "is accepted too, so that secrets can be rolled over",
              .reload = Reload::sighup,
              .secret = true,
              .apply = apply_cookie_secrets},

    // --- zone: in the order in which they win ---
    OptionRow{.name = "DMP_SERVED_ZONE",
              .section = Section::zone,
              .kind = Kind::domain_name,
              .default_note = "the next choice",
              .help = "Zone that the node serves; first choice",
              .apply = offer_zone},
    OptionRow{.name = "DMP_CLAIM_PROVIDER_ZONE",
              .section = Section::zone,
              .kind = Kind::domain_name,
              .default_note = "the next choice",
              .help = "Zone that the node serves; second choice",
              .apply = offer_zone},
    OptionRow{.name = "DMP_CLUSTER_BASE_DOMAIN",
              .section = Section::zone,
              .kind = Kind::domain_name,
              .default_note = "the next choice",
              .help = "Name of the cluster; also the zone that the node serves, third choice",
              .apply =
                  [](NodeSettings& s, const Value& v) {
                    s.cluster.base_domain = text(v);
                    offer_zone(s, v);
                  }},
    OptionRow{.name = "DMP_DOMAIN",
              .section = Section::zone,
              .kind = Kind::domain_name,
              .default_note = "the next choice",
              .help = "Zone that the node serves; fourth choice",
              .apply = offer_zone},
    OptionRow{.name = "DMP_NODE_HOSTNAME",
              .section = Section::zone,
              .kind = Kind::domain_name,
              .default_note = "no zone",
              .help = "Host name of the node; also the zone that it serves, last choice",
              .apply = offer_zone},
    OptionRow{.name = "DMP_DNS_APEX_A",
              .section = Section::zone,
              .kind = Kind::address_ipv4,
              .default_note = "no A record",
              .help = "IPv4 address answered at the apex of the zone",
              .apply = [](NodeSettings& s, const Value& v) { s.dns.apex_a = text(v); }},
    OptionRow{.name = "DMP_DNS_APEX_AAAA",
              .section = Section::zone,
              .kind = Kind::address_ipv6,
              .default_note = "no AAAA record",
              .help = "IPv6 address answered at the apex of the zone",
              .apply = [](NodeSettings& s, const Value& v) { s.dns.apex_aaaa = text(v); }},
    OptionRow{.name = "DMP_DNS_APEX_NS",
              .section = Section::zone,
              .kind = Kind::domain_name,
              .default_note = "no NS record",
              .help = "Name server at the apex, and primary in the SOA",
              .apply = [](NodeSettings& s, const Value& v) { s.dns.apex_ns = text(v); }},
    OptionRow{.name = "DMP_DNS_APEX_SOA_RNAME",
              .section = Section::zone,
              .kind = Kind::domain_name,
              .default_note = "hostmaster.ZONE",
              .help = "Mailbox of the SOA in name form: hostmaster.example.org",
              .apply = [](NodeSettings& s, const Value& v) { s.dns.apex_soa_rname = text(v); }},

    // --- DNS UPDATE ---
    OptionRow{.name = "DMP_HTTP_HOST",
              .section = Section::http,
              .kind = Kind::bind_host,
              .default_text = "0.0.0.0",
              .help = "Address on which HTTP is served",
              .apply = [](NodeSettings& s, const Value& v) { s.http.host = text(v); }},
    OptionRow{.name = "DMP_HTTP_PORT",
              .section = Section::http,
              .kind = Kind::integer,
              .default_text = "8053",
              .accepted = {.min = 0, .max = 65535},
              .help = "TCP port of HTTP; 0 picks a free one",
              .apply = [](NodeSettings& s, const Value& v) { s.http.port = whole<std::uint16_t>(v); }},
    OptionRow{.name = "DMP_HTTP_MAX_CONCURRENCY",
              .section = Section::http,
              .kind = Kind::integer,
              .default_text = "64",
              .accepted = {.min = 1, .max = 10000},
              .unit = "requests",
              .help = "Requests that are handled at the same time",
              .reload = Reload::sighup,
              .apply = [](NodeSettings& s, const Value& v) { s.http.concurrency_max = whole<std::int64_t>(v); }},

    OptionRow{
        .name = "DMP_HTTP_TRUSTED_PROXIES",
        .section = Section::http,
        .kind = Kind::address_prefixes,
        .default_note = "none",
        .accepted = {.max = k_list_bytes_max},
        .help = "Reverse proxies whose X-Forwarded-For names the client that limits count",
        .apply = [](NodeSettings& s,
                    const Value& v) { s.http.trusted_proxies = access::AddressPrefixes::parse(text(v)).value(); }},

    OptionRow{
        .name = "DMP_STOP_DELAY",
        .section = Section::http,
        .kind = Kind::number,
        .default_text = "0",
        .accepted = {.min = 0, .max = k_stop_delay_s_max},
        .unit = "seconds",
        .help = "Time after SIGTERM during which all is still served but /readyz says no, so that balancers leave",
        .apply = [](NodeSettings& s, const Value& v) { s.http.stop_delay_ms = std::llround(number(v) * 1000); }},

    // --- access ---
    OptionRow{.name = "DMP_OPERATOR_TOKEN",
              .section = Section::access,
              .kind = Kind::token,
              .default_note = "no operator token",
              .accepted = {.max = k_token_bytes_max},
              .help = "Bearer token of the operator: needed to read over HTTP, and in legacy mode to write",
              .alias = "DMP_HTTP_TOKEN",
              .reload = Reload::sighup,
              .secret = true,
              .apply = [](NodeSettings& s, const Value& v) { s.http.operator_token = text(v); }},
    OptionRow{.name = "DMP_AUTH_MODE",
              .section = Section::access,
              .kind = Kind::choice,
              .default_note = "legacy with an operator token, open without",
              .accepted = {.words = "open legacy multi-tenant"},
              .help = "Who may write: everybody (open), the operator (legacy), or users with tokens too (multi-tenant)",
              .apply = [](NodeSettings& s,
                          const Value& v) { s.http.auth_mode = access::parse_auth_mode(text(v), false).value(); }},
    OptionRow{.name = "DMP_ALLOW_OPEN_PUBLIC_BIND",
              .section = Section::access,
              .kind = Kind::flag,
              .default_text = "0",
              .help = "Allows open mode when HTTP is served on an address that others reach",
              .apply = [](NodeSettings& s, const Value& v) { s.http.allow_open_public_bind = std::get<bool>(v); }},
    OptionRow{.name = "DMP_TOKEN_DB_PATH",
              .section = Section::access,
              .kind = Kind::path,
              .default_note = "in multi-tenant mode DMP_DB_PATH with _tokens before its extension, else no file",
              .accepted = {.max = k_path_bytes_max},
              .help = "Database of user tokens; its directory must exist",
              .apply = [](NodeSettings& s, const Value& v) { s.tokens.path = text(v); }},
    OptionRow{.name = "DMP_AUDIT_RETENTION_DAYS",
              .section = Section::access,
              .kind = Kind::integer,
              .default_text = "0",
              .accepted = {.min = 0, .max = k_audit_days_max},
              .unit = "days",
              .help = "Age at which rows about the use of tokens are removed; 0 keeps all",
              .apply = [](NodeSettings& s, const Value& v) { s.tokens.audit_retention_days = whole<std::int64_t>(v); }},

    // --- limits ---
    OptionRow{.name = "DMP_DNS_RATE",
              .section = Section::limits,
              .kind = Kind::number,
              .default_text = "50",
              .accepted = {.min = k_no_min, .max = k_rate_max},
              .unit = "queries per second",
              .help = "DNS queries that one address may make; its /24 may make eight times as many; 0 or less removes "
                      "the limits",
              .reload = Reload::sighup,
              .apply = [](NodeSettings& s, const Value& v) { s.dns.rate_per_s = number(v); }},
    OptionRow{.name = "DMP_DNS_BURST",
              .section = Section::limits,
              .kind = Kind::number,
              .default_text = "200",
              .accepted = {.min = k_no_min, .max = k_rate_max},
              .unit = "queries",
              .help = "DNS queries that one address may make at once; 0 or less removes the limits",
              .reload = Reload::sighup,
              .apply = [](NodeSettings& s, const Value& v) { s.dns.burst = number(v); }},
    OptionRow{.name = "DMP_DNS_RATE_EXEMPT_LOOPBACK",
              .section = Section::limits,
              .kind = Kind::flag,
              .default_text = "0",
              .help = "Puts no limit on DNS queries from 127.0.0.0/8 and ::1",
              .reload = Reload::sighup,
              .apply = [](NodeSettings& s, const Value& v) { s.dns.rate_exempts_loopback = std::get<bool>(v); }},
    OptionRow{.name = "DMP_HTTP_RATE",
              .section = Section::limits,
              .kind = Kind::number,
              .default_text = "10",
              .accepted = {.min = k_no_min, .max = k_rate_max},
              .unit = "requests per second",
              .help = "Requests that one address may make; 0 or less removes the limit",
              .reload = Reload::sighup,
              .apply = [](NodeSettings& s, const Value& v) { s.http.rate_per_s = number(v); }},
    OptionRow{.name = "DMP_HTTP_BURST",
              .section = Section::limits,
              .kind = Kind::number,
              .default_text = "100",
              .accepted = {.min = k_no_min, .max = k_rate_max},
              .unit = "requests",
              .help = "Requests that one address may make at once; 0 or less removes the limit",
              .reload = Reload::sighup,
              .apply = [](NodeSettings& s, const Value& v) { s.http.burst = number(v); }},
    OptionRow{.name = "DMP_MAX_TTL",
              .section = Section::limits,
              .kind = Kind::integer,
              .default_text = "86400",
              .accepted = {.min = 1, .max = k_ttl_s_max},
              .unit = "seconds",
              .help = "Longest life of a published record",
              .reload = Reload::sighup,
              .apply = [](NodeSettings& s, const Value& v) { s.http.ttl_s_max = whole<std::int64_t>(v); }},
    OptionRow{.name = "DMP_MAX_VALUE_BYTES",
              .section = Section::limits,
              .kind = Kind::integer,
              .default_text = "2048",
              .accepted = {.min = 1, .max = k_count_max},
              .unit = "bytes",
              .help = "Longest value of a published record; the body of a request holds about 16300",
              .reload = Reload::sighup,
              .apply = [](NodeSettings& s, const Value& v) { s.http.value_bytes_max = whole<std::int64_t>(v); }},
    OptionRow{.name = "DMP_MAX_VALUES_PER_NAME",
              .section = Section::limits,
              .kind = Kind::integer,
              .default_text = "64",
              .accepted = {.min = k_no_min, .max = k_count_max},
              .unit = "values",
              .help = "Live values that one name may hold; 0 or less removes the limit",
              .reload = Reload::sighup,
              .apply = [](NodeSettings& s, const Value& v) { s.http.values_per_name_max = whole<std::int64_t>(v); }},
};

struct SectionRow {
  Section section;
  std::string_view title;
};
constexpr std::array k_sections = {
    SectionRow{Section::store, "Storage"},
    SectionRow{Section::log, "Logs"},
    SectionRow{Section::dns, "DNS server"},
    SectionRow{Section::zone, "Zone"},
    SectionRow{Section::update, "DNS UPDATE"},
    SectionRow{Section::http, "HTTP server"},
    SectionRow{Section::access, "Access"},
    SectionRow{Section::limits, "Limits"},
    SectionRow{Section::cluster, "Cluster"},
    SectionRow{Section::sync, "Sync"},
    SectionRow{Section::registration, "Registration"},
    SectionRow{Section::heartbeat, "Heartbeats and discovery"},
};

}  // namespace

std::span<const OptionRow> options() {
  static const std::vector<OptionRow> all = [] {
    std::vector<OptionRow> rows(k_options.begin(), k_options.end());
    std::ranges::copy(cluster_options(), std::back_inserter(rows));
    std::ranges::copy(update_options(), std::back_inserter(rows));
    std::ranges::copy(discovery_options(), std::back_inserter(rows));
    std::ranges::copy(registration_options(), std::back_inserter(rows));
    return rows;
  }();
  return all;
}

std::string_view section_title(Section section) { return k_sections[static_cast<std::size_t>(section)].title; }

}  // namespace dnsmesh::app
