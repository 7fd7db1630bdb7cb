// SPDX-License-Identifier: Apache-2.0
// Challenges of the registration ceremony that wait to be used (spec/registration.md 3). In memory: a restart forgets
// them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <list>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/bytes.hpp"
#include "base/clock.hpp"
#include "base/lock_guarded.hpp"
#include "base/random.hpp"
#include "base/registration_limits.hpp"

namespace dnsmesh::access {

struct Challenge {
  ByteArray<32> nonce{};
  ByteArray<32> x25519_private{};  // made for this challenge alone
  std::string node;                // as the operator names this node; part of what is signed
  std::int64_t expires_s = 0;      // Unix time; it can be used before that
};

/// Issuing and taking cost the same however many wait. Any thread; `clock` and `random` must outlive it.
class Challenges {
 public:
  Challenges(const Clock& clock, Random& random) : clock_(clock), random_(random) {}

  /// A fresh one. Nothing while limits::challenges_pending_max wait: dropping others would let a flood cancel their
  /// registrations.
  std::optional<Challenge> issue(std::string_view node);

  /// Removes and gives the one of this nonce, in lower-case hex as it was issued. Nothing when there is none, when it
  /// was taken before, or when its time is over.
  std::optional<Challenge> take(std::string_view nonce_hex);

  std::size_t pending() const;

 private:
  struct Entry {
    std::string nonce_hex;
    std::int64_t expires_ms = 0;  // monotonic: a step of the wall clock neither ends nor prolongs it
    Challenge challenge;
  };
  /// All lifetimes are equal, so the order of issue is the order of expiry.
  struct Pending {
    std::list<Entry> by_expiry;
    std::unordered_map<std::string_view, std::list<Entry>::iterator> by_nonce;  // keys are those of the entries
  };
  static void drop_expired(Pending& pending, std::int64_t now_ms);

  const Clock& clock_;
  Random& random_;
  LockGuarded<Pending> pending_;
};

}  // namespace dnsmesh::access
