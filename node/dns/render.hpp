// SPDX-License-Identifier: Apache-2.0
// A plan -> octets: sections, OPT, header bits, truncation (spec/dns.md 5, 6 and 10).
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "dns/cookie.hpp"
#include "dns/edns.hpp"
#include "dns/message.hpp"
#include "dns/resolve.hpp"
#include "dns/zone.hpp"

namespace dnsmesh::dns {

/// What an answer depends on beside question and plan.
struct RenderInput {
  const Zone& zone;
  std::int64_t now_s;
  std::uint32_t soa_serial;
  std::uint64_t rotation;  // which of the live values comes first
  Transport transport;
  std::optional<ByteArray<k_cookie_octets>> cookie;  // to be sent
  std::optional<std::uint16_t> keepalive_100ms;      // to be sent when asked for (RFC 7828)
  std::size_t kept_octets = 0;                       // room behind the answer, for a signature
};

struct Rendered {
  std::size_t octets = 0;
  Rcode rcode = Rcode::noerror;  // SERVFAIL when the answer fits no TCP message
  bool is_truncated = false;
};

/// The size of an answer that transport and EDNS allow.
std::size_t answer_limit(const Message& query, const RenderInput& input);

/// What the OPT RR of the answer to `query` holds, which has one.
OptPlan opt_for(const Message& query, const Plan& plan, const RenderInput& input);

/// Writes the answer to `query` into `out`, within its limit less the kept octets. Precondition: header, question and
/// OPT fit there; without kept octets they always do.
Rendered render(const Message& query, const Plan& plan, const RenderInput& input, std::span<char> out);

}  // namespace dnsmesh::dns
