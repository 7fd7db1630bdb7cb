// SPDX-License-Identifier: Apache-2.0
// The OPT RR (RFC 6891): what a request asks for by it, and the one of an answer.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "base/bytes.hpp"
#include "base/limits.hpp"
#include "dns/cookie.hpp"
#include "dns/wire.hpp"
#include "dns/writer.hpp"

namespace dnsmesh::dns {

/// What the OPT RR asked for (RFC 6891 6.1). Options that are not here are ignored.
struct Edns {
  std::uint16_t payload_octets = 0;
  std::uint8_t version = 0;
  bool dnssec_ok = false;
  bool wants_nsid = false;
  bool wants_keepalive = false;
  std::string_view cookie;  // of the first COOKIE option; empty: none. Borrowed from the message

  std::string_view client_cookie() const { return cookie.substr(0, k_client_cookie_octets); }
};

/// Reads the options in the RDATA of an OPT RR. False when they are cut, or a cookie has no length that cookies have
/// (RFC 7873 5.2.2).
bool read_edns_options(std::string_view rdata, Edns& edns);

/// What the OPT RR of an answer holds: known before the sections are written, so that room is kept for it.
struct OptPlan {
  std::string_view nsid;  // empty: none
  std::optional<ByteArray<k_cookie_octets>> cookie;
  std::optional<std::uint16_t> keepalive_100ms;  // RFC 7828 3.1
  std::optional<std::uint16_t> extended_error;   // RFC 8914 2

  std::size_t octets() const;
};

/// OPT without options (RFC 6891 6.1.2).
inline constexpr std::size_t k_opt_octets_min = 11;
/// OPT with every option; a message keeps this much free at most.
inline constexpr std::size_t k_opt_octets_max =
    k_opt_octets_min + (4 + limits::dns_identity_bytes_max) + (4 + k_cookie_octets) + (4 + 2) + (4 + 2);

void write_opt(WireWriter& writer, const OptPlan& opt, const Edns& request, Rcode rcode);

}  // namespace dnsmesh::dns
