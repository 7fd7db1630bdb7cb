// SPDX-License-Identifier: Apache-2.0
#include "app/discovery_options.hpp"

#include <array>
#include <cstdint>
#include <string>

#include "app/option_ranges.hpp"
#include "base/utf8.hpp"

namespace dnsmesh::app {
namespace {

constexpr double k_endpoint_bytes_max = 255;        // spec/records.md 9
constexpr double k_version_bytes_max = 32;          // spec/records.md 9
constexpr double k_interval_s_max = 86400;          // less than daily nobody is found
constexpr double k_heartbeat_life_s_max = 2592000;  // readers refuse a longer one
constexpr double k_zones_max = 1000;                // three times as many look-ups a second as one thread needs
constexpr double k_rows_max = 100000;               // about 100 MB; to find the surplus among more takes a second

std::string trimmed(const Value& value) { return std::string(strip_ascii_whitespace(std::get<std::string>(value))); }
std::int64_t integer(const Value& value) { return std::get<std::int64_t>(value); }

constexpr std::array k_rows = {
    OptionRow{.name = "DMP_HEARTBEAT_ENABLED",
              .section = Section::heartbeat,
              .kind = Kind::flag,
              .default_text = "0",
              .help = "Publishes signed signs of life under the served zone, and gathers those of other nodes over DNS",
              .apply = [](NodeSettings& s, const Value& v) { s.discovery.enabled = std::get<bool>(v); }},
    OptionRow{.name = "DMP_HEARTBEAT_SELF_ENDPOINT",
              .section = Section::heartbeat,
              .kind = Kind::text,
              .default_note = "none; heartbeats need it",
              .accepted = {.max = k_endpoint_bytes_max},
              .help = "Public URL of this node's HTTP side, without a path: https://node.example.org",
              .apply = [](NodeSettings& s, const Value& v) { s.discovery.endpoint = trimmed(v); }},
    OptionRow{.name = "DMP_HEARTBEAT_OPERATOR_KEY_PATH",
              .section = Section::heartbeat,
              .kind = Kind::path,
              .default_note = "none; heartbeats need it",
              .accepted = {.max = k_path_bytes_max},
              .help = "File with the Ed25519 seed that signs heartbeats: 32 raw bytes or 64 hex digits; not the key of "
                      "the cluster manifest",
              .apply = [](NodeSettings& s, const Value& v) { s.discovery.key_path = trimmed(v); }},
    OptionRow{.name = "DMP_HEARTBEAT_DB_PATH",
              .section = Section::heartbeat,
              .kind = Kind::path,
              .default_note = "the record database with _heartbeats added to its name",
              .accepted = {.max = k_path_bytes_max},
              .help = "Database of the heartbeats of other nodes",
              .apply = [](NodeSettings& s, const Value& v) { s.discovery.db_path = trimmed(v); }},
    OptionRow{.name = "DMP_HEARTBEAT_SEEDS",
              .section = Section::heartbeat,
              .kind = Kind::text,
              .default_note = "none",
              .accepted = {.max = k_list_bytes_max},
              .help = "Zones that are asked first, or URLs of nodes in them, separated by commas",
              .apply = [](NodeSettings& s, const Value& v) { s.discovery.seeds = std::get<std::string>(v); }},
    OptionRow{.name = "DMP_HEARTBEAT_INTERVAL_SECONDS",
              .section = Section::heartbeat,
              .kind = Kind::integer,
              .default_note = "120",
              .accepted = {.min = 1, .max = k_interval_s_max},
              .unit = "seconds",
              .help = "Time in which every zone is asked once; our own heartbeat is signed anew at least every 60 s",
              .apply = [](NodeSettings& s, const Value& v) { s.discovery.interval_s = integer(v); }},
    OptionRow{.name = "DMP_HEARTBEAT_TTL_SECONDS",
              .section = Section::heartbeat,
              .kind = Kind::integer,
              .default_text = "86400",
              .accepted = {.min = 1, .max = k_heartbeat_life_s_max},
              .unit = "seconds",
              .help = "Life of our heartbeat, and of what is published of others",
              .apply = [](NodeSettings& s, const Value& v) { s.discovery.ttl_s = integer(v); }},
    OptionRow{.name = "DMP_HEARTBEAT_MAX_PEERS",
              .section = Section::heartbeat,
              .kind = Kind::integer,
              .default_text = "25",
              .accepted = {.min = 0, .max = k_zones_max},
              .unit = "zones",
              .help = "Zones that are asked in one interval",
              .apply = [](NodeSettings& s, const Value& v) { s.discovery.zones_max = integer(v); }},
    OptionRow{.name = "DMP_HEARTBEAT_SEEN_MAX_ROWS",
              .section = Section::heartbeat,
              .kind = Kind::integer,
              .default_text = "10000",
              .accepted = {.min = 1, .max = k_rows_max},
              .unit = "heartbeats",
              .help = "Heartbeats of other nodes that are kept",
              .apply = [](NodeSettings& s, const Value& v) { s.discovery.seen_rows_max = integer(v); }},
    OptionRow{.name = "DMP_HEARTBEAT_VERSION",
              .section = Section::heartbeat,
              .kind = Kind::text,
              .default_note = "the version of the program",
              .accepted = {.max = k_version_bytes_max},
              .help = "Version that our heartbeat states",
              .apply = [](NodeSettings& s, const Value& v) { s.discovery.version = trimmed(v); }},
    OptionRow{.name = "DMP_HEARTBEAT_DNS_RESOLVERS",
              .section = Section::heartbeat,
              .kind = Kind::text,
              .default_note = "those of the system",
              .accepted = {.max = k_list_bytes_max},
              .help = "Resolvers that are asked in this order, separated by commas: ip, ip:port, [ip] or [ip]:port",
              .apply = [](NodeSettings& s, const Value& v) { s.discovery.resolvers = std::get<std::string>(v); }},
    OptionRow{.name = "DMP_HEARTBEAT_DNSSEC_REQUIRED",
              .section = Section::heartbeat,
              .kind = Kind::flag,
              .default_text = "0",
              .help = "Uses only answers that the resolver marks as authenticated (AD)",
              .apply = [](NodeSettings& s, const Value& v) { s.discovery.dnssec_required = std::get<bool>(v); }},
};

}  // namespace

std::span<const OptionRow> discovery_options() { return k_rows; }

}  // namespace dnsmesh::app
