// SPDX-License-Identifier: Apache-2.0
// What the node is built from: every option of the table in options.cpp, typed. A plain value; the defaults here are
// those of the table (a test holds them equal).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "access/address_prefixes.hpp"
#include "access/auth_mode.hpp"
#include "base/discovery_limits.hpp"
#include "base/limits.hpp"
#include "base/log.hpp"
#include "base/registration_limits.hpp"
#include "base/update_limits.hpp"
#include "crypto/ed25519.hpp"
#include "dns/cookie.hpp"
#include "sync/peer.hpp"

namespace dnsmesh::app {

struct LogSettings {
  log::Level level = log::Level::info;
  log::Format format = log::Format::text;
};

struct StoreSettings {
  std::string path = "/var/lib/dmp/dmp.db";
  std::int64_t cleanup_interval_ms = 60000;
};

struct DnsSettings {
  std::optional<std::string> host;  // not given: 0.0.0.0 and [::] (spec/dns.md 13)
  std::uint16_t port = 5353;        // UDP and TCP; 0 picks a free one
  std::int64_t ttl_s = 60;          // upper bound of the TTL of an answer (spec/dns.md 5)
  std::string zone;                 // served zone: lower case, no final dot; empty when none is known (spec/dns.md 2)
  std::optional<std::string> apex_a;
  std::optional<std::string> apex_aaaa;
  std::optional<std::string> apex_ns;         // host name, lower case, no final dot
  std::optional<std::string> apex_soa_rname;  // mailbox in name form
  std::size_t udp_octets_max = limits::dns_udp_octets_default;
  std::vector<dns::CookieSecret> cookie_secrets;  // the first signs, a second is accepted too; none: random at start
  std::optional<std::string> nsid;
  std::optional<std::string> version;                  // version.bind and version.server
  std::optional<std::string> hostname;                 // id.server and hostname.bind
  double rate_per_s = limits::dns_rate_per_s_default;  // of one address; rate or burst <= 0 disables every limit
  double burst = limits::dns_rate_burst_default;
  bool rate_exempts_loopback = false;
  std::size_t concurrency_max = limits::dns_concurrency_max_default;
};

struct HttpSettings {
  std::string host = "0.0.0.0";  // address, or a host name to be resolved
  std::uint16_t port = 8053;     // 0 picks a free one
  access::AddressPrefixes trusted_proxies;
  std::int64_t stop_delay_ms = 0;
  std::optional<std::string> operator_token;
  access::AuthMode auth_mode = access::AuthMode::open;  // without a mode given: legacy exactly when there is a token
  bool allow_open_public_bind = false;
  double rate_per_s = 10;  // of one address; rate or burst <= 0 disables the limit
  double burst = 100;
  std::int64_t concurrency_max = 64;
  std::int64_t ttl_s_max = limits::ttl_s_max_default;
  std::int64_t value_bytes_max = limits::value_bytes_max_default;
  std::int64_t values_per_name_max = limits::values_per_name_max_default;  // 0 or less: no cap
};

/// DNS UPDATE and who may use it (spec/dns-update.md 1).
struct UpdateSettings {
  bool enabled = false;
  std::optional<std::string> key_path;  // not given: beside the record file
  bool tsig_error_rr = true;
  bool verify_known_types = true;
  bool claim_provider = true;
  bool claims_for_registered = false;                          // counts only without claim_provider
  std::int64_t claim_ttl_s_max = limits::ttl_s_max_default;    // 0 or less: no bound
  double claim_rate_per_s = limits::claim_rate_per_s_default;  // of one recipient; rate or burst <= 0 disables it
  double claim_burst = limits::claim_rate_burst_default;
};

/// Where user tokens are kept, and for how long what was done with them (spec/storage.md 3).
struct TokenSettings {
  std::optional<std::string> path;        // opens the file in every mode; not given: beside the record file
  std::int64_t audit_retention_days = 0;  // 0: for ever
};

struct BindEndpoint {
  std::string host;  // without brackets
  std::uint16_t port = 0;
};

struct ClusterSettings {
  std::string file = "/var/lib/dmp/cluster.json";  // may be missing
  std::optional<crypto::PublicKey> operator_key;   // pinned; without it a cluster file is only read structurally
  std::string base_domain;                         // lower case, no final dot; empty when not given
  std::string node_id;                             // ours, as the manifest names it; empty when not given
  std::string self_endpoint;                       // our URL as peers know it; empty when not given
};

/// How records go from and to peers (spec/anti-entropy.md 10.1).
struct SyncSettings {
  std::string peer_list;          // as given
  std::vector<sync::Peer> peers;  // those of the list that can be called
  std::optional<std::string> token;
  std::optional<std::string> token_alternative;
  std::int64_t interval_ms = limits::sync_interval_ms_default;
  std::int64_t ttl_s_max = limits::sync_ttl_s_max_default;  // not given: at least `DMP_MAX_TTL` too
  bool peer_tombstones = false;
  bool bind_owners = false;
  bool extended = true;
  std::optional<BindEndpoint> bind;  // not given: the sync routes are served with all others
  std::string ca_file;
  std::string certificate_file;
  std::string key_file;
};

/// How the node makes itself known and finds others (spec/heartbeat.md 1).
struct DiscoverySettings {
  bool enabled = false;
  std::string endpoint;                    // required
  std::string key_path;                    // required
  std::string db_path;                     // empty: beside the record file
  std::string seeds;                       // as given
  std::optional<std::int64_t> interval_s;  // not given: limits::harvest_period_s_default
  std::int64_t ttl_s = limits::heartbeat_ttl_s_default;
  std::int64_t zones_max = limits::harvest_zones_max_default;
  std::int64_t seen_rows_max = limits::seen_rows_max_default;
  std::string version;    // empty: the program's
  std::string resolvers;  // as given; empty: the system's
  bool dnssec_required = false;
};

/// Who may register, and what they get (spec/registration.md).
struct RegistrationSettings {
  bool enabled = false;
  std::string node;                  // `DMP_NODE_HOSTNAME` as it is spelled
  std::vector<std::string> domains;  // lower case; empty: all
  bool zone_only = false;
  std::int64_t life_s = limits::registration_life_s_default;  // 0: for ever
  double issued_rate_per_s = 10;
  std::int64_t issued_burst = 50;
  double rate_per_s = limits::registration_rate_per_s_default;  // of one address; rate or burst <= 0 disables the limit
  double burst = limits::registration_burst_default;
  bool tight_scope = false;
  bool loose_scope = false;  // wins over tight

  /// Every condition that the settings can meet (spec/registration.md 1).
  bool is_open(access::AuthMode mode) const {
    return enabled && mode == access::AuthMode::multi_tenant && !node.empty();
  }
};

struct NodeSettings {
  LogSettings log;
  StoreSettings store;
  DnsSettings dns;
  UpdateSettings update;
  HttpSettings http;
  TokenSettings tokens;
  ClusterSettings cluster;
  SyncSettings sync;
  DiscoverySettings discovery;
  RegistrationSettings registration;
};

}  // namespace dnsmesh::app
