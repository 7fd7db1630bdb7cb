// SPDX-License-Identifier: Apache-2.0
#include "app/option_documents.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <iterator>
#include <optional>

#include "app/known_names.hpp"

namespace dnsmesh::app {
namespace {

constexpr std::string_view k_markdown_head = R"(# Configuration

<!-- Written by `dnsmesh-node --print-options markdown` from node/app/options.cpp; a test holds them equal. -->

Every setting is an environment variable. The same names may stand in a file, given with `--config FILE`; a variable of
the environment beats the file, and both beat the default. `dnsmesh-node --check-config` shows every value and where it
comes from, and says what is wrong; it starts nothing.

* **The file** holds `KEY=VALUE` lines, as systemd's `EnvironmentFile` and docker's `--env-file` do. Blank lines and
  lines that begin with `#` are skipped; `export ` before a key and quotes around a whole value are allowed. A key that
  the node does not know is an error; in the environment an unknown `DMP_` variable is a warning. A sample is in
  [dnsmesh-node.env.sample](dnsmesh-node.env.sample).
* **An empty value** counts as not set, unless its line says otherwise.
* **Numbers** may have blanks around them and `_` between digits. **Flags** are `1`, `true`, `yes`, `on` or `0`,
  `false`, `no`, `off`, in any case. **Domain names** lose blanks and final dots and are folded to lower case.
* **Secrets** can be kept in a file of their own: the variable with `_FILE` at its end names it. One line end at the
  end of that file is dropped. Secrets are never printed.
* **Older names** of a setting still work. When both are set, the main one wins, with a warning.
* **Exit status**: 2 when a setting is wrong (every fault is printed, one line each), 1 when the start fails for another
  reason, 0 after an orderly stop.
* **SIGHUP** reads the file of `--config` and the cluster file again. Settings that say *reloadable* take effect at
  once; for the others the node says that it must be restarted.
)";

constexpr std::string_view k_markdown_tail = R"(
## Settings of other versions

These belong to parts that this version does not have. They may be set (the same environment then serves other nodes of
the protocol), have no effect, and are named once in the log at start:

)";

constexpr std::string_view k_sample_head =
    R"(# Settings of dnsmesh-node. Use: dnsmesh-node --config FILE, EnvironmentFile=FILE in a unit, or
# docker run --env-file FILE.
# Every line below shows the default; remove the # to change it. `dnsmesh-node --config FILE --check-config` tests it.
# Written by `dnsmesh-node --print-options sample`.
)";

/// `text` with its first letter in upper case, as a sentence.
std::string sentence(std::string text) {
  if (!text.empty()) text.front() = static_cast<char>(std::toupper(static_cast<unsigned char>(text.front())));
  return text + ".";
}

/// What --help and the sample say of the default: `[60 seconds]`, `[no NSID option]`.
std::string default_words(const OptionRow& row) {
  if (row.default_text.empty()) return std::string(row.default_note);
  if (row.unit.empty()) return std::string(row.default_text);
  return fmt::format("{} {}", row.default_text, row.unit);
}

/// The remarks that follow the help sentence.
std::string remarks(const OptionRow& row) {
  std::string out;
  if (!row.alias.empty()) out += fmt::format(" Older name: `{}`.", row.alias);
  if (row.secret) out += fmt::format(" Secret; `{}` may name a file that holds it.", secret_file_name(row));
  if (row.empty == Empty::refused) out += " An empty value is an error.";
  if (row.reload == Reload::sighup) out += " *Reloadable.*";
  return out;
}

template <class Heading, class Entry>
void for_each_section(Heading&& heading, Entry&& entry) {
  std::optional<Section> current;
  for (const OptionRow& row : options()) {
    if (current != row.section) heading(section_title(row.section));
    current = row.section;
    entry(row);
  }
}

