// SPDX-License-Identifier: Apache-2.0
#include "net/http_counters.hpp"

#include <algorithm>
#include <cassert>

namespace dnsmesh::net {

void HttpCounters::count_answer(std::string_view method, int status) {
  const auto column = static_cast<std::size_t>(status - k_status_min);
  assert(column < k_status_count);
  const auto row = std::min<std::size_t>(
      static_cast<std::size_t>(std::ranges::find(k_methods, method) - k_methods.begin()), k_methods.size() - 1);
  answers_[row][column].fetch_add(1, std::memory_order_relaxed);
}

std::vector<HttpCounters::Row> HttpCounters::answers() const {
  std::vector<Row> out;
  for (std::size_t row = 0; row < k_methods.size(); ++row) {
    for (std::size_t column = 0; column < k_status_count; ++column) {
      const std::uint64_t count = answers_[row][column].load(std::memory_order_relaxed);
      if (count > 0) out.push_back({k_methods[row], static_cast<int>(column) + k_status_min, count});
    }
  }
  return out;
}

}  // namespace dnsmesh::net
