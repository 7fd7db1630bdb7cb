// SPDX-License-Identifier: Apache-2.0
// Every bound of the node, each with its reason. A bound that an operator can set is an option (app/options.cpp); its
// default is here.
#pragma once

#include <chrono>
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
/// Expired rows of its name that a put removes: as many as may be live there by default, so that short lives at one
/// name never pile up until the sweep.
inline constexpr std::size_t put_expired_rows_max = 64;
/// How often the write-ahead log is brought back into the file: rare enough to cost nothing when idle, often enough
/// that the log of a busy node stays small.
inline constexpr int checkpoint_interval_ms = 10000;
/// How often the set that peers compare with is built anew and held against the kept one: it reads every row, and a
/// difference means a fault of ours (spec/anti-entropy.md 15.4).
inline constexpr std::chrono::hours pair_set_check_interval{24 * 7};
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
/// After a failed write the writer tries another this often, so that service returns without a publisher.
inline constexpr int store_retry_ms = 10000;
/// What it then writes: 16 pages, more than a publish of the largest default value touches in table and indices. A
/// smaller one would say "writable" where no publish can pass.
inline constexpr std::size_t store_probe_bytes = 65536;
/// Time between two outages that are logged: on an almost full disk strangers decide how often one begins and ends.
inline constexpr std::int64_t store_outage_log_ms = 60000;
/// Age of a count of live pairs: `/stats` and metrics are asked by strangers, and counting walks an index.
inline constexpr std::int64_t live_count_age_ms = 1000;
/// A tombstone outlives the pair by this: peers' clocks and the rounding of their TTLs (spec/anti-entropy.md 15.6).
inline constexpr std::int64_t tombstone_slack_s = 60;
/// How far the feed's stamps may be ahead of the clock before the operator hears of it: existing nodes take no row that
/// is 60 s ahead of theirs (spec/anti-entropy.md 3.4).
inline constexpr std::int64_t feed_ahead_ms_max = 30000;
/// Another connection (backup, the admin program) may hold the file this long before a commit fails.
inline constexpr int sqlite_busy_timeout_ms = 5000;
/// Tokens that a prefix of their hash may name: one is meant, a few more show the operator that it was too short.
inline constexpr std::size_t token_matches_max = 10;
/// Audit rows are committed together this often (spec/http-api.md 5.3), and old ones looked for this often.
inline constexpr std::chrono::seconds audit_flush_interval{1};
inline constexpr std::chrono::minutes audit_prune_interval{10};
/// Audit rows that wait for the file: a few seconds of a busy node, a few megabytes.
inline constexpr std::size_t audit_rows_waiting_max = 20000;
/// Rows about refused requests, which strangers cause: at this rate a day of them is about 10 MB.
inline constexpr double audit_rejected_per_s = 1;
inline constexpr double audit_rejected_burst = 200;

