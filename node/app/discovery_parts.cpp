// SPDX-License-Identifier: Apache-2.0
#include "app/discovery_parts.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cstdlib>
#include <utility>
#include <vector>

#include "app/sources.hpp"
#include "base/discovery_limits.hpp"
#include "base/log.hpp"
#include "discovery/discovery.hpp"
#include "discovery/zone_entry.hpp"
#include "net/discovery_thread.hpp"
#include "net/resolvers.hpp"
#include "record/operator_key_file.hpp"
#include "store/seen_file.hpp"
#include "store/sqlite_file.hpp"

namespace dnsmesh::app {
namespace {

/// A key file is 64 hex digits; a manifest's has a few lines, and must be told from it.
constexpr std::size_t k_key_file_bytes_max = 4096;

/// Who we are, or one sentence on what is missing for it.
Result<discovery::Identity> identity_of(const NodeSettings& settings, const Clock& clock, bool takes_claims) {
  const DiscoverySettings& given = settings.discovery;
  if (given.endpoint.empty()) return fail(ErrorCode::config_refused, "DMP_HEARTBEAT_SELF_ENDPOINT is not set");
  if (given.key_path.empty()) return fail(ErrorCode::config_refused, "DMP_HEARTBEAT_OPERATOR_KEY_PATH is not set");
  const char* home = std::getenv("HOME");
  const std::string path = expand_home(given.key_path, home == nullptr ? "" : home);
  const auto contents = read_bounded_file(path, k_key_file_bytes_max);
  if (!contents) {
    return fail(ErrorCode::key_file, fmt::format("DMP_HEARTBEAT_OPERATOR_KEY_PATH: {}", contents.error().text));
  }
  const auto key = record::parse_heartbeat_key_file(*contents);
  if (!key) {
    return fail(ErrorCode::key_file, fmt::format("DMP_HEARTBEAT_OPERATOR_KEY_PATH: {}: {}", path, key.error().text));
  }
  discovery::Identity identity{*key,
                               given.endpoint,
                               given.version.empty() ? DNSMESH_VERSION : given.version,
                               settings.dns.zone,
                               takes_claims && !settings.dns.zone.empty(),
                               given.ttl_s};
  if (const auto possible = discovery::check_identity(identity, clock.wall_s()); !possible) {
    return std::unexpected(possible.error());
  }
  return identity;
}

discovery::DiscoveryOptions options_of(const NodeSettings& settings) {
  const DiscoverySettings& given = settings.discovery;
  discovery::DiscoveryOptions out;
  std::vector<std::string> refused;
  out.seeds = discovery::zones_of_list(given.seeds, refused);
  if (!refused.empty()) {
    log::warning(log::k_heartbeat,
                 fmt::format("DMP_HEARTBEAT_SEEDS: no DNS name, not used: {}", fmt::join(refused, ", ")));
  }
  // Peers are often named by address: those have no zone, and that is no mistake.
  out.peer_hosts = discovery::zones_of_list(settings.sync.peer_list, refused);
  out.zones_max = static_cast<std::size_t>(given.zones_max);
  out.period_ms = given.interval_s.value_or(limits::harvest_period_s_default) * 1000;
  out.renew_ms =
      std::min(given.interval_s.value_or(limits::heartbeat_renew_s_max), limits::heartbeat_renew_s_max) * 1000;
  return out;
}

net::TxtClientOptions look_ups_of(const DiscoverySettings& given) {
  net::TxtClientOptions out{{}, given.dnssec_required};
  std::vector<std::string> refused;
  out.resolvers = net::listed_resolvers(given.resolvers, refused);
  if (!refused.empty()) {
    log::warning(log::k_heartbeat, fmt::format("DMP_HEARTBEAT_DNS_RESOLVERS: not used: {}", fmt::join(refused, ", ")));
  }
  if (out.resolvers.addresses.empty()) out.resolvers = net::system_resolvers();
  return out;
}

std::vector<MetricSample> by_outcome(std::initializer_list<std::pair<const char*, std::uint64_t>> counts) {
  std::vector<MetricSample> out;
  for (const auto& [outcome, count] : counts) out.push_back({{{"outcome", outcome}}, static_cast<double>(count)});
  return out;
}

}  // namespace

/// Handlers read it from the moment HTTP listens: nothing changes here afterwards but what the thread counts.
struct DiscoveryParts::Parts {
  Parts(discovery::Identity who, const NodeSettings& settings, std::unique_ptr<store::SeenStore> table,
        store::RecordStore& records, const Clock& the_clock, Random& random)
      : identity(std::move(who)),
        clock(the_clock),
        options(options_of(settings)),
        seen(std::move(table)),
        thread(identity, options, look_ups_of(settings.discovery), clock, random, records, *seen) {}

