// SPDX-License-Identifier: Apache-2.0
// Who may do what: the one decision that every door asks for (spec/http-api.md 4.0).
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "access/auth_mode.hpp"
#include "access/rate_limiter.hpp"
#include "access/user_tokens.hpp"
#include "base/clock.hpp"
#include "base/lock_guarded.hpp"

namespace dnsmesh::access {

/// What an operator sets; may be replaced while the node runs.
struct Policy {
  AuthMode mode = AuthMode::open;
  std::string operator_token;  // empty: none configured
  Rate rate;                   // of requests, by client address
};

/// The one who asks, as a door saw it. A kind of credential is a field; a door leaves empty what it does not know.
struct Requester {
  std::string_view address;        // numeric, of the connection
  std::string_view authorization;  // the HTTP header's value
};

enum class Operation { read, publish, remove };

enum class Verdict { allowed, unauthorised, throttled, unavailable };

struct Decision {
  Verdict verdict = Verdict::unauthorised;
  /// The writer could also have deleted the pair, so a republish may shorten its life (spec/http-api.md 7.2).
  bool may_shorten_life = false;
  std::optional<TokenUse> token;  // by which user token it is allowed
};

/// Any thread. `clock` and `tokens` must outlive it.
class Access {
 public:
  /// Without `tokens` there are no users in multi-tenant mode, only the operator.
  Access(Policy policy, const Clock& clock, UserTokens* tokens = nullptr);

  /// May `who` do this at the owner name? Charges the address first, so guessing a token is as slow as using one. A
  /// user token is charged by spend().
  Decision decide(const Requester& who, Operation operation, std::string_view owner_name);

  /// Takes one unit of the bucket of the decision's user token, if it has one; false when it is empty. Asked when the
  /// request is known to be well-formed.
  bool spend(const Decision& decision);

  /// The write that was allowed is done.
  void note_used(const Decision& decision);

  /// Takes one unit of the address's bucket, for doors that decide by other means; false when it is empty.
  bool allows_request(std::string_view address);

  /// May the bearer see what is meant for the operator alone? Everybody may when no operator token is configured
  /// (spec/http-api.md 3.3). Charges nothing.
  bool allows_operator(std::string_view authorization) const;

  /// Does the request carry the operator's token? Nobody's does when none is configured. Charges nothing.
  bool is_operator(std::string_view authorization) const;

  /// For requests in flight the old policy counts, for later ones the new.
  void set_policy(Policy policy);

 private:
  Decision decide_for_user(const Requester& who, Operation operation, std::string_view owner_name);

  UserTokens* const tokens_;
  RateLimiter by_address_;
  LockGuarded<std::shared_ptr<const Policy>> policy_;
};

/// True when the header is exactly `Bearer `, then the token. False for an empty token: none is configured.
bool is_bearer(std::string_view authorization, std::string_view token);

}  // namespace dnsmesh::access
