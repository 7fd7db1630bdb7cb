// SPDX-License-Identifier: Apache-2.0
// UPDATE as a whole: message octets in, one batch of the store, an rcode out (spec/dns-update.md 2 to 7). Whoever
// drives it waits for the store; nothing here does.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "access/access.hpp"
#include "access/key_ring.hpp"
#include "base/lock_guarded.hpp"
#include "base/update_limits.hpp"
#include "dns/claim_gate.hpp"
#include "dns/known_types.hpp"
#include "dns/replay_memory.hpp"
#include "dns/signature.hpp"
#include "dns/update_message.hpp"
#include "dns/update_plan.hpp"
#include "store/offer_judge.hpp"
#include "store/record_store.hpp"

namespace dnsmesh::dns {

/// The caps of every door (DMP_MAX_VALUE_BYTES, DMP_MAX_TTL, DMP_MAX_VALUES_PER_NAME); 0 or less: no cap.
struct UpdateLimits {
  std::int64_t value_bytes_max = limits::value_bytes_max_default;
  std::int64_t ttl_s_max = limits::ttl_s_max_default;
  std::int64_t values_per_name_max = limits::values_per_name_max_default;
  /// How long a delete of a value that is not there keeps peers from bringing it (spec/anti-entropy.md 15.6); 0: not.
  std::int64_t absent_tombstone_s = 0;
};

/// What does not change while the node runs.
struct UpdateRules {
  ClaimSettings claims = {};
  IsRegistered is_registered = [](std::string_view) { return false; };
  KnownTypes known_types = {};
};

/// What became of a message: for its answer, the counters and the log.
struct UpdateResult {
  Rcode rcode = Rcode::noerror;
  std::size_t adds = 0;
  std::size_t deletes = 0;
  std::string recipient;          // of the first claim, when there is one
  bool has_foreign_text = false;  // an applied value is not ASCII
  bool is_replay = false;         // it was answered before, and was not applied again
  bool was_committed = false;     // the store had it, whatever it said
};

/// An UPDATE on its way from its octets to its answer. It stays where it is: parts of it borrow from the message.
struct Update {
  Update(std::string the_message, const ClientAddress& the_client)
      : message(std::move(the_message)), client(the_client) {}
  Update(const Update&) = delete;
  Update& operator=(const Update&) = delete;

  const std::string message;
  const ClientAddress client;
  // Filled by the updater.
  enum class Stage : std::uint8_t { arrived, read, judged };
  Stage stage = Stage::arrived;
  Signature signature;
  std::optional<UpdateMessage> parsed;
  std::vector<UpdateOperation> operations;
  std::vector<store::Delete> evicted;  // claims that make room
  bool is_remembered = false;          // among the signed requests that may come again
  store::Batch batch;
  UpdateResult result;
};

/// One thread, but for set_limits().
class Updater {
 public:
  /// All references outlive it.
  Updater(const Zone& zone, store::RecordStore& store, store::OfferJudge judge, const Clock& clock,
          const access::KeyRing& keys, access::Access& access, UpdateRules rules, const UpdateLimits& limits);

  enum class Step : std::uint8_t {
    wait,    // call again, first of those that wait, when all commits of this updater are finished
    commit,  // update.batch is to be committed behind those of earlier messages, then finish() called
    answer,  // update.result.rcode is final
  };
  /// Takes the next step. `is_quiet`: no commit of this updater is under way, so what the store says of prerequisites
  /// and of claims still holds when the batch is behind it.
  Step step(Update& update, bool is_quiet);

  /// The batch is durable, or was not taken: update.result.rcode is final.
  void finish(Update& update, const Result<store::Receipt>& receipt);

  store::RecordStore& store() { return store_; }

  /// Any thread.
  void set_limits(const UpdateLimits& limits) {
    limits_.with([&](UpdateLimits& current) { current = limits; });
  }
  /// Counts a row that was there at start. Before the first step().
  void load(const store::Record& record) {
    if (claims_) claims_->load(record);
  }

 private:
  Step end(Update& update, Rcode rcode);
  Step repeat(Update& update, const ReplayLook& look);
  Rcode read(Update& update) const;
  Rcode judge(Update& update);
  Rcode admit_signer(Update& update);
  Rcode judge_adds(Update& update) const;
  Rcode prepare(Update& update);
  UpdateLimits limits() const {
    return limits_.with([](const UpdateLimits& current) { return current; });
  }

  const Zone& zone_;
  store::RecordStore& store_;
  const store::OfferJudge judge_;
  const Clock& clock_;
  const access::KeyRing& keys_;
  access::Access& access_;
  const KnownTypes known_types_;
  LockGuarded<UpdateLimits> limits_;
  std::optional<ClaimGate> claims_;  // with a zone only
  ReplayMemory replays_;
};

}  // namespace dnsmesh::dns
