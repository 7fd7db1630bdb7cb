// SPDX-License-Identifier: Apache-2.0
// The record table of an existing node, as spec/anti-entropy.md 1 and 3 describe it: stamps are read from the clock
// before the write is visible, nothing closes a millisecond, nothing is remembered of a delete.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

namespace dnsmesh::simulation {

struct RefRow {
  std::string name;
  std::string value;
  std::string hash;
  std::int64_t expires_s = 0;
  std::int64_t ts_ms = 0;
};

class RefStore {
 public:
  using Position = std::tuple<std::int64_t, std::string, std::string>;  // ts, name, hash

  /// Inserts or replaces the pair.
  void write(const std::string& name, const std::string& value, std::int64_t expires_s, std::int64_t ts_ms);
  void remove(const std::string& name, const std::optional<std::string>& value);

  struct Page {
    std::vector<const RefRow*> rows;
    bool has_more = false;
  };
  /// Live rows strictly after the position; pointers hold until the next change.
  Page page(const Position& after, std::size_t limit, std::int64_t now_s) const;
  /// Live rows at exactly this name, in feed order.
  std::vector<const RefRow*> at(const std::string& name, std::int64_t now_s) const;
  /// What is left of the pair's life, if it lives.
  std::optional<std::int64_t> remaining_s(const std::string& name, const std::string& hash, std::int64_t now_s) const;

  const std::map<std::pair<std::string, std::string>, RefRow>& rows() const { return rows_; }

 private:
  std::map<std::pair<std::string, std::string>, RefRow> rows_;  // by name and hash
  std::map<Position, std::pair<std::string, std::string>> feed_;
};

}  // namespace dnsmesh::simulation
