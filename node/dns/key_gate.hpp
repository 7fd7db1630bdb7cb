// SPDX-License-Identifier: Apache-2.0
// Who may write with a key: how often, and which names (spec/dns-update.md 4 and 9).
#pragma once

#include <vector>

#include "access/key_ring.hpp"
#include "access/rate_limiter.hpp"
#include "base/clock.hpp"
#include "base/update_limits.hpp"
#include "dns/tsig.hpp"
#include "dns/update_plan.hpp"

namespace dnsmesh::dns {

/// Any thread.
class KeyGate {
 public:
  /// Keys and clock outlive the gate.
  KeyGate(const access::KeyRing& keys, const Clock& clock,
          access::Rate per_key = {limits::dns_update_rate_per_key_per_s, limits::dns_update_burst_per_key})
      : keys_(keys), clock_(clock), rates_(per_key, clock) {}

  /// SERVFAIL when the key sent too much lately; REFUSED when it is gone by now or does not cover an operation. Says of
  /// each add whether it may shorten a life.
  Rcode admit(const TsigContext& signer, std::vector<UpdateOperation>& operations);

 private:
  const access::KeyRing& keys_;
  const Clock& clock_;
  access::RateLimiter rates_;
};

}  // namespace dnsmesh::dns
