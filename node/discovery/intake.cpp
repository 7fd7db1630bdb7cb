// SPDX-License-Identifier: Apache-2.0
#include "discovery/intake.hpp"

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "base/discovery_limits.hpp"
#include "base/hex.hpp"
#include "discovery/heartbeat_text.hpp"
#include "discovery/zone_entry.hpp"

namespace dnsmesh::discovery {
namespace {

/// Precondition: verified, so the times are near `now_s` and fit.
store::SeenRow row_of(const record::HeartbeatRecord& heartbeat, const std::string& text, std::string_view zone,
                      std::int64_t now_s) {
  store::SeenRow row;
  row.operator_spk_hex = to_hex(view(heartbeat.operator_spk));
  row.endpoint = heartbeat.endpoint;
  row.wire = text;
  row.ts_s = static_cast<std::int64_t>(heartbeat.ts);
  row.exp_s = static_cast<std::int64_t>(heartbeat.exp);
  row.version = heartbeat.version;
  row.received_s = now_s;
  row.source_zone = zone;
  return row;
}

/// A node that was heard at its own zone stays confirmed there, however often others repeat it: what they say must
/// not move its row into their budget.
bool is_confirmed(const store::SeenRow& row) { return !row.source_zone.empty() && zone_of_row(row) == row.source_zone; }

}  // namespace

Result<Taken> take_values(store::SeenStore& seen, const NodeName& self, std::string_view zone,
                          std::span<const std::string> values, std::int64_t now_s) {
  Taken taken;
  std::vector<store::SeenRow> rows;
  for (const std::string& text : values.first(std::min(values.size(), limits::harvest_values_max))) {
    const auto claimed = read_unverified(text);
    if (!claimed) {
      ++taken.refused;
      continue;
    }
    const NodeName name{to_hex(view(claimed->operator_spk)), claimed->endpoint};
    if (name == self) continue;
    auto stored = seen.find(name.operator_spk_hex, name.endpoint);
    if (!stored) return std::unexpected(stored.error());
    if (*stored && (*stored)->wire == text && (*stored)->exp_s > now_s) {
      ++taken.accepted;
      ++taken.known;
      // Heard at its own zone for the first time: from now on it is more than a lead.
      if ((*stored)->source_zone != zone && zone_of_row(**stored) == zone) {
        (*stored)->source_zone = zone;
        rows.push_back(std::move(**stored));
      }
      continue;
    }
    const auto heartbeat = verify_for_storing(text, now_s);
    if (!heartbeat) {
      ++taken.refused;
      continue;
    }
    ++taken.accepted;
    store::SeenRow row = row_of(*heartbeat, text, zone, now_s);
    if (*stored && is_confirmed(**stored) && zone_of_row(row) == (*stored)->source_zone) {
      row.source_zone = (*stored)->source_zone;
    }
    rows.push_back(std::move(row));
  }
  if (rows.empty()) return taken;
  const auto written = seen.accept(rows, now_s);
  if (!written) return std::unexpected(written.error());
  taken.stored = *written;
  return taken;
}

}  // namespace dnsmesh::discovery
