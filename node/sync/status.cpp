// SPDX-License-Identifier: Apache-2.0
#include "sync/status.hpp"

#include <array>
#include <string_view>

namespace dnsmesh::sync {
namespace {

constexpr std::array<std::string_view, static_cast<std::size_t>(RecordResult::count_)> k_result_names = {
    "written", "refreshed", "held", "rejected", "unsolicited", "hash_mismatch", "unverifiable", "too_big", "expired"};

}  // namespace

std::string_view record_result_name(RecordResult result) { return k_result_names[static_cast<std::size_t>(result)]; }

}  // namespace dnsmesh::sync
