// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "base/latency_histogram.hpp"

namespace dnsmesh::net {

/// What the HTTP server has answered, for the metrics page. Counting and reading: any thread, no lock.
class HttpCounters {
 public:
  struct Row {
    std::string_view method;  // GET, HEAD, POST, DELETE; `other` for what is not one of them or could not be read
    int status = 0;
    std::uint64_t count = 0;
  };

  /// Precondition: 100 <= status < 600.
  void count_answer(std::string_view method, int status);
  /// Rows that are not zero, by method, then status.
  std::vector<Row> answers() const;

  /// Connections that are open, those closed at once since a cap was reached, and those that waited for their client
  /// and were closed to make room for another.
  std::atomic<std::uint64_t> connections_open{0};
  std::atomic<std::uint64_t> connections_refused{0};
  std::atomic<std::uint64_t> connections_displaced{0};
  /// Clients that used up a deadline.
  std::atomic<std::uint64_t> timeouts{0};
  /// From a whole request to the answer that it is stored (201). The front's thread adds.
  LatencyHistogram publish_latency;

 private:
  static constexpr std::array<std::string_view, 5> k_methods = {"GET", "HEAD", "POST", "DELETE", "other"};
  static constexpr int k_status_min = 100;
  static constexpr std::size_t k_status_count = 500;

  std::array<std::array<std::atomic<std::uint64_t>, k_status_count>, k_methods.size()> answers_{};
};

}  // namespace dnsmesh::net