  const discovery::Identity identity;
  const Clock& clock;
  const discovery::DiscoveryOptions options;
  const std::unique_ptr<store::SeenStore> seen;
  net::DiscoveryThread thread;
};

DiscoveryParts::DiscoveryParts(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}

DiscoveryParts::~DiscoveryParts() { stop(); }

Result<std::unique_ptr<DiscoveryParts>> DiscoveryParts::create(const NodeSettings& settings, store::RecordStore& store,
                                                               const Clock& clock, Random& random, bool takes_claims) {
  const DiscoverySettings& given = settings.discovery;
  std::unique_ptr<DiscoveryParts> off(new DiscoveryParts(nullptr));
  if (!given.enabled) {
    log::info(log::k_heartbeat,
              "heartbeats are off; they need DMP_HEARTBEAT_ENABLED, DMP_HEARTBEAT_SELF_ENDPOINT and "
              "DMP_HEARTBEAT_OPERATOR_KEY_PATH");
    return off;
  }
  auto identity = identity_of(settings, clock, takes_claims);
  if (!identity) {
    log::error(log::k_heartbeat, fmt::format("heartbeats are off: {}", identity.error().text));
    return off;
  }
  const std::string path =
      given.db_path.empty() ? store::sibling_path(settings.store.path, "_heartbeats") : given.db_path;
  auto seen = store::open_seen_file(path, {.rows_max = given.seen_rows_max});
  if (!seen) return std::unexpected(seen.error());
  return std::unique_ptr<DiscoveryParts>(new DiscoveryParts(
      std::make_unique<Parts>(std::move(*identity), settings, std::move(*seen), store, clock, random)));
}

void DiscoveryParts::start() {
  if (!parts_) return;
  Parts& parts = *parts_;
  parts.thread.start();
  log::info(log::k_heartbeat,
            fmt::format("heartbeats are on: endpoint {}, operator key {}, {} seeds", parts.identity.endpoint,
                        parts.identity.name().operator_spk_hex, parts.options.seeds.size()));
  if (parts.identity.zone.empty()) {
    log::warning(log::k_heartbeat, "no zone is served (DMP_SERVED_ZONE): heartbeats are gathered, none is published");
  }
}

void DiscoveryParts::stop() {
  if (parts_) parts_->thread.stop();
}

std::optional<http::HeartbeatFacts> DiscoveryParts::facts() const {
  if (!parts_) return std::nullopt;
  http::HeartbeatFacts out;
  out.endpoint = parts_->identity.endpoint;
  out.operator_spk_hex = parts_->identity.name().operator_spk_hex;
  out.version = parts_->identity.version;
  out.now_s = parts_->clock.wall_s();
  if (auto seen = parts_->seen->recent(out.now_s, limits::landing_page_nodes_max)) out.seen = std::move(*seen);
  return out;
}

MetricsSnapshot DiscoveryParts::metrics() const {
  constexpr MetricType k_counter = MetricType::counter;
  MetricsSnapshot out = {
      {"dmp_heartbeat_zones_total", k_counter, "Zones that were asked for heartbeats, by what came of it.", {}},
      {"dmp_heartbeat_values_total", k_counter, "Values that zones gave, by what became of them.", {}},
      {"dmp_heartbeat_publishes_total", k_counter, "Writes of our heartbeat and of those of others.", {}},
      {"dmp_heartbeat_seen", MetricType::gauge, "Heartbeats of other nodes that are kept and not over.", {}},
  };
  if (!parts_) return out;
  const discovery::DiscoveryCounts counts = parts_->thread.counts();
  out[0].samples = by_outcome({{"answered", counts.zones_answered}, {"failed", counts.zones_failed}});
  out[1].samples = by_outcome({{"verified", counts.values_accepted - counts.values_known},
                               {"known", counts.values_known},
                               {"refused", counts.values_refused}});
  out[2].samples = by_outcome({{"ok", counts.publishes}, {"failed", counts.publishes_failed}});
  if (const auto seen = parts_->seen->live_count(parts_->clock.wall_s())) {
    out[3].samples = {{{}, static_cast<double>(*seen)}};
  }
  return out;
}

std::string expand_home(const std::string& path, const std::string& home) {
  if (home.empty() || (path != "~" && !path.starts_with("~/"))) return path;
  return home + path.substr(1);
}

}  // namespace dnsmesh::app
