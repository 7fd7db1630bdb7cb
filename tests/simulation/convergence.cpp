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

/// What ends sooner may be on its way, or not be worth it any more.
constexpr std::int64_t k_life_s_min = 60;
/// Names that are beyond what may be answered: who came first is there, and that differs (7.1).
constexpr std::size_t k_values_at_a_name_max = 200;
constexpr std::size_t k_octets_at_a_name_max = 60000;
constexpr std::size_t k_value_bytes_max = 16384;

struct Holder {
  const Node* node = nullptr;
  std::int64_t remaining_s = 0;
};
using Pair = std::pair<std::string_view, std::string_view>;  // name, value

/// Names at which the union of all nodes does not fit.
std::map<std::string_view, std::pair<std::size_t, std::size_t>> sizes_of(const std::map<Pair, Holder>& longest) {
  std::map<std::string_view, std::pair<std::size_t, std::size_t>> sizes;
  for (const auto& [pair, holder] : longest) {
    auto& [values, octets] = sizes[pair.first];
    ++values;
    octets += store::txt_rr_octets(pair.second);
  }
  return sizes;
}

}  // namespace

std::optional<std::string> first_difference(const std::vector<std::unique_ptr<Node>>& nodes) {
  std::vector<std::vector<LivePair>> rows;
  std::vector<const Node*> honest;
  for (const auto& node : nodes) {
    if (!node->honest()) continue;
    honest.push_back(node.get());
    rows.push_back(node->live());
    std::ranges::sort(rows.back(), {}, [](const LivePair& pair) { return std::tie(pair.name, pair.value); });
  }
  std::map<Pair, Holder> longest;
  for (std::size_t i = 0; i < honest.size(); ++i) {
    for (const LivePair& pair : rows[i]) {
      Holder& holder = longest[{pair.name, pair.value}];
      if (pair.remaining_s > holder.remaining_s) holder = {honest[i], pair.remaining_s};
    }
  }
  const auto sizes = sizes_of(longest);
  for (const auto& [pair, holder] : longest) {
    const auto& [values, octets] = sizes.at(pair.first);
    if (holder.remaining_s < k_life_s_min || values > k_values_at_a_name_max || octets > k_octets_at_a_name_max ||
        pair.second.size() > k_value_bytes_max) {
      continue;
    }
    const LivePair wanted{std::string(pair.first), std::string(pair.second), holder.remaining_s};
    const bool universal =
        std::ranges::all_of(honest, [&](const Node* node) { return node->takes(wanted, k_life_s_min); });
    if (!universal) continue;
    for (std::size_t i = 0; i < honest.size(); ++i) {
      const auto found = std::ranges::lower_bound(
          rows[i], std::pair(pair.first, pair.second), {},
          [](const LivePair& row) { return std::pair<std::string_view, std::string_view>(row.name, row.value); });
      const bool held = found != rows[i].end() && found->name == pair.first && found->value == pair.second;
      if (held || honest[i]->excused(pair.first, pair.second)) continue;
      return fmt::format("{} lacks {} ({}..., {}) that {} holds for another {} s", honest[i]->id(), pair.first,
                         crypto::sha256_hex(pair.second).substr(0, 8),
                         record::record_type_title(record::record_type_of(pair.second)), holder.node->id(),
                         holder.remaining_s);
    }
  }
  return std::nullopt;
}

}  // namespace dnsmesh::simulation
