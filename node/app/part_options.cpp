// SPDX-License-Identifier: Apache-2.0
#include "app/part_options.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/hex.hpp"
#include "base/limits.hpp"
#include "record/offer.hpp"
#include "store/sqlite_file.hpp"

namespace dnsmesh::app {
namespace {

/// Changes whenever judge_offer may give another verdict for a row that is already stored.
constexpr std::string_view k_judge_version = "1";
/// Handlers answer from memory or hand on to the store's writer: more threads than cores would only wait for a core.
constexpr unsigned k_http_workers = 4;

}  // namespace

dns::ZoneSettings zone_settings(const DnsSettings& settings) {
  dns::ZoneSettings out;
  out.served_zone = settings.zone;
  out.apex_a = settings.apex_a.value_or("");
  out.apex_aaaa = settings.apex_aaaa.value_or("");
  out.apex_ns = settings.apex_ns.value_or("");
  out.apex_soa_rname = settings.apex_soa_rname.value_or("");
  out.answer_ttl_s = settings.ttl_s;
  out.udp_octets_max = static_cast<std::int64_t>(settings.udp_octets_max);
  out.version = settings.version.value_or("");
  out.hostname = settings.hostname.value_or("");
  out.nsid = settings.nsid.value_or("");
  return out;
}

dns::RateSettings rate_settings(const DnsSettings& settings) {
  return {settings.rate_per_s, settings.burst, settings.rate_exempts_loopback};
}

dns::CookieSecret new_cookie_secret(Random& random) {
  dns::CookieSecret secret;
  random.fill(secret);
  return secret;
}

void set_cookie_secrets(dns::Engine& engine, const DnsSettings& settings) {
  if (settings.cookie_secrets.empty()) return;
  engine.set_cookie_secrets(settings.cookie_secrets.front(), settings.cookie_secrets.back());
}

dns::UpdateRules update_rules(const NodeSettings& settings, dns::IsRegistered is_registered) {
  const UpdateSettings& update = settings.update;
  return {.claims = {.for_everybody = update.claim_provider,
                     .for_registered = update.claims_for_registered,
                     .ttl_s_max = update.claim_ttl_s_max,
                     .per_recipient = {update.claim_rate_per_s, update.claim_burst}},
          .is_registered = std::move(is_registered),
          .known_types = {.verify = update.verify_known_types,
                          .operator_key = settings.cluster.operator_key,
                          .base_domain = settings.cluster.base_domain}};
}

dns::UpdateLimits update_limits(const NodeSettings& settings) {
  const HttpSettings& http = settings.http;
  return {http.value_bytes_max, http.ttl_s_max, http.values_per_name_max, settings.sync.ttl_s_max};
}

std::optional<std::string> token_path(const NodeSettings& settings) {
  if (settings.tokens.path) return settings.tokens.path;
  if (settings.http.auth_mode != access::AuthMode::multi_tenant) return std::nullopt;
  return store::sibling_path(settings.store.path, "_tokens");
}

std::optional<std::string> key_path(const NodeSettings& settings) {
  if (!settings.update.enabled) return std::nullopt;
  return settings.update.key_path ? *settings.update.key_path : store::sibling_path(settings.store.path, "_tsig");
}

access::Policy policy_of(access::AuthMode mode, const HttpSettings& settings) {
  return {mode, settings.operator_token.value_or(""), {settings.rate_per_s, settings.burst}};
}

http::PublishLimits publish_limits(const NodeSettings& settings) {
  const HttpSettings& http = settings.http;
  return {http.ttl_s_max, http.value_bytes_max, http.values_per_name_max, settings.sync.ttl_s_max};
}

http::SyncPolicy sync_policy(const SyncSettings& at_start, const HttpSettings& http) {
  return {at_start.token.value_or(""), at_start.token_alternative.value_or(""), {http.rate_per_s, http.burst}};
}

store::SqliteStoreOptions store_options(const NodeSettings& settings, const Clock& clock) {
  store::SqliteStoreOptions out;
  out.path = settings.store.path;
  const std::optional<crypto::PublicKey> key = settings.cluster.operator_key;
  out.judge = [&clock, key](std::string_view name, std::string_view value) {
    return record::judge_offer(name, value, clock.wall_s(), key);
  };
  out.judge_id = fmt::format("{}:{}", k_judge_version, key ? to_hex(view(*key)) : "none");
  return out;
}

net::DnsListenOptions listen_options(const DnsSettings& settings) {
  net::DnsListenOptions out;
  if (settings.host) out.endpoints = {{*settings.host}};
  out.port = settings.port;
  out.tcp.connections_max =
      std::max(settings.concurrency_max * limits::dns_tcp_connections_per_concurrency, limits::dns_tcp_connections_min);
  return out;
}

net::HttpServerOptions http_options(const HttpSettings& settings) {
  net::HttpServerOptions out;
  out.host = settings.host;
  out.port = settings.port;
  out.front.trusted_proxies = settings.trusted_proxies;
  out.workers = k_http_workers;
  out.concurrency_max = static_cast<std::size_t>(settings.concurrency_max);
  return out;
}

}  // namespace dnsmesh::app
