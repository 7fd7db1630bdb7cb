// SPDX-License-Identifier: Apache-2.0
// A node that lets everybody write must not be reachable from everywhere by accident (spec/http-api.md 9).
#pragma once

#include <string_view>

#include "access/auth_mode.hpp"
#include "base/error.hpp"

namespace dnsmesh::access {

/// True for `localhost`, 127.0.0.0/8 and ::1; blanks around the host and case do not matter. The empty host and every
/// other address or name are not local.
bool is_local_host(std::string_view bind_host);

/// Error config_refused when `mode` is open, the bind host is not local and the operator did not allow it. The text
/// names the host and `DMP_ALLOW_OPEN_PUBLIC_BIND`.
Result<void> check_open_bind(AuthMode mode, std::string_view bind_host, bool open_public_bind_allowed);

}  // namespace dnsmesh::access
