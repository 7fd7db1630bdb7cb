// SPDX-License-Identifier: Apache-2.0
#include "convergence.hpp"

#include <algorithm>
#include <map>
#include <tuple>
#include <utility>

#include "crypto/hash.hpp"
#include "record/record_type.hpp"
#include "store/rrset.hpp"

namespace dnsmesh::simulation {
namespace {

/// Names that are beyond what may be answered: who came first is there, and that differs (7.1).
constexpr std::size_t k_values_at_a_name_max = 200;
constexpr std::size_t k_octets_at_a_name_max = 60000;
constexpr std::size_t k_value_bytes_max = 16384;
/// Existing nodes take longer lives from a liar, and then no reader takes their entries.
constexpr std::int64_t k_listed_life_s_max = 2147483648;

using Pair = std::pair<std::string_view, std::string_view>;  // name, value

Pair pair_of(const LivePair& row) { return {row.name, row.value}; }

/// A node and what it serves, by name and value.
struct Held {
  const Node* node;
  std::vector<LivePair> rows;

  bool has(const Pair& pair) const {
    const auto found = std::ranges::lower_bound(rows, pair, {}, pair_of);
    return found != rows.end() && pair_of(*found) == pair;
  }
};

struct Holder {
  const Node* node = nullptr;
  std::int64_t remaining_s = 0;
};

/// All that must arrive, with who holds it longest; names at which it does not fit are left out.
std::map<Pair, Holder> expected_pairs(const std::vector<Held>& all, std::int64_t life_s_min) {
  std::map<Pair, Holder> longest;
  std::map<std::string_view, std::pair<std::size_t, std::size_t>> sizes;  // values and octets at a name
  for (const Held& held : all) {
    for (const LivePair& row : held.rows) {
      const auto [at, is_new] = longest.try_emplace(pair_of(row));
      if (row.remaining_s > at->second.remaining_s) at->second = {held.node, row.remaining_s};
      if (!is_new) continue;
      auto& [values, octets] = sizes[at->first.first];
      ++values;
      octets += store::txt_rr_octets(row.value);
    }
  }
  std::erase_if(longest, [&](const auto& entry) {
    const auto& [values, octets] = sizes.at(entry.first.first);
    return entry.second.remaining_s < life_s_min || entry.second.remaining_s > k_listed_life_s_max ||
           values > k_values_at_a_name_max || octets > k_octets_at_a_name_max ||
           entry.first.second.size() > k_value_bytes_max;
  });
  return longest;
}

}  // namespace

std::optional<std::string> first_difference(const std::vector<std::unique_ptr<Node>>& nodes, const Equality& equality) {
  std::vector<Held> all;
  for (const auto& node : nodes) {
    if (!node->honest() && !node->faithful()) continue;
    all.push_back({node.get(), node->live()});
    std::ranges::sort(all.back().rows, {}, pair_of);
  }
  for (const auto& [pair, holder] : expected_pairs(all, equality.life_s_min)) {
    std::optional<bool> universal;
    for (const Held& held : all) {
      if (!held.node->honest() || !(held.node->ours() || equality.existing_nodes) || held.has(pair) ||
          held.node->excused(pair.first, pair.second))
        continue;
      // What one node may not take need not reach the others: it may have been the only way there. So with what a floor
      // holds off one of ours: between existing nodes rows are lost.
      if (!universal) {
        const LivePair wanted{std::string(pair.first), std::string(pair.second), holder.remaining_s};
        universal =
            std::ranges::all_of(all, [&](const Held& other) { return other.node->takes(wanted, equality.life_s_min); });
      }
      const bool held_off = std::ranges::any_of(
          all, [&](const Held& other) { return other.node->ours() && other.node->excused(pair.first, pair.second); });
      if (held_off && !held.node->ours()) continue;
      if (!*universal) break;
      return fmt::format("{} lacks {} ({}..., {}) that {} holds for another {} s", held.node->id(), pair.first,
                         crypto::sha256_hex(pair.second).substr(0, 8),
                         record::record_type_title(record::record_type_of(pair.second)), holder.node->id(),
                         holder.remaining_s);
    }
  }
  return std::nullopt;
}

}  // namespace dnsmesh::simulation
