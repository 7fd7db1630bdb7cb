// SPDX-License-Identifier: Apache-2.0
// Reading the texts of heartbeats on their way in: those of strangers, which are verified, and those that were verified
// before.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/error.hpp"
#include "record/heartbeat_record.hpp"

namespace dnsmesh::discovery {

/// What the text says, without a look at its signature and its times: to find the row that may hold the same text, and
/// for texts that were verified when they came. Errors: record_*.
Result<record::HeartbeatRecord> read_unverified(std::string_view text);

/// Verifies a text for storing: a past `ts` is fine while the record lasts, one that is more than 300 s ahead is not
/// (spec/heartbeat.md 7). Errors: the codes of spec/records.md 9.2.
Result<record::HeartbeatRecord> verify_for_storing(std::string_view text, std::int64_t now_s);

/// The same for a text at one of our own owners: any `ts`, as long as the record lasts.
Result<record::HeartbeatRecord> verify_at_any_age(std::string_view text, std::int64_t now_s);

}  // namespace dnsmesh::discovery
