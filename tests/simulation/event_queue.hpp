// SPDX-License-Identifier: Apache-2.0
// Virtual time: what happens when. Events of one moment run in the order in which they were asked for.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <vector>

namespace dnsmesh::simulation {

/// Where true time starts, unix milliseconds: a fixed moment, so that signed records can be made once.
inline constexpr std::int64_t k_start_ms = 1'800'000'000'000;

class EventQueue {
 public:
  using Task = std::move_only_function<void()>;

  /// True time, unix milliseconds; no node knows it.
  std::int64_t now_ms() const { return now_ms_; }

  /// Runs `task` once `ms` (at least 0) have passed.
  void after(std::int64_t ms, Task task);

  /// Runs the next event that is not later than `until_ms`; false when there is none, and then it is `until_ms`.
  bool run_next(std::int64_t until_ms);

  /// How many events ran without time moving on: an engine that spins shows here.
  std::size_t standing_still() const { return standing_still_; }

 private:
  struct Event {
    std::int64_t at_ms;
    std::uint64_t number;
    Task task;
  };
  static bool later(const Event& a, const Event& b) {
    return a.at_ms != b.at_ms ? a.at_ms > b.at_ms : a.number > b.number;
  }

  std::int64_t now_ms_ = k_start_ms;
  std::uint64_t number_ = 0;
  std::size_t standing_still_ = 0;
  std::vector<Event> heap_;
};

}  // namespace dnsmesh::simulation
