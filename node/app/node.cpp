// SPDX-License-Identifier: Apache-2.0
#include "app/node.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "access/access.hpp"
#include "app/discovery_parts.hpp"
#include "app/housekeeping.hpp"
#include "app/key_parts.hpp"
#include "app/node_metrics.hpp"
#include "app/part_options.hpp"
#include "app/people_metrics.hpp"
#include "app/registration_parts.hpp"
#include "app/sync_metrics.hpp"
#include "app/sync_parts.hpp"
#include "app/token_parts.hpp"
#include "base/hex.hpp"
#include "base/limits.hpp"
#include "base/log.hpp"
#include "dns/answer_index.hpp"
#include "dns/cookie.hpp"
#include "dns/engine.hpp"
#include "dns/rate_limit.hpp"
#include "dns/updater.hpp"
#include "dns/zone.hpp"
#include "http/api.hpp"
#include "http/sync_routes.hpp"
#include "net/dns_server.hpp"
#include "net/http_server.hpp"
#include "net/update_worker.hpp"
#include "store/sqlite_store.hpp"

namespace dnsmesh::app {
namespace {

/// Names this run in the log, so that the lines of two runs are told apart.
std::string instance_id(Random& random) {
  ByteArray<4> bytes;
  random.fill(bytes);
  return to_hex(view(bytes));
}

std::string shown_host(std::string_view host) {
  return host.contains(':') ? fmt::format("[{}]", host) : std::string(host.empty() ? "0.0.0.0" : host);
}

}  // namespace

/// In the order of construction; destruction runs the other way round, so nothing outlives what it refers to.
struct Node::Parts {
  Parts(const NodeSettings& settings, const Clock& the_clock, dns::Zone the_zone, Random& random,
        std::unique_ptr<store::RecordStore> the_store, std::unique_ptr<TokenParts> the_tokens,
        std::unique_ptr<KeyParts> the_keys)
      : clock(the_clock),
        sync_settings(settings.sync),
        zone(std::move(the_zone)),
        index(the_clock, random, zone.apex),
        records(std::move(the_store)),
        dns_limiter(rate_settings(settings.dns), random),
        engine(zone, index, new_cookie_secret(random), &dns_limiter),
        auth_mode(settings.http.auth_mode),
        stop_delay(settings.http.stop_delay_ms),
        tokens(std::move(the_tokens)),
        keys(std::move(the_keys)),
        access(policy_of(auth_mode, settings.http), the_clock, tokens ? &tokens->users() : nullptr,
               keys ? &keys->ring() : nullptr),
        started_s(the_clock.wall_s()),
        started_ms(the_clock.monotonic_ms()),
        api(*records, access, store_options(settings, the_clock).judge, publish_limits(settings)) {
    if (!keys) return;
    updater.emplace(zone, *records, store_options(settings, the_clock).judge, the_clock, keys->ring(), access,
                    update_rules(settings,
                                 [this, zone_name = settings.dns.zone](std::string_view recipient) {
                                   return keys->ring().is_registered_recipient(recipient, zone_name, clock.wall_s());
                                 }),
                    update_limits(settings));
    engine.check_signatures(keys->ring(), settings.update.tsig_error_rr);
    engine.leave_updates();
  }

  const Clock& clock;
  const SyncSettings sync_settings;  // as they were at start
  const dns::Zone zone;
  dns::AnswerIndex index;
  std::unique_ptr<store::RecordStore> records;
  dns::RateLimiter dns_limiter;
  dns::Engine engine;
  const access::AuthMode auth_mode;
  const std::chrono::milliseconds stop_delay;
  std::unique_ptr<TokenParts> tokens;  // only when there is a token file
  std::unique_ptr<KeyParts> keys;      // only with DMP_DNS_UPDATE_ENABLED
  access::Access access;
  const std::int64_t started_s;
  const std::int64_t started_ms;
  http::Api api;
  std::unique_ptr<SyncParts> sync;
  std::optional<http::SyncDoor> sync_door;
  std::unique_ptr<DiscoveryParts> discovery;
  std::unique_ptr<RegistrationParts> registration;  // null: nobody can register
  std::optional<Housekeeping> housekeeping;
  std::optional<dns::Updater> updater;         // with DMP_DNS_UPDATE_ENABLED, as the next
  std::unique_ptr<net::UpdateWorker> updates;  // it answers through the sockets of the DNS server
  std::unique_ptr<net::DnsServer> dns_server;
  std::unique_ptr<net::HttpServer> http_server;
  std::unique_ptr<net::HttpServer> sync_http_server;  // only when peers have a listener of their own
  /// Set once both servers are there: handlers, which run from the moment HTTP listens, touch them only then.
  std::atomic<bool> listening{false};
  std::atomic<bool> stopping{false};

