// SPDX-License-Identifier: Apache-2.0
// What the DNS engine counts (spec/dns.md 11): one block a thread, written by that thread, summed by whoever asks.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "dns/wire.hpp"

namespace dnsmesh::dns {

/// The first eleven are the basic rcodes in their order.
enum class Outcome : std::uint8_t {
  noerror,
  formerr,
  servfail,
  nxdomain,
  notimp,
  refused,
  yxdomain,
  yxrrset,
  nxrrset,
  notauth,
  notzone,
  badvers,
  badcookie,
  malformed,
  rate_limited,
  tsig_failed,
  // sent nothing; not part of the outcome metric
  dropped_short,       // fewer than 12 octets
  dropped_response,    // QR=1
  dropped_unsent,      // the system would not take the answer
  dropped_connection,  // a TCP connection that was closed at once, since there were too many
  // beside an outcome
  truncated,      // whole answers that did not fit
  slipped,        // of rate_limited: those told to come over TCP
  receive_calls,  // to the system, for a batch of datagrams each
  send_calls,
  replayed,  // signed UPDATEs that were answered before and were not applied again
  badsig,    // of tsig_failed, by TSIG error
  badkey,
  badtime,
  badtrunc,
  count_
};
inline constexpr std::size_t k_outcome_count = static_cast<std::size_t>(Outcome::count_);

/// The label value of metrics: `noerror`, `rate_limited`, ...
std::string_view outcome_name(Outcome outcome);

/// The outcome that an answer with this rcode counts under.
Outcome outcome_of(Rcode rcode);

using CounterTotals = std::array<std::uint64_t, k_outcome_count>;

class Counters {
 public:
  /// The owning thread only: a load and a store cost less than a locked addition.
  void add(Outcome outcome) {
    std::atomic<std::uint64_t>& value = values_[static_cast<std::size_t>(outcome)];
    value.store(value.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
  }
  /// Any thread.
  std::uint64_t get(Outcome outcome) const {
    return values_[static_cast<std::size_t>(outcome)].load(std::memory_order_relaxed);
  }

 private:
  std::array<std::atomic<std::uint64_t>, k_outcome_count> values_{};
};

/// The sum over threads; any thread.
CounterTotals sum(std::span<const Counters* const> counters);
CounterTotals sum(const CounterTotals& a, const CounterTotals& b);

}  // namespace dnsmesh::dns
