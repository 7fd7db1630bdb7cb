// SPDX-License-Identifier: Apache-2.0
// The text of a user token: `dmp_v1_`, then 32 random bytes in base32 (spec/registration.md 6).
#pragma once

#include <string>
#include <string_view>

#include "base/random.hpp"

namespace dnsmesh::access {

/// A fresh token. It is a secret: shown once, never logged, kept only as its hash. `random` must be fit for secrets.
std::string new_token(Random& random);

/// False for text that cannot be a token, which needs no look into the token file (spec/http-api.md 5.3).
bool is_token_shaped(std::string_view text);

/// Under what a token is kept: lower-case hex SHA-256 of the whole text.
std::string token_hash(std::string_view token);

}  // namespace dnsmesh::access
