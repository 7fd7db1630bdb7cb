// SPDX-License-Identifier: Apache-2.0
// The bounds of registration, each with its reason; all others are in base/limits.hpp.
#pragma once

#include <cstddef>
#include <cstdint>

namespace dnsmesh::limits {

/// The local part of a subject (RFC 5321 4.5.3.1.1); its domain has the length of a name.
inline constexpr std::size_t subject_local_bytes_max = 64;
/// What of a refused subject is shown to who sent it (spec/registration.md 4).
inline constexpr std::size_t subject_shown_bytes_max = 128;
/// How long a challenge can be used, and how many wait; about 300 bytes each (spec/registration.md 3).
inline constexpr std::int64_t challenge_life_s = 60;
inline constexpr std::size_t challenges_pending_max = 10000;
/// Pages of the token file that look-ups keep: all of 50 000 users.
inline constexpr int token_cache_kib = 16384;
/// How long tokens and keys live: 90 days, so that what is lost ends by itself; `DMP_REGISTRATION_TOKEN_TTL_SECONDS`.
inline constexpr std::int64_t registration_life_s_default = 7776000;
/// Registration requests of one address: a registration costs two (spec/registration.md 2).
inline constexpr double registration_rate_per_s_default = 5.0 / 3600;
inline constexpr double registration_burst_default = 5;

}  // namespace dnsmesh::limits
