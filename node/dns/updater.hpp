// SPDX-License-Identifier: Apache-2.0
// UPDATE as a whole: message octets in, one batch of the store, an rcode out (spec/dns-update.md 2, 6, 7).
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/lock_guarded.hpp"
#include "dns/claim_gate.hpp"
#include "dns/update_plan.hpp"
#include "store/offer_judge.hpp"
#include "store/record_store.hpp"

namespace dnsmesh::dns {

/// The caps of every door (DMP_MAX_VALUE_BYTES, DMP_MAX_TTL, DMP_MAX_VALUES_PER_NAME); 0 or less: no cap.
struct UpdateLimits {
  std::int64_t value_bytes_max = limits::value_bytes_max_default;
  std::int64_t ttl_s_max = limits::ttl_s_max_default;
  std::int64_t values_per_name_max = limits::values_per_name_max_default;
};

/// What became of a message: for its answer, the counters and the log.
struct UpdateResult {
  Rcode rcode = Rcode::noerror;
  std::size_t adds = 0;
  std::size_t deletes = 0;
  std::string recipient;          // of the first claim, when there is one
  bool has_foreign_text = false;  // an applied value is not ASCII
};

class Updater {
 public:
  /// All references outlive it.
  Updater(const Zone& zone, store::RecordStore& store, store::OfferJudge judge, const Clock& clock,
          const ClaimSettings& claims, IsRegistered is_registered, const UpdateLimits& limits);

  /// Decides and, when all is well, commits and waits: nothing of the message is visible unless all of it is. One
  /// thread, not the store's writer: prerequisites hold at the commit because every UPDATE passes here.
  UpdateResult apply(std::string_view message, const ClientAddress& client);

  /// Any thread.
  void set_limits(const UpdateLimits& limits) {
    limits_.with([&](UpdateLimits& current) { current = limits; });
  }
  /// Counts a row that was there at start. Before the first apply().
  void load(const store::Record& record) {
    if (claims_) claims_->load(record);
  }

 private:
  Rcode decide(const UpdateMessage& message, const ClientAddress& client, UpdateResult& result);
  Rcode commit(const std::vector<UpdateOperation>& operations);

  const Zone& zone_;
  store::RecordStore& store_;
  const store::OfferJudge judge_;
  LockGuarded<UpdateLimits> limits_;
  std::optional<ClaimGate> claims_;  // with a zone only
};

}  // namespace dnsmesh::dns