// --- DNS ------------------------------------------------------------------------------------------------------------
/// A name in wire form with the root label (RFC 1035 2.3.4).
inline constexpr std::size_t wire_name_octets_max = 255;
/// Compression pointers in one name: each skips at least one label, of which a name holds at most 127.
inline constexpr std::size_t name_pointers_max = 127;
/// A pointer below this would read the header as a name (RFC 1035 4.1.1).
inline constexpr std::size_t name_pointer_target_min = 12;
/// A message over TCP (RFC 1035 4.2.2).
inline constexpr std::size_t dns_message_octets_max = 65535;
/// A UDP answer without EDNS (RFC 1035 2.3.4).
inline constexpr std::size_t dns_udp_octets_plain = 512;
/// A UDP answer with EDNS; `DMP_DNS_UDP_BYTES_MAX` (RFC 9715: no fragments on any usual path).
inline constexpr std::size_t dns_udp_octets_default = 1232;
/// The most that an operator may allow in a UDP answer (spec/dns.md 6): more invites amplification.
inline constexpr std::size_t dns_udp_octets_max = 4096;
/// The largest datagram we read; a longer one is cut and then malformed (spec/dns.md 1).
inline constexpr std::size_t dns_udp_receive_octets = 8192;
/// TTL of a negative answer, and what is left of it where clients poll for mail (spec/dns.md 4, "Negative TTL").
inline constexpr std::int64_t dns_negative_ttl_s_max = 60;
inline constexpr std::int64_t dns_negative_ttl_polled_s_max = 15;
/// TTL of a TXT RRset at slot, claim, heartbeat and seen owners (spec/dns.md 5).
inline constexpr std::int64_t dns_short_ttl_s_max = 30;
/// The largest TTL that resolvers take at its word (RFC 2181 8).
inline constexpr std::int64_t dns_ttl_s_max = 2147483647;
/// A server cookie is taken up to this age, and this far ahead of the clock (RFC 9018 4.3).
inline constexpr std::int32_t dns_cookie_age_s_max = 3600;
inline constexpr std::int32_t dns_cookie_ahead_s_max = 300;
/// How far the time of a signed request may be from ours, whatever fudge it claims, and the fudge of our answers (RFC
/// 8945 10).
inline constexpr std::uint16_t tsig_fudge_s_max = 300;
/// Signed requests that are remembered for ten minutes, so that none is applied twice: 100 a second, some 10 MB.
inline constexpr std::size_t tsig_replays_max = 65536;
/// Sources that a table of rates remembers (spec/dns.md 8): 160 kB a table.
inline constexpr std::size_t dns_rate_keys_max = 10000;
/// Queries and burst of one address; `DMP_DNS_RATE`, `DMP_DNS_BURST` (spec/dns.md 1).
inline constexpr double dns_rate_per_s_default = 50;
inline constexpr double dns_rate_burst_default = 200;
/// `DMP_DNS_MAX_CONCURRENCY`, and the TCP connections that come of it: eight for each, this many at least
/// (spec/dns.md 1).
inline constexpr std::size_t dns_concurrency_max_default = 128;
inline constexpr std::size_t dns_tcp_connections_per_concurrency = 8;
inline constexpr std::size_t dns_tcp_connections_min = 256;
/// NSID and CHAOS texts: one character-string, and small enough for every answer without fragments.
inline constexpr std::size_t dns_identity_bytes_max = 128;
/// Threads that may read the answer index at once: dns threads and a few workers; more cores are hardly to be had.
inline constexpr std::size_t index_readers_max = 512;
/// Labels, counted below the zone or the root, up to which the answer index knows a name by its descendants alone:
/// names of the protocol have about ten, and each label more would cost a stranger's one-byte record another node.
inline constexpr std::size_t index_ancestor_labels_max = 16;
/// Slots of an empty answer index; it doubles when half of them are used.
inline constexpr std::size_t index_slots_min = 1024;
/// Socket buffers asked for: a burst of some 10 000 queries survives while the thread is off its core.
inline constexpr int dns_socket_buffer_bytes = 4194304;
/// Port 0: how often a new number is picked when TCP cannot bind the one that UDP got.
inline constexpr int dns_port_picks_max = 16;
/// TCP: connections that wait to be accepted: a burst between two turns of the thread.
inline constexpr int dns_tcp_backlog = 1024;
/// TCP: connections taken per wake-up, so that accepting never starves the open ones.
inline constexpr int dns_tcp_accepts_per_wake = 64;
/// TCP: after accept(2) failed for want of descriptors, wait this long instead of spinning.
inline constexpr int dns_tcp_accept_pause_ms = 100;
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
/// The request line, and the target in it, `?` and what follows included: cpp-httplib matches all of it against the
/// routes by regular expressions, 0.4 ms for 8 000 characters.
inline constexpr std::size_t http_request_line_bytes_max = 8192;
inline constexpr std::size_t http_target_bytes_max = 2048;
/// The header block, its lines.
inline constexpr std::size_t http_header_bytes_max = 32768;
inline constexpr std::size_t http_header_lines_max = 100;
/// The body of a public route, inclusive (spec/http-api.md 1).
inline constexpr std::size_t http_body_bytes_max = 16384;
/// Deadlines from the first octet to the whole header, for the body, for an idle kept connection, for writing an
/// answer.
inline constexpr int http_header_ms = 10000;
inline constexpr int http_body_ms = 15000;
inline constexpr int http_idle_ms = 15000;
inline constexpr int http_write_ms = 30000;
/// What the system holds of an answer that its client does not read: by itself it would let it grow to megabytes.
/// Enough for the usual answers whole, and for 2.5 MB/s over a path of 100 ms.
inline constexpr int http_send_buffer_bytes = 262144;
/// Answers in memory that their clients have not read yet, in all: above it the one that has waited longest for its
/// client makes room. A pull answer of 256 full names (spec/anti-entropy.md 4) fits, and many pages for honest peers.
inline constexpr std::size_t http_unsent_bytes_max = 134217728;
/// Connections in all: a slow client costs a buffer of at most header plus body, or of an answer. Above it the one that
/// has waited longest, for its request or for its client to read, makes room.
inline constexpr std::size_t http_connections_max = 2048;
/// Connections of one address (IPv4) or /56 (IPv6): what a proxy in front or a whole office behind one address needs.
/// Eight addresses fill the node, and then who has waited longest for its request makes room.
inline constexpr std::size_t http_connections_per_address_max = 256;
/// Connections taken in one turn of the front: no more than events of others, so that a flood of new ones does not
/// starve those that are here.
inline constexpr int http_accepts_per_turn = 64;
/// Requests of one kept connection, so that a balancer's connections move on.
inline constexpr std::size_t http_requests_per_connection_max = 10000;
/// Requests in the hands of the workers or waiting for one; `DMP_HTTP_MAX_CONCURRENCY`. Parked ones do not count.
inline constexpr std::size_t http_concurrency_max_default = 64;
/// Connections that wait to be accepted: a burst of short connections between two turns of the front.
inline constexpr int http_accept_backlog = 1024;
/// After a refusal with unread input: how much and how long is thrown away before the close, so that the client reads
/// the answer instead of a reset.
inline constexpr std::size_t http_linger_bytes_max = 1048576;
inline constexpr int http_linger_ms = 1000;
/// Age of the landing page: strangers ask for it, and what it shows moves slowly.
inline constexpr std::int64_t landing_page_age_ms = 3000;
/// Addresses that a rate limiter remembers (spec/http-api.md 8).
inline constexpr std::size_t rate_limit_keys_max = 10000;
/// JSON nesting: our bodies are flat objects; deeper is an attack on the parser's stack.
inline constexpr int json_depth_max = 8;
/// Members of a JSON object: ours have a dozen, and each key read costs a search through those before it.
inline constexpr std::size_t json_members_max = 256;

