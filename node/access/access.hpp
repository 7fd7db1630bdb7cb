// SPDX-License-Identifier: Apache-2.0
// Who may do what: the one decision that every door asks for (spec/http-api.md 4.0, spec/dns-update.md 4).
#pragma once

#include <algorithm>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "access/auth_mode.hpp"
#include "access/key_ring.hpp"
#include "access/rate_limiter.hpp"
#include "access/user_tokens.hpp"
#include "base/clock.hpp"
#include "base/lock_guarded.hpp"
#include "base/update_limits.hpp"

namespace dnsmesh::access {

/// What an operator sets; may be replaced while the node runs.
struct Policy {
  AuthMode mode = AuthMode::open;
  std::string operator_token;  // empty: none configured
  Rate rate;                   // of requests, by client address
};

/// The one who asks, as a door saw it. A kind of credential is a field; a door leaves empty what it does not know.
struct Requester {
  std::string_view address{};        // numeric, of the connection
  std::string_view authorization{};  // the HTTP header's value
  std::string_view tsig_key{};       // name of the key that signed, which is verified; folded
};

enum class Operation { read, publish, remove };

enum class Verdict { allowed, unauthorised, throttled, unavailable };

struct Decision {
  Verdict verdict = Verdict::unauthorised;
  /// The writer could also have deleted the pair, so a republish may shorten its life (spec/http-api.md 7.2).
  bool may_shorten_life = false;
  std::optional<TokenUse> token;  // by which user token it is allowed
};

/// Any thread. `clock`, `tokens` and `keys` must outlive it.
class Access {
 public:
  /// Without `tokens` there are no users in multi-tenant mode, only the operator; without `keys` nobody who signs.
  Access(Policy policy, const Clock& clock, UserTokens* tokens = nullptr, const KeyRing* keys = nullptr,
         Rate per_key = {limits::dns_update_rate_per_key_per_s, limits::dns_update_burst_per_key});

  /// May `who` do this at the owner name? Charges the address first, so guessing a token is as slow as using one. A
  /// user token is charged by spend(). Who signed is judged by the scope of the key alone, in every mode, as it is now:
  /// it may have been revoked since its signature was checked. That charges nothing: see allows_key().
  Decision decide(const Requester& who, Operation operation, std::string_view owner_name);

  /// Takes one unit of the bucket of the decision's user token, if it has one; false when it is empty. Asked when the
  /// request is known to be well-formed.
  bool spend(const Decision& decision);

  /// The write that was allowed is done.
  void note_used(const Decision& decision);

  /// Takes one unit of the address's bucket, for doors that decide by other means; false when it is empty.
  bool allows_request(std::string_view address);

  /// Takes a unit of the key's bucket for each operation of a message that it signed, and at least one; false when it
  /// is empty.
  bool allows_key(std::string_view tsig_key, std::size_t operations) {
    return by_key_.allow_units(tsig_key, static_cast<double>(std::max<std::size_t>(operations, 1)));
  }

  /// May the bearer see what is meant for the operator alone? Everybody may when no operator token is configured
  /// (spec/http-api.md 3.3). Charges nothing.
  bool allows_operator(std::string_view authorization) const;

  /// Does the request carry the operator's token? Nobody's does when none is configured. Charges nothing.
  bool is_operator(std::string_view authorization) const;

  /// For requests in flight the old policy counts, for later ones the new.
  void set_policy(Policy policy);

 private:
  Decision decide_for_user(const Requester& who, Operation operation, std::string_view owner_name);
  Decision decide_for_key(std::string_view tsig_key, Operation operation, std::string_view owner_name) const;

  const Clock& clock_;
  UserTokens* const tokens_;
  const KeyRing* const keys_;
  RateLimiter by_address_;
  RateLimiter by_key_;
  LockGuarded<std::shared_ptr<const Policy>> policy_;
};

/// True when the header is exactly `Bearer `, then the token. False for an empty token: none is configured.
bool is_bearer(std::string_view authorization, std::string_view token);

}  // namespace dnsmesh::access
