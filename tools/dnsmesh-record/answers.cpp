// SPDX-License-Identifier: Apache-2.0
#include "dnsmesh-record/answers.hpp"

#include <fmt/format.h>

#include <array>

#include "base/json.hpp"
#include "base/limits.hpp"

namespace dnsmesh::record_tool {
namespace {

LineAnswer error_answer(const Json& id, std::string_view why) { return {{{"id", id}, {"error", why}}, false}; }

using Rows = std::span<const AnswerRow>;

/// Finds the row of the question's `record` in any of the tables and lets it answer.
LineAnswer answer_line(std::string_view line, std::initializer_list<Rows> tables) {
  Json read_before;
  const auto question = parse_json(line, limits::json_depth_max, &read_before);
  if (!question) {
    const Json id = read_before.is_object() ? read_before.value("id", Json()) : Json();
    return error_answer(id, question.error().text);
  }
  if (!question->is_object()) return error_answer({}, "the line is not a JSON object");
  const Json id = question->value("id", Json());
  Notes notes;
  Fields fields(*question, notes);
  const std::string record = fields.text("record");
  if (notes.not_understood) return error_answer(id, *notes.not_understood);
  for (const Rows table : tables) {
    for (const AnswerRow& row : table) {
      if (row.record != record) continue;
      const Json answer = row.answer(fields);
      if (notes.not_understood) return error_answer(id, *notes.not_understood);
      Json whole = {{"id", id}};
      whole.update(answer);
      return {std::move(whole), true};
    }
  }
  return error_answer(id, fmt::format("record {} is unknown", record));
}

}  // namespace

LineAnswer answer_check(std::string_view line) { return answer_line(line, {record_check_rows(), other_check_rows()}); }

LineAnswer answer_issue(std::string_view line) { return answer_line(line, {issue_rows()}); }

}  // namespace dnsmesh::record_tool
