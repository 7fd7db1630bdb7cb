// SPDX-License-Identifier: Apache-2.0
#include "store/rrset.hpp"

#include <algorithm>
#include <tuple>
#include <utility>

namespace dnsmesh::store {

std::size_t txt_rr_octets(std::string_view value) {
  constexpr std::size_t k_string_octets_max = 255;
  const std::size_t strings = value.empty() ? 1 : (value.size() + k_string_octets_max - 1) / k_string_octets_max;
  return limits::txt_rr_overhead_octets + value.size() + strings;
}

std::vector<Record> union_of_spellings(std::vector<Record> rows) {
  std::ranges::sort(rows, [](const Record& a, const Record& b) {
    return std::tuple(std::string_view(a.value), b.expires_s, a.rseq) <
           std::tuple(std::string_view(b.value), a.expires_s, b.rseq);
  });
  const auto repeated = std::ranges::unique(rows, {}, &Record::value);
  rows.erase(repeated.begin(), repeated.end());
  std::ranges::sort(rows, {}, [](const Record& row) { return std::pair(row.created_s, row.rseq); });
  return rows;
}

bool in_feed_order(const Record& a, const Record& b) {
  return std::tie(a.stored_ms, a.name, a.value_hash) < std::tie(b.stored_ms, b.name, b.value_hash);
}

}  // namespace dnsmesh::store
