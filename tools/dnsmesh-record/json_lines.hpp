// SPDX-License-Identifier: Apache-2.0
// The stream of questions and answers: one JSON object a line in, one a line out, in the same order.
#pragma once

#include <istream>
#include <ostream>
#include <string_view>

#include "dnsmesh-record/answers.hpp"

namespace dnsmesh::record_tool {

enum class StreamEnd { understood, not_understood, not_written };

/// Answers every line of `in` on `out`, each answer flushed, until the end, or until `out` takes no more (not_written;
/// errno says why). not_understood when at least one line was not. A line above limits::record_tool_line_bytes_max is
/// skipped and answered with an error.
StreamEnd answer_lines(std::istream& in, std::ostream& out, LineAnswer (*answer)(std::string_view line));

}  // namespace dnsmesh::record_tool