  std::vector<std::string_view> not_ready() const {
    std::vector<std::string_view> out;
    if (!index.complete()) out.push_back("index");
    if (!listening) out.push_back("listeners");
    if (stopping) out.push_back("stopping");
    return out;
  }

  http::NodeView view(const NodeSettings& settings) const {
    http::NodeView out;
    out.zone = settings.dns.zone;
    out.dns_port = dns_server->port();
    out.auth_mode = auth_mode;
    out.registration = registration_facts(settings);
    out.reads_need_token = settings.http.operator_token.has_value();
    out.uptime_ms = [this] { return clock.monotonic_ms() - started_ms; };
    out.not_ready = [this] { return not_ready(); };
    out.metrics = [this] { return metrics(); };
    out.cluster = [this] { return sync->facts(); };
    out.heartbeats = [this] { return discovery->facts(); };
    out.is_peer = [this](const http::Request& request) { return sync_door->is_peer(request); };
    return out;
  }

  MetricsSnapshot metrics() const {
    const NodeFigures current = figures();
    MetricsSnapshot out = node_metrics(current);
    std::ranges::move(sync_metrics(sync->facts(), current.store.feed_ahead_ms), std::back_inserter(out));
    std::ranges::move(discovery->metrics(), std::back_inserter(out));
    std::ranges::move(people_metrics({tokens.get(), registration.get(), keys.get()}), std::back_inserter(out));
    return out;
  }

