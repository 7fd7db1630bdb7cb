// SPDX-License-Identifier: Apache-2.0
#include "dnsmesh-record/json_lines.hpp"

#include <fmt/format.h>

#include <string>

#include "base/json.hpp"
#include "base/limits.hpp"

namespace dnsmesh::record_tool {
namespace {

enum class Line { whole, too_long, end };

/// Reads up to the next line feed or the end, and keeps no more than the bound of it.
Line read_line(std::streambuf& in, std::string& line) {
  line.clear();
  bool too_long = false;
  int c = in.sbumpc();
  if (c == std::char_traits<char>::eof()) return Line::end;
  for (; c != std::char_traits<char>::eof() && c != '\n'; c = in.sbumpc()) {
    if (line.size() < limits::record_tool_line_bytes_max) {
      line.push_back(static_cast<char>(c));
    } else {
      too_long = true;
    }
  }
  return too_long ? Line::too_long : Line::whole;
}

LineAnswer too_long_answer() {
  const std::string why = fmt::format("the line is longer than {} bytes", limits::record_tool_line_bytes_max);
  return {{{"id", nullptr}, {"error", why}}, false};
}

}  // namespace

StreamEnd answer_lines(std::istream& in, std::ostream& out, LineAnswer (*answer)(std::string_view line)) {
  bool all_understood = true;
  std::string line;
  for (;;) {
    const Line kind = read_line(*in.rdbuf(), line);
    if (kind == Line::end) return all_understood ? StreamEnd::understood : StreamEnd::not_understood;
    const LineAnswer answered = kind == Line::whole ? answer(line) : too_long_answer();
    all_understood = all_understood && answered.understood;
    if (!(out << write_json(answered.answer) << '\n' << std::flush)) return StreamEnd::not_written;
  }
}

}  // namespace dnsmesh::record_tool
