// SPDX-License-Identifier: Apache-2.0
#include "app/known_names.hpp"

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

namespace dnsmesh::app {
namespace {

constexpr auto k_known_later = std::to_array<std::string_view>({
    // seed lists of zones by URL
    "DMP_HEARTBEAT_PUBLIC_SEED_URLS",
    "DMP_HEARTBEAT_PUBLIC_SEED_URLS_DISABLED",
});

constexpr auto k_foreign = std::to_array<std::string_view>({
    // documented somewhere, read by nothing
    "DMP_HEARTBEAT_GOSSIP_LIMIT",
    "DMP_NODE_OPERATOR_KEY_PATH",
    "DMP_REGISTRATION_RATE",
    "DMP_HEARTBEAT_RETENTION_HOURS",
    "DMP_HEARTBEAT_SUBMIT_RATE_PER_SEC",
    "DMP_HEARTBEAT_SUBMIT_BURST",
    "DMP_HEARTBEAT_SEEN_RATE_PER_SEC",
    "DMP_HEARTBEAT_SEEN_BURST",
    // clients
    "DMP_PASSPHRASE",
    "DMP_NEW_PASSPHRASE",
    "DMP_CONFIG_HOME",
    "DMP_TOKENS_HOME",
    "DMP_PROVIDER_DNS_PORT",
    "DMP_ALLOW_SYSTEM_DNS_FALLBACK",
    // deploy scripts and image builds
    "DMP_IMAGE_TAG",
    "DMP_KEEP_SYSTEMD_RESOLVED",
    "DMP_VERSION",
    "DMP_REVISION",
    "DMP_CREATED",
});

/// More edits than this and another name was meant, or none.
constexpr std::size_t k_edits_max = 3;

bool names_row(const OptionRow& row, std::string_view name) {
  return name == row.name || (!row.alias.empty() && name == row.alias) || (row.secret && name == secret_file_name(row));
}

std::vector<std::string> suggestions() {
  std::vector<std::string> names(k_known_later.begin(), k_known_later.end());
  for (const OptionRow& row : options()) {
    names.emplace_back(row.name);
    if (!row.alias.empty()) names.emplace_back(row.alias);
    if (row.secret) names.push_back(secret_file_name(row));
  }
  return names;
}

}  // namespace

NameClass classify_name(std::string_view name) {
  if (std::ranges::any_of(options(), [&](const OptionRow& row) { return names_row(row, name); }))
    return NameClass::option;
  if (std::ranges::find(k_known_later, name) != k_known_later.end()) return NameClass::known_later;
  if (std::ranges::find(k_foreign, name) != k_foreign.end()) return NameClass::foreign;
  return NameClass::unknown;
}

std::span<const std::string_view> known_later_names() { return k_known_later; }

std::string secret_file_name(const OptionRow& row) { return std::string(row.name) + "_FILE"; }

std::optional<std::string> nearest_name(std::string_view name) {
  std::optional<std::string> nearest;
  std::size_t fewest = k_edits_max + 1;
  for (std::string& candidate : suggestions()) {
    if (name.size() > candidate.size() + k_edits_max) continue;  // a name may be long: the distance costs both lengths
    const std::size_t edits = edit_distance(name, candidate);
    if (edits >= fewest) continue;
    fewest = edits;
    nearest = std::move(candidate);
  }
  return nearest;
}

std::size_t edit_distance(std::string_view a, std::string_view b) {
  // Row by row over the prefixes of `a`; a swap looks two rows back.
  std::vector<std::size_t> two_back;
  std::vector<std::size_t> one_back(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) one_back[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::vector<std::size_t> row(b.size() + 1);
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      row[j] = std::min({one_back[j] + 1, row[j - 1] + 1, one_back[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1)});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
        row[j] = std::min(row[j], two_back[j - 2] + 1);
    }
    two_back = std::exchange(one_back, std::move(row));
  }
  return one_back[b.size()];
}

}  // namespace dnsmesh::app
