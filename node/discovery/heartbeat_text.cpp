// SPDX-License-Identifier: Apache-2.0
#include "discovery/heartbeat_text.hpp"

#include <limits>

#include "record/text_form.hpp"
#include "record/time_rules.hpp"

namespace dnsmesh::discovery {

Result<record::HeartbeatRecord> read_unverified(std::string_view text) {
  const auto blob = record::open_text(record::k_heartbeat_record_form, text);
  if (!blob) return std::unexpected(blob.error());
  if (blob->size() < record::k_signature_bytes) return fail(ErrorCode::record_short);
  return record::parse_heartbeat_record_body(record::split_signature(*blob).body);
}

Result<record::HeartbeatRecord> verify_at_any_age(std::string_view text, std::int64_t now_s) {
  return record::parse_heartbeat_record(text, now_s, std::numeric_limits<std::uint64_t>::max());
}

Result<record::HeartbeatRecord> verify_for_storing(std::string_view text, std::int64_t now_s) {
  auto heartbeat = verify_at_any_age(text, now_s);
  if (heartbeat && record::is_ahead_by_more(heartbeat->ts, now_s, record::k_ts_skew_s)) {
    return fail(ErrorCode::record_ts_skew);
  }
  return heartbeat;
}

}  // namespace dnsmesh::discovery
