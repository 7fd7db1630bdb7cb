// SPDX-License-Identifier: Apache-2.0
#include "net/update_log.hpp"

#include <fmt/format.h>

#include <utility>

#include "base/log.hpp"
#include "base/update_limits.hpp"
#include "dns/counters.hpp"

namespace dnsmesh::net {

void UpdateLog::write(const dns::Update& update) {
  const dns::UpdateResult& result = update.result;
  const std::string_view rcode = dns::outcome_name(dns::outcome_of(result.rcode));
  // Refused ones change nothing, and strangers, or a client in a loop, would fill the log with them.
  const bool is_applied = result.was_committed && result.rcode == dns::Rcode::noerror;
  if (result.has_foreign_text && is_applied && !std::exchange(has_told_of_foreign_text_, true)) {
    log::info(log::k_dns, "an UPDATE published text that is not ASCII; existing nodes do not answer it over DNS");
  }
  if (update.signature.is_verified()) {
    const auto level = is_applied ? log::Level::info : log::Level::debug;
    if (!log::enabled(level)) return;
    const std::string key = dns::name_to_text(update.signature.context.key_name.wire());
    log::write(level, log::k_dns,
               fmt::format("UPDATE by key {}: {} added, {} deleted, {}{}", key, result.adds, result.deletes, rcode,
                           result.is_replay ? ", again" : ""));
  } else if (is_applied && !result.recipient.empty() && is_due(result.recipient)) {
    log::info(log::k_dns, fmt::format("UPDATE with claims for {}: {} added, {}", result.recipient, result.adds, rcode));
  }
}

/// Strangers send claims, so a recipient is named once a minute.
bool UpdateLog::is_due(const std::string& recipient) {
  const std::int64_t now_ms = clock_.monotonic_ms();
  if (logged_ms_.size() >= limits::claim_log_recipients_max) {
    std::erase_if(logged_ms_, [&](const auto& entry) { return now_ms - entry.second >= limits::claim_log_ms; });
  }
  const auto known = logged_ms_.find(recipient);
  const bool is_due = known == logged_ms_.end() ? logged_ms_.size() < limits::claim_log_recipients_max
                                                : now_ms - known->second >= limits::claim_log_ms;
  if (is_due) logged_ms_[recipient] = now_ms;
  return is_due;
}

}  // namespace dnsmesh::net
