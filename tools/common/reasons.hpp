// SPDX-License-Identifier: Apache-2.0
// The codes of a record check in words.
#pragma once

#include <string_view>

#include "base/error.hpp"

namespace dnsmesh::tools {

/// Why a record with this code is not valid, as the end of "not valid: ..."; the code's name when there is nothing to
/// say for it.
std::string_view reason_sentence(ErrorCode code);

}  // namespace dnsmesh::tools