// --- cluster --------------------------------------------------------------------------------------------------------
/// The URL of a peer that is configured; in a manifest it has at most 128 bytes. Longer ones are mistakes.
inline constexpr std::size_t peer_endpoint_bytes_max = 1024;
/// The id of a peer in a cluster file that is a list of nodes; in a manifest it has at most 16 bytes. It is a label of
/// metrics and a word of log lines.
inline constexpr std::size_t peer_id_bytes_max = 64;
/// Peers: as many as a manifest can name (spec/records.md 2.1). Each costs a session and its buffers.
inline constexpr std::size_t sync_peers_max = 32;
/// Rows at names that start `cluster.` which are looked through for a manifest while no cluster is known: in open mode
/// strangers may fill these names.
inline constexpr std::size_t cluster_scan_rows_max = 4096;
/// Signatures of manifests that are checked at once, and then a second, about 60 us each: strangers decide how many
/// texts at a cluster's name look like manifests.
inline constexpr double manifest_checks_burst = 256;
inline constexpr double manifest_checks_per_s = 64;
/// Texts whose signature's verdict is remembered, so that each is checked once: about 100 bytes each.
inline constexpr std::size_t manifest_verdicts_max = 8192;
/// The store is looked at for new manifests at most this often, and through all of `cluster.` at most this often.
inline constexpr std::int64_t cluster_look_ms = 100;
inline constexpr std::int64_t cluster_scan_ms = 1000;
/// Pairs of peer and reason whose last warning is remembered, for one warning a minute.
inline constexpr std::size_t cluster_warnings_max = 1024;
// --- sync with peers ------------------------------------------------------------------------------------------------
/// Requests a second and burst toward an existing node: it takes 10 a second and 100 of our address, for everything
/// (spec/anti-entropy.md 6.3).
inline constexpr double sync_classic_per_s = 5;
inline constexpr double sync_classic_burst = 40;
/// The same toward a node of ours, which takes 200 a second of who has the token (spec/anti-entropy.md 15.7, 17).
inline constexpr double sync_extended_per_s = 100;
inline constexpr double sync_extended_burst = 200;
/// How long the budget is halved after a 429 (spec/anti-entropy.md 16, F18).
inline constexpr std::int64_t sync_halved_ms = 600000;
/// The pause after a failed call, doubling to the second (spec/anti-entropy.md 6.3).
inline constexpr std::int64_t sync_back_off_ms_min = 2000;
inline constexpr std::int64_t sync_back_off_ms_max = 60000;
/// After a full disk nothing is fetched for this long: it would be thrown away (spec/anti-entropy.md 16, F30).
inline constexpr std::int64_t sync_disk_full_pause_ms = 30000;
/// How far ahead of the later of both clocks a peer's `ts` may be, and how far a peer's clock is believed at all
/// (spec/anti-entropy.md 8.3).
inline constexpr std::int64_t sync_future_ms_max = 60000;
inline constexpr std::int64_t sync_peer_clock_ahead_ms_max = 86400000;
/// A peer's clock that is off by this is told to the operator, and by the second again as an alarm (8.3).
inline constexpr std::int64_t sync_clock_warn_ms = 5000;
inline constexpr std::int64_t sync_clock_alarm_ms = 30000;
/// Our own clock is not believed when the median of at least two peers is this far from it (16, F36).
inline constexpr std::int64_t sync_clock_disagree_ms = 3600000;
/// A peer's clock is known for this long after its last answer.
inline constexpr std::int64_t sync_clock_age_ms = 3600000;
/// Look-back: how far below the watermark a pass begins, and how much older than an interval the watermark may be
/// (spec/anti-entropy.md 6.3).
inline constexpr std::int64_t sync_look_back_ms = 5000;
inline constexpr std::int64_t sync_look_back_fresh_ms = 10000;
/// After a restart reading resumes this far below the stored watermark (spec/anti-entropy.md 8.2).
inline constexpr std::int64_t sync_resume_back_ms = 60000;
/// A whole feed of a classic peer is read again this often, or every 20 times the last duration (6.3).
inline constexpr std::int64_t sync_full_scan_ms = 3600000;
inline constexpr std::int64_t sync_full_scan_durations = 20;
/// Rows in a digest page: REF's own default, and the most it gives, for one that is far behind (6.3, 14).
inline constexpr std::size_t sync_digest_rows = 1000;
inline constexpr std::size_t sync_digest_rows_behind = 10000;
/// A difference in life up to this is none: it never rewrites a row (spec/anti-entropy.md 7.1).
inline constexpr std::int64_t sync_ttl_slop_s = 5;
/// The life that a synced record may get at least, whatever the publish cap is: room for peers whose operator raised
/// theirs; `DMP_SYNC_MAX_TTL` (spec/anti-entropy.md 7.1).
inline constexpr std::int64_t sync_ttl_s_max_default = 604800;
/// A cluster manifest lives until its `exp`, and no manifest ends later than this.
inline constexpr std::int64_t sync_manifest_ttl_s_max = 157680000;
/// Values that sync may add to a name; own clients' values count but are never evicted (spec/anti-entropy.md 7.1).
inline constexpr std::int64_t sync_values_per_name_max = 256;
/// Texts of one blob at a name that are taken beside the canonical one (spec/anti-entropy.md 15.7, 20).
inline constexpr std::size_t sync_aliases_max = 4;
/// Quarantine of one peer: pairs, pairs of one name, octets of memory (spec/anti-entropy.md 8.3).
inline constexpr std::size_t sync_quarantine_pairs_max = 4096;
inline constexpr std::size_t sync_quarantine_pairs_per_name_max = 64;
inline constexpr std::size_t sync_quarantine_bytes_max = 1048576;
/// When a quarantined pair is tried again: doubling from the first to the second (spec/anti-entropy.md 8.3).
inline constexpr std::int64_t sync_quarantine_retry_s_min = 60;
inline constexpr std::int64_t sync_quarantine_retry_s_max = 3600;
/// Pairs that one pass tries again: one pull.
inline constexpr std::size_t sync_quarantine_retries_per_pass = 256;
/// Listed pairs whose first miss is remembered: more cannot go to quarantine either.
inline constexpr std::size_t sync_misses_max = 4096;
/// A pair that another peer is giving us is waited for this long, then asked for here as well.
inline constexpr std::int64_t sync_in_flight_wait_ms = 5000;
/// The answer to a pull: what is allowed by names, at least, and for one name alone (spec/anti-entropy.md 11).
inline constexpr std::size_t sync_pull_bytes_per_name = 65536;
inline constexpr std::size_t sync_pull_bytes_min = 1048576;
inline constexpr std::size_t sync_pull_bytes_max = 41943040;
/// What is read of a digest answer: fixed part and octets a row; of any extended answer, which is written no longer
/// either (before compression); of a manifest answer (spec/anti-entropy.md 11, 15.1).
inline constexpr std::size_t sync_digest_bytes_fixed = 256;
inline constexpr std::size_t sync_digest_bytes_per_row = 512;
inline constexpr std::size_t sync_extended_bytes_max = 4194304;
inline constexpr std::size_t sync_manifest_bytes_max = 8192;
/// Manifests are asked for at most this often (spec/anti-entropy.md 9.5), and this many times less often of peers that
/// are asked for nothing else.
inline constexpr std::int64_t sync_gossip_ms_min = 10000;
inline constexpr std::int64_t sync_manifest_only_intervals = 10;
/// After 400, 404 or 501 from an extended path the peer is classic for this long (spec/anti-entropy.md 15.1).
inline constexpr std::int64_t sync_classic_fallback_ms = 60000;
/// Rows in a feed page that is waited for, and of one for a reader that is far behind; pairs of one get in flight at
/// once: four answers of 4 MiB a peer at most.
inline constexpr std::size_t sync_feed_rows = 2000;
inline constexpr std::size_t sync_feed_rows_behind = 8000;
inline constexpr std::size_t sync_gets_in_flight = 4;
/// Changes before the height of a peer that are listed after the comparison at a meeting: one page.
inline constexpr std::int64_t sync_feed_look_back = 2000;
/// The body of a get: what a peer reads, less than 256 KiB (spec/anti-entropy.md 15.1).
inline constexpr std::size_t sync_get_body_bytes_max = 260000;
/// A place in a change feed that moved over rows we held already is written this often: reading them again after a
/// restart costs little, a commit for each of our own records that comes back costs more.
inline constexpr std::int64_t sync_position_ms = 10000;
/// The longest that a feed request is held until there is news: below the idle limits of proxies
/// (spec/anti-entropy.md 15.2).
inline constexpr std::int64_t sync_feed_wait_ms_max = 25000;
/// All pairs are compared with an extended peer this often, spread by a fifth (spec/anti-entropy.md 15.4).
inline constexpr std::int64_t sync_reconcile_ms = 600000;
/// Local commits within this time are told to peers together (spec/anti-entropy.md 15.5).
inline constexpr std::int64_t sync_hint_gather_ms = 5;
/// A hint that was refused is sent once more after this: by then every node has read each peer for the first time.
inline constexpr std::int64_t sync_hint_repeat_ms = 1000;
/// Deletes of one peer that are honoured a minute with `DMP_SYNC_TOMBSTONES=peers` (spec/anti-entropy.md 15.6).
inline constexpr std::size_t sync_tombstones_per_minute = 100;
/// A warning about one peer for one reason comes at most this often (spec/anti-entropy.md 12).
inline constexpr std::int64_t sync_warning_ms = 60000;
// --- calls to peers -------------------------------------------------------------------------------------------------
/// Deadlines of a call (spec/anti-entropy.md 11): name and connection, first octet of the answer, all of it. The time
/// that the peer may hold the request comes on top of the last two.
inline constexpr int peer_connect_ms = 2000;
inline constexpr int peer_first_byte_ms = 5000;
inline constexpr int peer_call_ms = 30000;
/// An answer may be slow this long, then it has to come at this rate, counted from its first octet.
inline constexpr int peer_slow_ms = 5000;
inline constexpr std::int64_t peer_bytes_per_s_min = 16000;
/// Headers of an answer, in octets and in lines, those of interim answers too: curl alone would take 100 000 lines.
inline constexpr std::size_t peer_header_bytes_max = 32768;
inline constexpr std::size_t peer_header_lines_max = 100;
/// Open connections: to one peer a waiting feed, a pull and a hint at once with some air; to all peers that many for
/// each of 32. Calls beyond wait for one that ends.
inline constexpr long peer_connections_per_host_max = 8;
inline constexpr long peer_connections_max = 256;
/// How long the address of a peer's name is believed: a node that was moved is found again within the next rounds.
inline constexpr long peer_address_age_s = 10;
/// Connections kept open for the next call: two for each of 32 peers.
inline constexpr long peer_connections_kept = 64;
/// Time between two rounds with a peer; `DMP_SYNC_INTERVAL` (spec/anti-entropy.md 6.1).
inline constexpr std::int64_t sync_interval_ms_default = 10000;
/// Candidates that one thread verifies before it takes the next slice: long against the cost of handing them over,
/// short enough that all cores end together.
inline constexpr std::size_t verify_slice_records = 16;

