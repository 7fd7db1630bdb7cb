// SPDX-License-Identifier: Apache-2.0
// `token`, `audit` and `deny`: what an operator does to the token file, also while the node runs
// (spec/registration.md 8).
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/clock.hpp"
#include "base/random.hpp"
#include "dnsmesh-node-admin/command_end.hpp"
#include "store/token_file.hpp"

namespace dnsmesh::node_admin {

/// Texts as they were given; the commands check them before they change anything.
struct TokenRequest {
  std::string subject;
  std::string expires;  // a duration; empty: never
  double rate_per_s = 10;
  std::int64_t burst = 50;
  std::string note;
  std::string prekey;  // hex of an X25519 key; empty: none
  bool json = false;
};

/// What a command works with.
struct TokenDesk {
  store::TokenFile& file;
  std::string user;  // who runs the program, for the record of who issued
  const Clock& clock;
  Random& random;
};

CommandEnd issue_token(TokenDesk& desk, const TokenRequest& request);
/// `subject`, when given, is a filter; an invalid one lists nothing.
CommandEnd list_tokens(TokenDesk& desk, const std::optional<std::string>& subject, bool include_revoked, bool json);
/// `target`: a subject, else at least eight first digits of a token's hash.
CommandEnd revoke_token(TokenDesk& desk, const std::string& target);
CommandEnd rotate_token(TokenDesk& desk, const TokenRequest& request);

CommandEnd show_audit(TokenDesk& desk, const std::optional<std::string>& event, std::int64_t rows_max, bool json);
CommandEnd prune_audit(TokenDesk& desk, const std::string& older_than);

/// `target`: a subject, or an Ed25519 key in hex.
CommandEnd deny(TokenDesk& desk, const std::string& target);
CommandEnd allow(TokenDesk& desk, const std::string& target);
CommandEnd list_denied(TokenDesk& desk);

}  // namespace dnsmesh::node_admin
