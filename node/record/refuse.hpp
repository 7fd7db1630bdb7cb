// SPDX-License-Identifier: Apache-2.0
// How a builder says no.
#pragma once

#include <fmt/format.h>

#include <utility>

#include "base/error.hpp"

namespace dnsmesh::record {

/// record_issue_refused with a formatted text that names the field and the rule.
template <class... Args>
std::unexpected<Error> refuse(fmt::format_string<Args...> format, Args&&... args) {
  return fail(ErrorCode::record_issue_refused, fmt::format(format, std::forward<Args>(args)...));
}

}  // namespace dnsmesh::record
