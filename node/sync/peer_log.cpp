// SPDX-License-Identifier: Apache-2.0
#include "sync/peer_log.hpp"

#include <fmt/format.h>

#include "base/limits.hpp"
#include "base/log.hpp"

namespace dnsmesh::sync {

void PeerLog::warning(std::string_view node_id, std::string_view reason, std::string_view text,
                      std::int64_t monotonic_ms) {
  const auto last = last_ms_.find(reason);
  if (last != last_ms_.end() && monotonic_ms - last->second < limits::sync_warning_ms) return;
  last_ms_.insert_or_assign(std::string(reason), monotonic_ms);
  log::warning(log::k_sync, fmt::format("peer {}: {}", node_id, text), {{"peer", node_id}});
}

}  // namespace dnsmesh::sync
