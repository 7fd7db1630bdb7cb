// SPDX-License-Identifier: Apache-2.0
#include "dnsmesh-record/show.hpp"

#include <fmt/color.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <iostream>
#include <iterator>

#include "base/clock.hpp"
#include "base/hex.hpp"
#include "base/limits.hpp"
#include "base/utf8.hpp"
#include "common/output.hpp"
#include "common/text.hpp"
#include "dnsmesh-record/dns_lookup.hpp"
#include "dnsmesh-record/explain.hpp"

namespace dnsmesh::record_tool {
namespace {

using tools::printable;

constexpr std::size_t k_key_bytes = 32;

fmt::text_style style_when(bool wanted, fmt::text_style style) { return wanted ? style : fmt::text_style(); }

/// What is shown of a field: more than any value that nodes take, and not a whole file that was piped in by mistake.
constexpr std::size_t k_value_bytes_max = 2048;

std::string rendered(const Explanation& explanation, bool colour) {
  const fmt::text_style title = style_when(colour, fmt::emphasis::bold);
  const fmt::text_style good = style_when(colour, fg(fmt::terminal_color::green));
  const fmt::text_style bad = style_when(colour, fg(fmt::terminal_color::red));
  const fmt::text_style open = style_when(colour, fg(fmt::terminal_color::yellow));
  std::size_t width = 0;
  for (const Line& line : explanation.lines) width = std::max(width, printable(line.label).size());
  std::string out = fmt::format("{}\n", fmt::styled(explanation.title, title));
  for (const Line& line : explanation.lines) {
    fmt::format_to(std::back_inserter(out), "  {:<{}}  {}\n", printable(line.label), width,
                   printable(line.value, k_value_bytes_max));
  }
  const fmt::text_style verdict = !explanation.valid ? open : *explanation.valid ? good : bad;
  fmt::format_to(std::back_inserter(out), "{}\n", fmt::styled(explanation.verdict, verdict));
  return out;
}

/// At most one line's worth of standard input, without the white space around it.
std::string read_standard_input() {
  std::string text;
  for (int c = std::cin.rdbuf()->sbumpc(); c != EOF && text.size() < limits::record_tool_line_bytes_max;
       c = std::cin.rdbuf()->sbumpc()) {
    text.push_back(static_cast<char>(c));
  }
  return std::string(strip_ascii_whitespace(text));
}

Result<std::vector<std::string>> records_at(std::string_view name, std::string_view target) {
  if (!target.starts_with('@'))
    return fail(ErrorCode::config_bad_value, "--dns needs a server: @host, @host:port, @[v6]:port");
  const auto server = parse_dns_server(target);
  if (!server) return std::unexpected(server.error());
  return lookup_txt(name, *server);
}

}  // namespace

int complain(std::string_view why) {
  const std::string line = fmt::format("{}: {}\n", k_program, printable(why));
  std::fputs(line.c_str(), stderr);
  return k_exit_fault;
}

int show(const ShowOptions& options) {
  std::optional<std::string> key;
  if (options.key_hex) {
    key = from_hex(*options.key_hex);
    if (!key || key->size() != k_key_bytes) return complain("--key must be 64 hex characters");
  }
  Result<std::vector<std::string>> texts;
  if (options.dns_name) {
    texts = records_at(*options.dns_name, options.target);
    if (!texts) return complain(texts.error().text);
  } else {
    texts->push_back(options.target == "-" ? read_standard_input() : options.target);
  }
  if (texts->empty()) {
    const bool written =
        tools::write_out(k_program, fmt::format("no TXT records at {}\n", printable(*options.dns_name)));
    return written ? 1 : k_exit_fault;
  }
  const bool colour = isatty(STDOUT_FILENO) != 0;
  bool all_valid = true;
  std::string out;
  for (const std::string& text : *texts) {
    if (&text != &texts->front()) out += "\n";
    const Explanation explanation = explain(text, SystemClock().wall_s(), key);
    out += rendered(explanation, colour);
    all_valid = all_valid && explanation.valid.value_or(false);
  }
  if (!tools::write_out(k_program, out)) return k_exit_fault;
  return all_valid ? 0 : 1;
}

}  // namespace dnsmesh::record_tool
