// SPDX-License-Identifier: Apache-2.0
// Every bound of the node, each with its reason. A bound that an operator can set is an option (app/options.cpp); its
// default is here.
#pragma once

#include <cstddef>
#include <cstdint>

namespace dnsmesh::limits {

// --- names and values -----------------------------------------------------------------------------------------------
/// An owner name in presentation form without the final dot: 255 octets on the wire (RFC 1035 2.3.4).
inline constexpr std::size_t owner_name_bytes_max = 253;
/// A label (RFC 1035 2.3.4).
inline constexpr std::size_t label_bytes_max = 63;
/// A published value; `DMP_MAX_VALUE_BYTES` (spec/configuration.md 2.3).
inline constexpr std::int64_t value_bytes_max_default = 2048;
/// Live values at a name; `DMP_MAX_VALUES_PER_NAME` (spec/http-api.md 7.4).
inline constexpr std::int64_t values_per_name_max_default = 64;
/// A published life in seconds; `DMP_MAX_TTL`.
inline constexpr std::int64_t ttl_s_max_default = 86400;
/// A name's values on the wire, so that a TCP answer of 65 535 octets always holds them (spec/dns.md 6).
inline constexpr std::size_t rrset_octets_max = 60000;
/// Type, class, TTL, length and a compressed owner: what a TXT RR costs beside its strings (spec/dns.md 6).
inline constexpr std::size_t txt_rr_overhead_octets = 12;

// --- store ----------------------------------------------------------------------------------------------------------
/// Batches waiting for the writer. A door answers "busy" above it, so memory is bounded by it times a body.
inline constexpr std::size_t commit_queue_batches_max = 4096;
/// Operations in one batch: an UPDATE of 64 KiB holds fewer; a sync batch is 256 names.
inline constexpr std::size_t batch_operations_max = 20000;
/// Operations that one transaction takes, so that a publisher never waits for an endless group.
inline constexpr std::size_t commit_group_operations_max = 5000;
/// The writer waits a quarter of the last commit's time, and this long at most, for publishers it has just answered.
inline constexpr int commit_gather_ms_max = 2;
/// Rows that one sweep removes in a transaction, so that a publish never waits long behind it (spec/storage.md 7).
inline constexpr std::size_t sweep_rows_max = 1000;
/// Rows in a digest page (spec/anti-entropy.md 3.1) and in a page of the change feed.
inline constexpr std::size_t digest_page_rows_max = 10000;
/// The log grows to this many pages (80 MB) before the writer itself brings it back; housekeeping comes long before.
inline constexpr int sqlite_log_pages_max = 20000;
/// What is left of the log file after it was brought back, so that one large import does not keep its disk space.
inline constexpr std::int64_t sqlite_log_bytes_kept = 67108864;
/// Read connections kept open for reuse, about 2 MB of cache each; more readers at once open and close their own.
inline constexpr std::size_t sqlite_readers_kept = 8;
/// Rows that one round of adopting another node's rows holds in memory.
inline constexpr std::size_t adopt_rows_max = 4096;
/// After a failed write the writer tries a tiny one this often, so that service returns without a publisher.
inline constexpr int store_retry_ms = 10000;
/// Age of a count of live pairs: `/stats` and metrics are asked by strangers, and counting walks an index.
inline constexpr std::int64_t live_count_age_ms = 1000;
/// A tombstone outlives the pair by this: peers' clocks and the rounding of their TTLs (spec/anti-entropy.md 15.6).
inline constexpr std::int64_t tombstone_slack_s = 60;
/// Another connection (backup, the admin program) may hold the file this long before a commit fails.
inline constexpr int sqlite_busy_timeout_ms = 5000;

// --- DNS ------------------------------------------------------------------------------------------------------------
/// A message over TCP (RFC 1035 4.2.2) and the largest datagram we read.
inline constexpr std::size_t dns_message_octets_max = 65535;
/// A UDP answer without EDNS (RFC 1035 2.3.4).
inline constexpr std::size_t dns_udp_octets_plain = 512;
/// A UDP answer with EDNS; `DMP_DNS_UDP_BYTES_MAX` (RFC 9715: no fragments on any usual path).
inline constexpr std::size_t dns_udp_octets_default = 1232;
/// Datagrams taken by one recvmmsg: enough to share the cost of the call, few enough to stay in the cache.
inline constexpr std::size_t dns_batch_messages = 32;
/// TCP: to the first whole message, between messages, for one message from its first octet, for a write
/// (spec/dns.md 9).
inline constexpr int dns_tcp_first_message_ms = 5000;
inline constexpr int dns_tcp_idle_ms = 10000;
inline constexpr int dns_tcp_message_ms = 10000;
inline constexpr int dns_tcp_write_ms = 60000;
/// TCP connections in all, and of one address (IPv4) or /56 (IPv6).
inline constexpr std::size_t dns_tcp_connections_max = 1024;
inline constexpr std::size_t dns_tcp_connections_per_address_max = 32;
/// Octets of answers that one TCP connection may have waiting to be written: its reading stops above it.
inline constexpr std::size_t dns_tcp_unsent_octets_max = 262144;

// --- HTTP -----------------------------------------------------------------------------------------------------------
/// The request line, and the path in it: cpp-httplib matches routes by regular expressions, 0.4 ms for 8 000 characters.
inline constexpr std::size_t http_request_line_bytes_max = 8192;
inline constexpr std::size_t http_path_bytes_max = 2048;
/// The header block, its lines.
inline constexpr std::size_t http_header_bytes_max = 32768;
inline constexpr std::size_t http_header_lines_max = 100;
/// The body of a public route, inclusive (spec/http-api.md 1).
inline constexpr std::size_t http_body_bytes_max = 16384;
/// Deadlines from the first octet to the whole header, for the body, for an idle kept connection, for writing an answer.
inline constexpr int http_header_ms = 10000;
inline constexpr int http_body_ms = 15000;
inline constexpr int http_idle_ms = 15000;
inline constexpr int http_write_ms = 30000;
/// Connections in all, and of one address: a slow client costs a buffer of at most header plus body each.
inline constexpr std::size_t http_connections_max = 2048;
inline constexpr std::size_t http_connections_per_address_max = 512;
/// Requests of one kept connection, so that a balancer's connections move on.
inline constexpr std::size_t http_requests_per_connection_max = 10000;
/// JSON nesting: our bodies are flat objects; deeper is an attack on the parser's stack.
inline constexpr int json_depth_max = 8;

// --- configuration --------------------------------------------------------------------------------------------------
/// A configuration file: a few kilobytes in practice.
inline constexpr std::size_t config_file_bytes_max = 1048576;
/// A cluster file: a manifest is at most 1200 bytes; the JSON peer list is a little longer.
inline constexpr std::size_t cluster_file_bytes_max = 65536;
/// Orderly stop: in-flight requests may finish this long (spec/configuration.md 5.2).
inline constexpr int stop_ms = 4000;

}  // namespace dnsmesh::limits
