// SPDX-License-Identifier: Apache-2.0
// What every part of a simulated world shares.
#pragma once

#include <fmt/format.h>

#include <cstdint>
#include <cstdio>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "dice.hpp"
#include "event_queue.hpp"
#include "network.hpp"
#include "pool.hpp"
#include "user_book.hpp"
#include "verdicts.hpp"

namespace dnsmesh::simulation {

/// The token that all nodes of a world share; liars know it, outsiders must not learn it.
inline constexpr const char* k_token = "simulated-token";

/// An invariant of spec/anti-entropy.md 17 that did not hold: its name, and what was seen. The first one ends the run.
struct Finding {
  std::string invariant;
  std::string text;
};

class Node;

struct Env {
  EventQueue& events;
  Network& network;
  Dice& dice;
  Verdicts& verdicts;
  const Pool& pool;
  bool verbose = false;
  bool quiet = false;       // nobody publishes any more
  bool ours_alone = false;  // nobody but our nodes is there
  UserBook users{};
  std::optional<Finding> finding{};
  const std::vector<std::unique_ptr<Node>>* nodes = nullptr;

  void violated(std::string_view invariant, std::string text) {
    if (!finding) finding = Finding{std::string(invariant), std::move(text)};
  }

  /// A line of the story, with --verbose.
  template <class... Values>
  void trace(fmt::format_string<Values...> format, Values&&... values) const {
    if (!verbose) return;
    const std::int64_t ms = events.now_ms() - k_start_ms;
    fmt::print("{:4}.{:03} {}\n", ms / 1000, ms % 1000, fmt::format(format, std::forward<Values>(values)...));
  }
};

}  // namespace dnsmesh::simulation