struct ValueWords {
  std::string operator()(std::monostate) const { return {}; }
  std::string operator()(const std::string& text) const { return text; }
  std::string operator()(std::int64_t number) const { return fmt::format("{}", number); }
  std::string operator()(double number) const { return fmt::format("{}", number); }
  std::string operator()(bool set) const { return set ? "true" : "false"; }
};

std::string table_of_values(const Loaded& loaded) {
  std::size_t name_width = 0;
  std::size_t value_width = 0;
  for (const EffectiveValue& value : loaded.values) {
    name_width = std::max(name_width, value.row->name.size());
    value_width = std::max(value_width, shown_value(value).size());
  }
  std::string out;
  for (const EffectiveValue& value : loaded.values) {
    fmt::format_to(std::back_inserter(out), "{:<{}}  {:<{}}  {}\n", value.row->name, name_width, shown_value(value),
                   value_width, value.where);
  }
  return out;
}

}  // namespace

std::string options_help() {
  std::string out = "Settings (environment variables, or KEY=VALUE lines of the file):\n";
  for_each_section(
      [&](std::string_view title) { out += fmt::format("\n{}:\n", title); },
      [&](const OptionRow& row) { out += fmt::format("  {:<26} {} [{}]\n", row.name, row.help, default_words(row)); });
  return out;
}

std::string options_markdown() {
  std::string out(k_markdown_head);
  for_each_section(
      [&](std::string_view title) {
        out += fmt::format("\n## {}\n\n| Variable | Default | Accepted | Meaning |\n|---|---|---|---|\n", title);
      },
      [&](const OptionRow& row) {
        const std::string shown =
            row.default_text.empty() ? std::string(row.default_note) : fmt::format("`{}`", row.default_text);
        const std::string unit = row.unit.empty() ? std::string{} : fmt::format(" ({})", row.unit);
        out += fmt::format("| `{}` | {} | {}{} | {}{} |\n", row.name, shown, accepted_words(row.kind, row.accepted),
                           unit, sentence(std::string(row.help)), remarks(row));
      });
  out += k_markdown_tail;
  for (const std::string_view name : known_later_names()) out += fmt::format("* `{}`\n", name);
  return out;
}

std::string options_sample() {
  std::string out(k_sample_head);
  for_each_section([&](std::string_view title) { out += fmt::format("\n# --- {} ---\n", title); },
                   [&](const OptionRow& row) {
                     const std::string unit = row.unit.empty() ? std::string{} : fmt::format(", in {}", row.unit);
                     out += fmt::format("\n# {}\n# Accepted: {}{}.\n", sentence(std::string(row.help)),
                                        accepted_words(row.kind, row.accepted), unit);
                     if (row.default_text.empty()) out += fmt::format("# Not set: {}.\n", row.default_note);
                     out += fmt::format("#{}={}\n", row.name, row.default_text);
                     if (row.secret) out += fmt::format("#{}=\n", secret_file_name(row));
                   });
  return out;
}

std::string check_report(const std::expected<Loaded, std::vector<Error>>& loaded, const std::optional<Error>& refused) {
  constexpr std::string_view k_not_valid = "configuration is not valid\n";
  std::string out;
  if (!loaded) {
    for (const Error& error : loaded.error()) out += fmt::format("error: {}\n", error.text);
    return out.append(k_not_valid);
  }
  out = table_of_values(*loaded) + "\n";
  for (const std::string& note : loaded->notes) out += fmt::format("note: {}\n", note);
  for (const std::string& warning : loaded->warnings) out += fmt::format("warning: {}\n", warning);
  if (refused) return out + fmt::format("error: {}\n{}", refused->text, k_not_valid);
  return out + "configuration is valid\n";
}

std::string shown_value(const EffectiveValue& value) {
  if (std::holds_alternative<std::monostate>(value.value)) return fmt::format("({})", value.row->default_note);
  std::string words = std::visit(ValueWords{}, value.value);
  return value.row->secret ? fmt::format("(set, {} characters)", words.size()) : words;
}

}  // namespace dnsmesh::app
