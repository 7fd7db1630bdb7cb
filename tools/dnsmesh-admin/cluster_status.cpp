// SPDX-License-Identifier: Apache-2.0
#include "dnsmesh-admin/cluster_status.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <utility>
#include <vector>

#include "base/json.hpp"
#include "base/limits.hpp"
#include "common/text.hpp"

namespace dnsmesh::admin_tool {
namespace {

using Json = nlohmann::ordered_json;
using tools::printable;

constexpr std::size_t k_columns = 8;
using Row = std::array<std::string, k_columns>;
constexpr std::string_view k_nothing = "-";
/// fmt throws beyond the year 9999.
constexpr std::int64_t k_time_s_max = 253402300799;

/// The member, or null when it is not there.
const Json& member(const Json& object, std::string_view name) {
  static const Json nothing = nullptr;
  const auto found = object.find(name);
  return found == object.end() ? nothing : *found;
}

std::string text_or_dash(const Json& value) {
  return value.is_string() ? printable(value.get_ref<const std::string&>()) : std::string(k_nothing);
}

std::string whole_or_dash(const Json& value) {
  return value.is_number_integer() ? value.dump() : std::string(k_nothing);
}

std::string seconds_or_dash(const Json& value) {
  return value.is_number() ? fmt::format("{:.1f} s", value.get<double>()) : std::string(k_nothing);
}

std::string age_or_dash(const Json& value, std::int64_t now_s) {
  if (!value.is_number_integer()) return std::string(k_nothing);
  const std::int64_t age_s = now_s - std::clamp<std::int64_t>(value.get<std::int64_t>(), 0, now_s);
  if (age_s < 120) return fmt::format("{} s ago", age_s);
  if (age_s < 7200) return fmt::format("{} min ago", age_s / 60);
  return fmt::format("{} h ago", age_s / 3600);
}

std::string quarantined(const Json& counts) {
  if (!counts.is_object()) return std::string(k_nothing);
  std::uint64_t sum = 0;
  for (const Json& count : counts) sum += count.is_number_unsigned() ? count.get<std::uint64_t>() : 0;
  return fmt::format("{}", sum);
}

std::string heading(const Json& answer) {
  const Json& manifest = member(answer, "manifest");
  std::string out = fmt::format("node     {}\ncluster  {}\n", text_or_dash(member(answer, "node_id")),
                                text_or_dash(member(answer, "cluster")));
  if (!manifest.is_object() || !member(manifest, "applied_seq").is_number_integer()) {
    return out + "manifest none applied\n";
  }
  out += fmt::format("manifest {}", member(manifest, "applied_seq").dump());
  if (const Json& exp = member(manifest, "exp"); exp.is_number_integer()) {
    const auto exp_s = std::clamp<std::int64_t>(exp.get<std::int64_t>(), 0, k_time_s_max);
    out += fmt::format(", in force until {:%Y-%m-%d %H:%M:%S} UTC", fmt::gmtime(static_cast<std::time_t>(exp_s)));
  }
  if (member(manifest, "best_seq") != member(manifest, "applied_seq")) {
    out += fmt::format(", best known {}", whole_or_dash(member(manifest, "best_seq")));
  }
  if (member(manifest, "conflict") == true) out += ", CONFLICT: another manifest has the same number";
  if (member(manifest, "lists_this_node") == false) out += ", this node is not in it";
  return out + "\n";
}

Row row_of(const Json& peer, std::int64_t now_s) {
  return {text_or_dash(member(peer, "node_id")),
          text_or_dash(member(peer, "state")),
          text_or_dash(member(peer, "mode")),
          whole_or_dash(member(peer, "backlog")),
          seconds_or_dash(member(peer, "lag_seconds")),
          seconds_or_dash(member(peer, "clock_offset_seconds")),
          age_or_dash(member(peer, "last_success"), now_s),
          quarantined(member(peer, "quarantine"))};
}

std::string table_of(const std::vector<Row>& rows) {
  std::array<std::size_t, k_columns> widths{};
  for (const Row& row : rows) {
    for (std::size_t i = 0; i < k_columns; ++i) widths[i] = std::max(widths[i], row[i].size());
  }
  std::string out;
  for (const Row& row : rows) {
    std::string line;
    for (std::size_t i = 0; i < k_columns; ++i) line += fmt::format("{:<{}}  ", row[i], widths[i]);
    out += line.substr(0, line.find_last_not_of(' ') + 1) + "\n";
  }
  return out;
}

/// What the table has no room for: where the peer is, and its last error.
std::string remarks(const Json& peer, std::int64_t now_s) {
  std::string out;
  const std::string name = text_or_dash(member(peer, "node_id"));
  if (member(peer, "endpoint").is_string()) {
    out += fmt::format("{}: {}\n", name, text_or_dash(member(peer, "endpoint")));
  }
  if (member(peer, "last_error").is_string()) {
    out += fmt::format("{}: last error {}: {}\n", name, age_or_dash(member(peer, "last_error_at"), now_s),
                       text_or_dash(member(peer, "last_error")));
  }
  return out;
}

}  // namespace

Result<ClusterStatus> read_cluster_status(std::string_view body, std::int64_t now_s) {
  const auto answer = parse_json(body, limits::json_depth_max);
  if (!answer) return std::unexpected(answer.error());
  if (!answer->is_object() || !member(*answer, "peers").is_array() || !member(*answer, "manifest").is_object()) {
    return fail(ErrorCode::json_type, "this is not the answer of a node's /v1/cluster");
  }
  ClusterStatus out{heading(*answer), true, member(*answer, "complete") == true};
  const Json& peers = member(*answer, "peers");
  if (peers.empty()) {
    out.table += "no peers\n";
    return out;
  }
  std::vector<Row> rows = {{"PEER", "STATE", "MODE", "BACKLOG", "LAG", "CLOCK", "LAST SUCCESS", "QUARANTINE"}};
  std::string below;
  for (const Json& peer : peers) {
    if (!peer.is_object()) return fail(ErrorCode::json_type, "a peer in the answer is no object");
    rows.push_back(row_of(peer, now_s));
    below += remarks(peer, now_s);
    out.all_current = out.all_current && member(peer, "state") == "current";
  }
  out.table += "\n" + table_of(rows) + (below.empty() ? "" : "\n") + below;
  return out;
}

}  // namespace dnsmesh::admin_tool
