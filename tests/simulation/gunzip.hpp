// SPDX-License-Identifier: Apache-2.0
// What the HTTP client of a node does with a compressed answer, for the simulated network.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "base/error.hpp"

namespace dnsmesh::simulation {

/// The content of one whole gzip member. Errors: sync_answer_too_big beyond `bytes_max`, sync_transport when it is
/// none, is cut short or followed by more.
Result<std::string> gunzip(std::string_view packed, std::size_t bytes_max);

}  // namespace dnsmesh::simulation
