// SPDX-License-Identifier: Apache-2.0
// The heartbeats of other nodes that were heard: one row for each operator key and endpoint (spec/storage.md 5,
// spec/heartbeat.md 6 and 7). The file is laid out as existing nodes expect it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "base/discovery_limits.hpp"

namespace dnsmesh::store {

/// A heartbeat that was verified before it came here.
struct SeenRow {
  std::string operator_spk_hex;  // 64 digits, lower case
  std::string endpoint;
  std::string wire;  // the signed text, octet for octet
  std::int64_t ts_s = 0;
  std::int64_t exp_s = 0;
  std::string version;
  std::int64_t received_s = 0;
  std::string source_zone;  // that it was heard in; empty when another program stored it without

  bool operator==(const SeenRow&) const = default;
};

/// How many rows are kept. Keys cost nothing, so that no zone may fill the table (spec/heartbeat.md 7).
struct SeenBounds {
  std::int64_t rows_max = limits::seen_rows_max_default;
  std::int64_t rows_per_source_max = limits::seen_rows_per_source_max;
  std::int64_t rows_per_key_max = limits::seen_rows_per_key_max;  // of one operator key and one source
};

/// What was heard. Any thread.
class SeenStore {
 public:
  virtual ~SeenStore() = default;

  /// One transaction: removes what is over at `now_s`; takes each row that is not older (`ts_s`) than the one stored;
  /// then removes the oldest by `received_s` of a source over its bounds, and of the source with the most rows while
  /// there are more than `rows_max`. Gives how many rows were written. Errors: store_io, store_disk_full.
  virtual Result<std::size_t> accept(std::span<const SeenRow> rows, std::int64_t now_s) = 0;

  /// The row of a key and an endpoint, over or not.
  virtual Result<std::optional<SeenRow>> find(std::string_view operator_spk_hex, std::string_view endpoint) const = 0;

  /// At most `rows_max` rows that are not over (`exp_s > now_s`), the newest `ts_s` first.
  virtual Result<std::vector<SeenRow>> recent(std::int64_t now_s, std::size_t rows_max) const = 0;

  /// Rows that are not over.
  virtual Result<std::int64_t> live_count(std::int64_t now_s) const = 0;
};

/// Opens or makes the file (mode 0600; its folder must exist). Errors: store_unusable (path, permission, no database),
/// store_newer_schema (a user_version above 1), store_io.
Result<std::unique_ptr<SeenStore>> open_seen_file(const std::string& path, const SeenBounds& bounds);

}  // namespace dnsmesh::store
