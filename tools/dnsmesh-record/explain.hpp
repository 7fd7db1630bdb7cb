// SPDX-License-Identifier: Apache-2.0
// A record in words, for people.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"

namespace dnsmesh::record_tool {

/// A labelled line. The value is raw text of the record: make it printable before it reaches a terminal.
struct Line {
  std::string label;
  std::string value;
};

struct Explanation {
  std::string title;
  std::vector<Line> lines;
  /// Nothing when no verdict is possible without a key that was not given.
  std::optional<bool> valid;
  std::string verdict;  // one plain sentence
};

/// Explains `text` at `now_s`. `key` (32 bytes) is the signer of a prekey, cluster manifest or bootstrap record;
/// without it the last two are held against the key that they carry, and the sentence says so.
Explanation explain(std::string_view text, std::int64_t now_s, const std::optional<std::string>& key);

/// A time and its distance from now: `in 3 days, 2026-11-27 22:48:00 UTC`, `2 hours ago, ...`.
std::string when_in_words(std::uint64_t time_s, std::int64_t now_s);

}  // namespace dnsmesh::record_tool
