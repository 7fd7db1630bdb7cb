// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include "base/error.hpp"

namespace dnsmesh::access {

/// Who may write over HTTP (spec/http-api.md 4.0).
enum class AuthMode {
  open,          // everybody
  legacy,        // the holder of the operator token
  multi_tenant,  // the operator, and users within the scopes of their tokens
};

/// Reads `DMP_AUTH_MODE`: blanks around it and case do not matter. Empty text is the default: `legacy` when an operator
/// token is configured, `open` otherwise. Error: config_bad_value, naming the three values.
Result<AuthMode> parse_auth_mode(std::string_view text, bool has_operator_token);

/// The mode as an operator writes it.
std::string_view auth_mode_name(AuthMode mode);

}  // namespace dnsmesh::access
