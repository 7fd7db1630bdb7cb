// SPDX-License-Identifier: Apache-2.0
// The bounds of DNS UPDATE, each with its reason; all others are in base/limits.hpp.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace dnsmesh::limits {

/// TTL of an UPDATE's add that names none a resolver could take (spec/dns-update.md 6).
inline constexpr std::int64_t dns_update_ttl_s_default = 60;
/// UPDATEs that wait for the update thread, over both transports: a second's work on a slow disk, at most 65 535 octets
/// each. Above it senders hear "later".
inline constexpr std::size_t dns_updates_waiting_max = 512;
/// UPDATEs of one TCP connection that wait for their answers; it is read on when there are fewer.
inline constexpr std::size_t dns_tcp_updates_waiting_max = 16;
/// Of those, the ones without a signature, at most: strangers shall not keep out who holds a key.
inline constexpr std::size_t dns_updates_unsigned_waiting_max = dns_updates_waiting_max / 2;
/// UPDATEs whose commits may be under way at once: on a disk that takes 5 ms for an fsync some 50 000 a second.
inline constexpr std::size_t dns_updates_in_flight_max = 256;
/// No more is begun while so many operations are under way; each is an owner name (1 kB at most in text) and its part
/// of a message of 65 535 octets.
inline constexpr std::size_t dns_update_operations_in_flight_max = 16384;
/// RRs in the update section of a message, and its prerequisites, each of which reads the store. Existing clients send
/// one operation and no prerequisite; an RRset has 64 values by default.
inline constexpr std::size_t dns_update_operations_max = 1000;
inline constexpr std::size_t dns_update_prerequisites_max = 64;
/// Operations by UPDATE of one key (spec/dns-update.md 9): a client sends one for each record, and a message of a few
/// MB has hundreds of chunks.
inline constexpr double dns_update_rate_per_key_per_s = 50;
inline constexpr double dns_update_burst_per_key = 500;
/// A line about the claims of one recipient at most this often, and recipients whose last line is remembered.
inline constexpr std::int64_t claim_log_ms = 60000;
inline constexpr std::size_t claim_log_recipients_max = 4096;
/// Claims to one recipient; `DMP_CLAIM_RATE_PER_USER_PER_SEC`, `DMP_CLAIM_RATE_BURST` (spec/dns-update.md 7).
inline constexpr double claim_rate_per_s_default = 0.5;
inline constexpr double claim_rate_burst_default = 30;
/// Claims of one network, before their signatures are checked (spec/dns-update.md 7).
inline constexpr double claim_source_rate_per_s = 5;
inline constexpr double claim_source_burst = 50;
/// Claims taken without a key that may be live, about 100 bytes of memory each beside the row, and those of one sender
/// at one recipient: ten slots of 64 values shall not be one sender's (spec/dns-update.md 7).
inline constexpr std::size_t claims_max = 200000;
inline constexpr std::size_t claims_per_sender_max = 16;

/// How soon a key that the admin program revoked is refused (spec/dns-update.md 5).
inline constexpr std::chrono::milliseconds tsig_refresh_interval{1000};

}  // namespace dnsmesh::limits