// --- sync, the answering side ----------------------------------------------------------------------------------------
/// A body once the token matched: 256 names of the longest kind, or 1024 pairs (spec/anti-entropy.md 4, 15.1).
inline constexpr std::size_t sync_body_bytes_max = 262144;
/// Rows of a page when the reader does not say (spec/anti-entropy.md 3.1, 15.2).
inline constexpr std::size_t sync_digest_rows_default = 1000;
inline constexpr std::size_t sync_feed_rows_default = 2000;
/// Hints of one address a second that make us look; each costs a poll (spec/anti-entropy.md 15.5).
inline constexpr double sync_hints_per_s_max = 20;
/// Requests with a matching token, per address, as a multiple of the public rate and burst (spec/http-api.md 8).
inline constexpr double sync_rate_factor = 20;
/// Shorter answers are not worth compressing (spec/anti-entropy.md 15.1).
inline constexpr std::size_t gzip_bytes_min = 1024;

// --- configuration --------------------------------------------------------------------------------------------------
/// A configuration file: a few kilobytes in practice.
inline constexpr std::size_t config_file_bytes_max = 1048576;
/// A cluster file: a manifest is at most 1200 bytes; the JSON peer list is a little longer.
inline constexpr std::size_t cluster_file_bytes_max = 65536;
/// Orderly stop: in-flight requests may finish this long (spec/configuration.md 5.2).
inline constexpr int stop_ms = 4000;

// --- reconciliation -------------------------------------------------------------------------------------------------
/// Pairs with no more life than this are not compared: they would be over before they are fetched (spec/anti-entropy.md
/// 15.4).
inline constexpr std::int64_t reconcile_life_s_min = 30;

// --- tools ----------------------------------------------------------------------------------------------------------
/// A question of `dnsmesh-record`: the longest useful one signs 1024 chunk hashes in hex, about 70 kB.
inline constexpr std::size_t record_tool_line_bytes_max = 1048576;

}  // namespace dnsmesh::limits
