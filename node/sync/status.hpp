// SPDX-License-Identifier: Apache-2.0
// What operators see of each peer (spec/anti-entropy.md 12). Plain values. Part "worker".
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace dnsmesh::sync {

enum class Mode { unknown, classic, extended };

/// What became of a pair that a peer offered; the label `result` of `dmp_sync_records_total`.
enum class RecordResult {
  written,
  refreshed,
  held,
  rejected,
  unsolicited,
  hash_mismatch,
  unverifiable,
  too_big,
  expired,
  count_
};
std::string_view record_result_name(RecordResult result);

/// Counters of one peer since start; they live as long as its endpoint is known.
struct PeerCounters {
  std::map<std::pair<std::string, std::string>, std::uint64_t> requests;  // kind, status (number or error name)
  std::map<std::pair<std::string, std::string>, std::uint64_t> bytes;     // kind, direction (in, out)
  std::map<RecordResult, std::uint64_t> records;
};

struct PeerStatus {
  std::string node_id;
  std::string endpoint;
  Mode mode = Mode::unknown;
  std::string state;            // "current", "behind", "unreachable", "refused", "waiting": one word for a table
  std::string position;         // as stored: watermark or epoch and rseq; for people
  std::optional<double> lag_s;  // 0 when the feed was exhausted
  std::optional<std::int64_t> backlog;         // extended: changes not yet read
  std::optional<std::int64_t> last_success_s;  // unix seconds
  std::optional<double> clock_offset_s;
  std::string last_error;  // empty: none since the last success
  std::optional<std::int64_t> last_error_s;
  std::int64_t back_off_ms = 0;                                   // until the next try, when backing off
  std::optional<std::uint64_t> manifest_seq;                      // that the peer showed
  std::vector<std::pair<std::string, std::uint64_t>> quarantine;  // reason, pairs
  PeerCounters counters;
};

struct SyncStatus {
  std::vector<PeerStatus> peers;
  std::uint64_t ticks = 0;
  std::uint64_t quarantine_full = 0;  // alarms: a watermark stopped because the table was full
  std::vector<std::pair<std::string, std::uint64_t>> misplaced;  // record type, values under a foreign owner (15.7, 10)
  bool clock_disagrees = false;  // F36: by more than an hour from the median of the peers
};

}  // namespace dnsmesh::sync
