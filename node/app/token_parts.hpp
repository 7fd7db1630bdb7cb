// SPDX-License-Identifier: Apache-2.0
// The file of user tokens and what stands on it: the audit trail and the decision.
#pragma once

#include <memory>
#include <string>

#include "access/audit_log.hpp"
#include "access/user_tokens.hpp"
#include "base/clock.hpp"
#include "base/error.hpp"
#include "store/token_file.hpp"

namespace dnsmesh::app {

/// In the order of construction. What waits for the audit trail is written when it goes.
class TokenParts {
 public:
  /// Errors: those of store::TokenFile::open. `clock` must outlive it.
  static Result<std::unique_ptr<TokenParts>> open(const std::string& path, std::int64_t audit_retention_days,
                                                  const Clock& clock);

  store::TokenFile& file() { return *file_; }
  access::AuditLog& audit() { return audit_; }
  access::UserTokens& users() { return users_; }

 private:
  TokenParts(std::unique_ptr<store::TokenFile> file, std::int64_t audit_retention_days, const Clock& clock);

  std::unique_ptr<store::TokenFile> file_;
  access::AuditLog audit_;
  access::UserTokens users_;
};

}  // namespace dnsmesh::app
