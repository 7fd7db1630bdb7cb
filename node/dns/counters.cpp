// SPDX-License-Identifier: Apache-2.0
#include "dns/counters.hpp"

namespace dnsmesh::dns {
namespace {

constexpr std::array<std::string_view, k_outcome_count> k_names = {
    "noerror",  "formerr",  "servfail", "nxdomain",   "notimp",    "refused",   "yxdomain",      "yxrrset",
    "nxrrset",  "notauth",  "notzone",  "badvers",    "badcookie", "malformed", "rate_limited",  "tsig_failed",
    "short",    "response", "unsent",   "connection", "truncated", "slipped",   "receive_calls", "send_calls",
    "replayed", "badsig",   "badkey",   "badtime",    "badtrunc",
};

}  // namespace

std::string_view outcome_name(Outcome outcome) { return k_names[static_cast<std::size_t>(outcome)]; }

Outcome outcome_of(Rcode rcode) {
  if (rcode == Rcode::badvers) return Outcome::badvers;
  if (rcode == Rcode::badcookie) return Outcome::badcookie;
  return static_cast<Outcome>(static_cast<std::uint16_t>(rcode));
}

CounterTotals sum(std::span<const Counters* const> counters) {
  CounterTotals totals{};
  for (const Counters* block : counters) {
    for (std::size_t i = 0; i < totals.size(); ++i) totals[i] += block->get(static_cast<Outcome>(i));
  }
  return totals;
}

CounterTotals sum(const CounterTotals& a, const CounterTotals& b) {
  CounterTotals totals = a;
  for (std::size_t i = 0; i < totals.size(); ++i) totals[i] += b[i];
  return totals;
}

}  // namespace dnsmesh::dns
