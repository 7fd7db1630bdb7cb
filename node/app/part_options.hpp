// SPDX-License-Identifier: Apache-2.0
// The node's settings in the words of each of its parts.
#pragma once

#include "access/access.hpp"
#include "app/settings.hpp"
#include "base/clock.hpp"
#include "base/random.hpp"
#include "dns/cookie.hpp"
#include "dns/engine.hpp"
#include "dns/rate_limit.hpp"
#include "dns/updater.hpp"
#include "dns/zone.hpp"
#include "http/record_body.hpp"
#include "http/sync_routes.hpp"
#include "net/dns_server.hpp"
#include "net/http_server.hpp"
#include "store/sqlite_store.hpp"

namespace dnsmesh::app {

dns::ZoneSettings zone_settings(const DnsSettings& settings);
dns::RateSettings rate_settings(const DnsSettings& settings);
dns::CookieSecret new_cookie_secret(Random& random);
/// Without secrets in the settings those in force stay.
void set_cookie_secrets(dns::Engine& engine, const DnsSettings& settings);

dns::UpdateRules update_rules(const NodeSettings& settings, dns::IsRegistered is_registered);
/// UPDATE has the caps of HTTP.
dns::UpdateLimits update_limits(const NodeSettings& settings);

/// The token file to open, if any: the one that is named, else in multi-tenant mode the sibling of the record file
/// (spec/storage.md 1).
std::optional<std::string> token_path(const NodeSettings& settings);
/// The file of TSIG keys: the one that is named, else the sibling of the record file. None without UPDATE.
std::optional<std::string> key_path(const NodeSettings& settings);

/// The mode stays as it was at start: whether it may be open was decided with the bind address.
access::Policy policy_of(access::AuthMode mode, const HttpSettings& settings);
http::PublishLimits publish_limits(const NodeSettings& settings);
/// The tokens stay as they were at start, since the worker knows no others.
http::SyncPolicy sync_policy(const SyncSettings& at_start, const HttpSettings& http);

/// `clock` must outlive the store that is opened with it.
store::SqliteStoreOptions store_options(const NodeSettings& settings, const Clock& clock);
net::DnsListenOptions listen_options(const DnsSettings& settings);
net::HttpServerOptions http_options(const HttpSettings& settings);

}  // namespace dnsmesh::app
