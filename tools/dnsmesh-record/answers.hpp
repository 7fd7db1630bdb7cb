// SPDX-License-Identifier: Apache-2.0
// The answers of the conformance harness (spec/record-tool.md). An answer reads its question with `fields`; when those
// then hold a note that a field was not understood, what was returned is thrown away.
#pragma once

#include <span>
#include <string_view>

#include "dnsmesh-record/fields.hpp"

namespace dnsmesh::record_tool {

using AnswerFunction = Json (*)(Fields& question);

/// One `record` of a question and how it is answered.
struct AnswerRow {
  std::string_view record;
  AnswerFunction answer;
};

/// `check` of the nine record types.
std::span<const AnswerRow> record_check_rows();

/// `check` of everything else: sync, chunk, names, keys, ...
std::span<const AnswerRow> other_check_rows();

/// `owner-name`, by its `kind`.
Json answer_owner_name(Fields& question);

/// `issue` of the nine record types.
std::span<const AnswerRow> issue_rows();

/// The whole answer to one line of `dnsmesh-record check` or `issue`, the `id` of the question first.
struct LineAnswer {
  Json answer;
  bool understood = true;
};
LineAnswer answer_check(std::string_view line);
LineAnswer answer_issue(std::string_view line);

/// The two words of a verdict.
inline std::string_view verdict_word(bool accepted) { return accepted ? "accept" : "reject"; }

}  // namespace dnsmesh::record_tool
