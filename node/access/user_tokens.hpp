// SPDX-License-Identifier: Apache-2.0
// What the holder of a user token may write (spec/http-api.md 5.3). The audit trail tells who wrote at names of one
// user, and never who wrote at a shared one.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "access/audit_log.hpp"
#include "access/rate_limiter.hpp"
#include "base/clock.hpp"
#include "store/token_file.hpp"

namespace dnsmesh::access {

/// A user's request that is within the scope of the token, to be charged and noted.
struct TokenUse {
  std::string hash;
  std::string subject;
  std::string address;
  Rate rate;
  bool is_shared = false;  // a name that all users share
};

enum class TokenVerdict : std::uint8_t { allowed, unauthorised, unavailable };

struct TokenDecision {
  TokenVerdict verdict = TokenVerdict::unauthorised;
  TokenUse use;  // when allowed
};

/// What became of a request with something in the place of a user token. No value names anybody.
enum class TokenEvent : std::uint8_t {
  allowed,
  throttled,      // was allowed, but the token's bucket was empty
  malformed,      // the text cannot be a token
  unknown,        // no such token
  over,           // expired or revoked
  reserved,       // the name is the operator's
  no_name,        // the name is none that a record of users may have
  not_owner,      // the name is another user's
  shared_delete,  // nobody deletes at a shared name
  unavailable,    // the file cannot be read
};
inline constexpr std::size_t k_token_event_count = 10;

/// As a label of metrics.
std::string_view token_event_name(TokenEvent event);

/// Any thread. All references must outlive it.
class UserTokens {
 public:
  UserTokens(const store::TokenFile& file, AuditLog& audit, const Clock& clock);

  /// Looks the token up in the file, each time, so that a revocation counts at once. A refusal is in the audit trail,
  /// unless the text cannot be a token. Unavailable: the file cannot be read. Charges nothing.
  TokenDecision decide(std::string_view token, std::string_view address, bool is_delete, std::string_view owner_name);

  /// Takes one unit of the token's bucket; false, and in the audit trail, when it is empty.
  bool spend(const TokenUse& use);

  /// The write has succeeded.
  void note_used(const TokenUse& use);

  /// Requests since the start.
  std::uint64_t count(TokenEvent event) const;

 private:
  TokenDecision refuse(TokenEvent why, std::string_view address, std::string detail,
                       const store::TokenRow* known = nullptr);
  void tally(TokenEvent event);
  void note(std::string event, const TokenUse& use);

  const store::TokenFile& file_;
  AuditLog& audit_;
  const Clock& clock_;
  RateLimiter by_token_;
  std::array<std::atomic<std::uint64_t>, k_token_event_count> counts_{};
};

}  // namespace dnsmesh::access
