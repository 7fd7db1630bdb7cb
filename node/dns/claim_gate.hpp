// SPDX-License-Identifier: Apache-2.0
// Who may write without a key: the senders of claims, pointers of a first contact (spec/dns-update.md 7).
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "access/rate_limiter.hpp"
#include "base/clock.hpp"
#include "base/limits.hpp"
#include "base/update_limits.hpp"
#include "dns/client_address.hpp"
#include "dns/update_plan.hpp"
#include "dns/wire.hpp"
#include "store/batch.hpp"
#include "store/record_store.hpp"

namespace dnsmesh::dns {

struct ClaimSettings {
  bool for_everybody = true;    // DMP_CLAIM_PROVIDER
  bool for_registered = false;  // DMP_RECEIVER_CLAIM_NOTIFICATIONS; checked only when not for everybody
  std::int64_t ttl_s_max = limits::ttl_s_max_default;  // 0 or less: no bound
  access::Rate per_recipient{limits::claim_rate_per_s_default, limits::claim_rate_burst_default};
};

/// Whether a recipient, 12 hex digits, is registered at this node.
using IsRegistered = std::function<bool(std::string_view recipient)>;

/// The recipient of a claim's owner name, or an empty text when the name is none: `claim-<0 to 9>.mb-<12 hex>` right
/// below the zone. Both on the wire, folded.
std::string_view claim_recipient(std::string_view owner_wire, std::string_view zone_wire);

/// One thread at a time: it counts the claims that it let in.
class ClaimGate {
 public:
  /// Zone and clock outlive the gate. Precondition: there is a zone.
  ClaimGate(ClaimSettings settings, const Zone& zone, const Clock& clock, IsRegistered is_registered);

  /// Judges the operations of one unsigned UPDATE in order and sets the lives that they get. REFUSED is final, SERVFAIL
  /// means "later". What it spent of the rates is not given back.
  Rcode admit(std::vector<UpdateOperation>& operations, const ClientAddress& client);

  /// The deletes that keep each sender within limits::claims_per_sender_max at a recipient once the admitted operations
  /// are stored: its oldest go. Error: that of the store.
  Result<std::vector<store::Delete>> evictions(const std::vector<UpdateOperation>& admitted,
                                               const store::RecordStore& store) const;

  /// Counts a claim that was there at start; others are passed over.
  void load(const store::Record& record);
  /// Counts operations that are now stored, and those that made room.
  void stored(const std::vector<UpdateOperation>& admitted, const std::vector<store::Delete>& evicted);

 private:
  Rcode admit_one(UpdateOperation& operation, std::string_view prefix, std::int64_t now_s);
  bool has_room(const std::vector<UpdateOperation>& operations, std::int64_t now_s);

  const ClaimSettings settings_;
  const Zone& zone_;
  const Clock& clock_;
  const IsRegistered is_registered_;
  access::RateLimiter recipients_;
  access::RateLimiter sources_;
  std::unordered_map<std::string, std::int64_t> live_;  // name and value hashed -> expiry
  std::int64_t swept_s_ = 0;
};

}  // namespace dnsmesh::dns
