// SPDX-License-Identifier: Apache-2.0
// The bounds of heartbeats and discovery, each with its reason. The others are in base/limits.hpp.
#pragma once

#include <cstddef>
#include <cstdint>

namespace dnsmesh::limits {

// --- what is kept ---------------------------------------------------------------------------------------------------
/// Heartbeats of other nodes that are kept; `DMP_HEARTBEAT_SEEN_MAX_ROWS`. About 1 KB each.
inline constexpr std::int64_t seen_rows_max_default = 10000;
/// Of them from one zone, and of one operator key from one zone: keys cost nothing (spec/heartbeat.md 7).
inline constexpr std::int64_t seen_rows_per_source_max = 200;
inline constexpr std::int64_t seen_rows_per_key_max = 4;
/// How long the file of seen heartbeats may be held by another program (spec/storage.md 1).
inline constexpr int seen_busy_ms = 5000;

// --- what is published ----------------------------------------------------------------------------------------------
/// Our own record is signed anew at least this often: readers want it less than 300 s old (spec/heartbeat.md 7).
inline constexpr std::int64_t heartbeat_renew_s_max = 60;
/// Life of our own record; `DMP_HEARTBEAT_TTL_SECONDS` (spec/heartbeat.md 1).
inline constexpr std::int64_t heartbeat_ttl_s_default = 86400;
/// Values of other nodes that are published (spec/heartbeat.md 1).
inline constexpr std::size_t seen_values_published_max = 50;
/// Rows of the landing page's table of nodes (spec/http-api.md 3.4).
inline constexpr std::size_t landing_page_nodes_max = 500;

// --- harvest --------------------------------------------------------------------------------------------------------
/// Values that are read of each RRset: an existing node reads 20 and publishes 50 (spec/heartbeat.md 12).
inline constexpr std::size_t harvest_values_max = 64;
/// Zones that are asked at the same time (spec/heartbeat.md 7).
inline constexpr std::size_t harvest_parallel_max = 8;
/// Zones asked in a period; `DMP_HEARTBEAT_MAX_PEERS` (spec/heartbeat.md 1).
inline constexpr std::int64_t harvest_zones_max_default = 25;
/// Periods that a zone without an answer is left alone at most (spec/heartbeat.md 7).
inline constexpr int harvest_cool_down_periods_max = 32;
/// A period when `DMP_HEARTBEAT_INTERVAL_SECONDS` does not say (spec/heartbeat.md 7).
inline constexpr std::int64_t harvest_period_s_default = 120;

// --- look-ups -------------------------------------------------------------------------------------------------------
/// One try and a whole look-up, with resolvers that the operator named (spec/heartbeat.md 5).
inline constexpr std::int64_t lookup_try_ms = 5000;
inline constexpr std::int64_t lookup_ms = 10000;
/// The same with the system's resolvers.
inline constexpr std::int64_t lookup_system_try_ms = 3000;
inline constexpr std::int64_t lookup_system_ms = 6000;
/// A resolver that failed is asked last for this long (spec/heartbeat.md 5).
inline constexpr std::int64_t resolver_demotion_ms = 60000;
/// Resolvers of a list that are used: three are usual, more than these are a mistake.
inline constexpr std::size_t resolvers_max = 8;
/// What an answer over UDP may hold (spec/heartbeat.md 12), and with DNSSEC demanded (spec/heartbeat.md 5).
inline constexpr std::uint16_t lookup_udp_octets = 1232;
inline constexpr std::uint16_t lookup_udp_octets_dnssec = 4096;
/// Aliases that are followed inside one answer: resolvers follow about as many.
inline constexpr std::size_t lookup_aliases_max = 8;
/// Datagrams that are no answer to our question before a try counts as failed: a flood of guesses ends it.
inline constexpr int lookup_strays_max = 32;

}  // namespace dnsmesh::limits