  NodeFigures figures() const {
    NodeFigures out;
    out.started_s = started_s;
    out.store = records->health();
    out.ready = out.store.readable && out.store.writable && not_ready().empty();
    if (const auto count = records->live_count()) out.records = *count;
    out.offers_refused = api.offers_refused();
    out.index_bytes = index.bytes();
    out.index_names = index.names();
    out.index_complete = index.complete();
    if (!listening) return out;
    const net::HttpCounters& http = http_server->counters();
    out.http_answers = http.answers();
    out.http_connections = http.connections_open;
    out.http_connections_refused = http.connections_refused;
    out.http_timeouts = http.timeouts;
    out.http_connections_displaced = http.connections_displaced;
    out.http_publish_latency = http.publish_latency.totals();
    out.dns_udp = dns_server->counters(dns::Transport::udp);
    out.dns_tcp = dns_server->counters(dns::Transport::tcp);
    if (updates) {
      out.dns_udp = dns::sum(out.dns_udp, updates->totals(dns::Transport::udp));
      out.dns_tcp = dns::sum(out.dns_tcp, updates->totals(dns::Transport::tcp));
      out.dns_updates_signed = updates->totals(true);
      out.dns_updates_unsigned = updates->totals(false);
    }
    out.dns_udp_latency = dns_server->udp_latency();
    out.dns_tcp_connections = dns_server->tcp_connections();
    return out;
  }
};

namespace {

void log_what_is_unusual(const NodeSettings& settings, const net::DnsServer& dns_server) {
  for (const std::string& reason : dns_server.passed_over()) log::info(log::k_dns, reason);
  if (dns_server.tcp_failure()) {
    log::warning(log::k_dns, fmt::format("no DNS over TCP: {}", dns_server.tcp_failure()->text));
  }
  if (settings.dns.zone.empty()) {
    log::warning(log::k_dns, "no served zone is set (DMP_SERVED_ZONE): negative answers have no SOA");
  } else if (!settings.dns.apex_ns) {
    log::warning(log::k_dns, fmt::format("no name server is set for {} (DMP_DNS_APEX_NS): the apex has no NS record",
                                         settings.dns.zone));
  }
}

void log_up(const NodeSettings& settings, const net::DnsServer& dns_server, const net::HttpServer& http_server,
            std::size_t peers, std::string_view instance) {
  std::vector<std::string> dns;
  for (const auto& address : dns_server.addresses()) dns.push_back(net::to_text(address));
  log::info(log::k_dns, fmt::format("DNS server started on {} ({})", fmt::join(dns, ", "),
                                    dns_server.tcp_failure() ? "UDP only" : "UDP and TCP"));
  log::info(log::k_http,
            fmt::format("HTTP server started on {}:{}", shown_host(settings.http.host), http_server.port()));
  log::info(log::k_node,
            fmt::format("node up: dns={} http={}:{} db={} zone={} auth={} peers={} version={} instance={}",
                        fmt::join(dns, ","), shown_host(settings.http.host), http_server.port(), settings.store.path,
                        settings.dns.zone.empty() ? "-" : settings.dns.zone,
                        access::auth_mode_name(settings.http.auth_mode), peers, DNSMESH_VERSION, instance));
}

}  // namespace

Node::Node(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}

Node::~Node() { stop(); }

Result<std::unique_ptr<Node>> Node::start(const NodeSettings& settings, const Clock& clock, Random& random) {
  auto zone = dns::make_zone(zone_settings(settings.dns));
  if (!zone) return std::unexpected(zone.error());
  // A large file takes long: all of it is checked, and what another program wrote is adopted.
  log::info(log::k_node, fmt::format("opening record file {}", settings.store.path));
  auto records = store::open_sqlite_store(store_options(settings, clock), clock, random);
  if (!records) return std::unexpected(records.error());
  std::unique_ptr<TokenParts> tokens;
  if (const auto path = token_path(settings)) {
    auto opened = TokenParts::open(*path, settings.tokens.audit_retention_days, clock);
    if (!opened) return std::unexpected(opened.error());
    tokens = std::move(*opened);
  }
  std::unique_ptr<KeyParts> keys;
  if (const auto path = key_path(settings)) {
    auto opened = KeyParts::open(*path);
    if (!opened) return std::unexpected(opened.error());
    keys = std::move(*opened);
  }
  std::unique_ptr<Node> node(new Node(std::make_unique<Parts>(
      settings, clock, std::move(*zone), random, std::move(*records), std::move(tokens), std::move(keys))));
  Parts& parts = *node->parts_;
  set_cookie_secrets(parts.engine, settings.dns);

  if (const auto filled = node->fill(settings, random); !filled) return std::unexpected(filled.error());
  // A heartbeat that invites claims which nobody takes would cost senders their first contact.
  const bool takes_claims = settings.update.enabled && settings.update.claim_provider;
  auto discovery = DiscoveryParts::create(settings, *parts.records, clock, random, takes_claims);
  if (!discovery) return std::unexpected(discovery.error());
  parts.discovery = std::move(*discovery);
  parts.registration = RegistrationParts::create(settings, parts.tokens.get(),
                                                 parts.keys ? &parts.keys->ring() : nullptr, clock, random);
  if (const auto open = node->listen(settings, random); !open) return std::unexpected(open.error());
  parts.listening = true;
  parts.discovery->start();
  parts.housekeeping.emplace(*parts.records, settings.store.cleanup_interval_ms, parts.sync->questions());

  log_what_is_unusual(settings, *parts.dns_server);
  if (parts.sync_http_server) {
    log::info(log::k_http, fmt::format("sync routes are served on {}:{} alone", shown_host(settings.sync.bind->host),
                                       parts.sync_http_server->port()));
  }
  log_up(settings, *parts.dns_server, *parts.http_server, parts.sync->facts().cluster->peers.peers.size(),
         instance_id(random));
  return node;
}

/// The answer index and the pair set from the store, then what the cluster says.
Result<void> Node::fill(const NodeSettings& settings, Random& random) {
  Parts& parts = *parts_;
  auto sync = SyncParts::create(settings, *parts.records, parts.clock, random);
  if (!sync) return std::unexpected(sync.error());
  parts.sync = std::move(*sync);
  parts.sync_door.emplace(sync_policy(parts.sync_settings, settings.http), parts.sync->server(), parts.access,
                          parts.clock);
  parts.records->set_listener([&parts](std::span<const store::Change> changes) {
    parts.index.apply(changes);
    parts.sync->applied(changes);
  });
  const auto loaded = parts.records->for_each([&](const store::Record& record) {
    parts.index.load(record);
    if (parts.updater) parts.updater->load(record);
    parts.sync->load(record);
  });
  if (!loaded) return loaded;
  parts.index.finish_loading();
  parts.sync->start();
  return {};
}

Result<void> Node::listen(const NodeSettings& settings, Random& random) {
  Parts& parts = *parts_;
  if (parts.updater) {
    parts.updates = std::make_unique<net::UpdateWorker>(*parts.updater, parts.engine, parts.clock);
  }
  net::DnsListenOptions dns_options = listen_options(settings.dns);
  dns_options.updates = parts.updates.get();
  auto dns_server = net::start_dns_server(dns_options, parts.engine, parts.clock, random);
  if (!dns_server) return std::unexpected(dns_server.error());
  parts.dns_server = std::move(*dns_server);

  http::RouteTable routes = parts.api.routes(parts.view(settings));
  net::HttpServerOptions options = http_options(settings.http);
  options.front.body_bytes_max = [&parts](const http::Request& head) { return parts.sync_door->body_bytes_max(head); };
  http::RouteTable sync_routes = parts.sync_door->routes(settings.sync.extended);
  if (settings.sync.bind) {
    net::HttpServerOptions sync_options = options;
    sync_options.host = settings.sync.bind->host;
    sync_options.port = settings.sync.bind->port;
    auto sync_server = net::start_http_server(sync_options, sync_routes, parts.clock);
    if (!sync_server) return std::unexpected(sync_server.error());
    parts.sync_http_server = std::move(*sync_server);
    sync_routes = http::closed_sync_routes(parts.access);
  }
  std::ranges::move(sync_routes, std::back_inserter(routes));
  if (parts.registration) std::ranges::move(parts.registration->routes(), std::back_inserter(routes));
  auto http_server = net::start_http_server(options, routes, parts.clock);
  if (!http_server) return std::unexpected(http_server.error());
  parts.http_server = std::move(*http_server);
  return {};
}

void Node::reload(const NodeSettings& settings) {
  log::configure(settings.log.level, settings.log.format);
  parts_->dns_limiter.set(rate_settings(settings.dns));
  set_cookie_secrets(parts_->engine, settings.dns);
  parts_->access.set_policy(policy_of(parts_->auth_mode, settings.http));
  parts_->api.set_limits(publish_limits(settings));
  if (parts_->updater) parts_->updater->set_limits(update_limits(settings));
  parts_->http_server->set_concurrency_max(static_cast<std::size_t>(settings.http.concurrency_max));
  parts_->sync_door->set_policy(sync_policy(parts_->sync_settings, settings.http));
  parts_->sync->reload(settings);
}

void Node::stop() {
  if (!parts_) return;
  parts_->stopping = true;
  if (parts_->listening) std::this_thread::sleep_for(parts_->stop_delay);
  if (parts_->housekeeping) parts_->housekeeping->stop();  // it asks sync
  if (parts_->discovery) parts_->discovery->stop();
  // Before the listeners: peers that wait for news would hold them up.
  if (parts_->sync) parts_->sync->stop();
  if (parts_->sync_http_server) parts_->sync_http_server->stop();
  if (parts_->http_server) parts_->http_server->stop();
  if (parts_->updates) parts_->updates->stop();  // before the sockets it answers through
  if (parts_->dns_server) parts_->dns_server->stop();
  parts_->records->close();
  parts_.reset();
}

}  // namespace dnsmesh::app
