// SPDX-License-Identifier: Apache-2.0
// Reads a peer's long answers row by row, without a tree: all of them are an object with one list of flat rows. So what
// a hostile answer costs in memory is what it costs on the wire. Only sync/wire_*.cpp use it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"

namespace dnsmesh::sync {

/// A JSON value as far as a flat row needs it.
struct Scalar {
  enum class Kind { absent, integer, boolean, text, other };

  Kind kind = Kind::absent;
  bool negative = false;        // an integer below zero
  std::uint64_t magnitude = 0;  // of an integer, exact; 1 for true
  std::string text = {};

  /// Nothing when it is not an integer in [0, 2^63).
  std::optional<std::int64_t> natural() const;
  std::optional<std::uint64_t> natural_u64() const;
  bool is_text() const { return kind == Kind::text; }
  bool is_true() const { return kind == Kind::boolean && magnitude == 1; }
};

/// Which members an answer has. What is not listed is passed over.
struct FlatShape {
  std::string_view rows;                           // the member of the outermost object that is the list of rows
  std::span<const std::string_view> columns = {};  // members of a row; of a row that is an array, its elements in order
  bool rows_are_arrays = false;
  std::span<const std::string_view> members = {};       // of the outermost object
  std::string_view part = {};                           // an object in it
  std::span<const std::string_view> part_members = {};  // and the members of that
  std::string_view part_list = {};                      // a member of the part that is a list of texts
};

struct FlatAnswer {
  bool has_rows = false;
  std::vector<Scalar> members;  // as FlatShape::members; absent ones have that kind
  bool has_part = false;
  std::vector<Scalar> part_members;
  std::vector<std::string> part_list;
};

/// What is told of the rows as they come.
struct FlatRows {
  /// A list begins; what was told before does not count (of duplicate keys the last wins).
  std::function<void()> begin;
  /// A row, as FlatShape::columns; the callee may move the texts out. Nothing for a row of the wrong form.
  std::function<void(std::optional<std::span<Scalar>> columns)> row;
};

/// Reads each row into `answer.*entries`, and counts in `answer.malformed` those that `read` makes nothing of. `answer`
/// must outlive it.
template <class Answer, class Entry>
FlatRows rows_into(Answer& answer, std::vector<Entry> Answer::* entries,
                   std::optional<Entry> (*read)(std::optional<std::span<Scalar>> columns)) {
  return {.begin = [&answer] { answer = {}; },
          .row =
              [&answer, entries, read](std::optional<std::span<Scalar>> columns) {
                if (auto entry = read(columns)) {
                  (answer.*entries).push_back(std::move(*entry));
                } else {
                  ++answer.malformed;
                }
              }};
}

/// Error: sync_malformed: not JSON, not an object, nested deeper than limits::json_depth_max, or more rows than
/// `rows_max`. A string with an unpaired surrogate counts as a value of the wrong type.
Result<FlatAnswer> read_flat(std::string_view text, const FlatShape& shape, std::size_t rows_max, const FlatRows& rows);

}  // namespace dnsmesh::sync
