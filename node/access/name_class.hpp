// SPDX-License-Identifier: Apache-2.0
// Which user tokens, if any, may write at a name (spec/http-api.md 5.1).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace dnsmesh::access {

enum class NameClass : std::uint8_t {
  owner,          // of one user: who that is says `OwnerRule`
  shared,         // mailboxes and chunks: every user may add, none may delete
  operator_only,  // everything else
  unknown,        // no name that a user's record could have
};

/// By what the owner of a name is known.
enum class OwnerRule : std::uint8_t {
  none,
  subject,         // the token's subject is `<user>@<domain>`
  id16,            // the first 16 hex digits of SHA-256 of the subject's user, and its domain
  prekeys,         // the first 12, and its domain
  subject_hash12,  // the hash that the token carries
};

struct ClassifiedName {
  NameClass name_class = NameClass::unknown;
  OwnerRule rule = OwnerRule::none;
  std::string user;
  std::string hash;
  std::string domain;
  std::string_view reason;  // why it is operator_only or unknown; for the operator
};

/// Case and trailing dots do not matter.
ClassifiedName classify_name(std::string_view owner_name);

}  // namespace dnsmesh::access
