// SPDX-License-Identifier: Apache-2.0
// The one table of options. From its rows come the parser, --help, docs/configuration.md, the sample file and the
// output of --check-config. Names and meanings are those of spec/configuration.md 2.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "app/option_kinds.hpp"
#include "app/settings.hpp"

namespace dnsmesh::app {

enum class Section : std::uint8_t {
  store,
  log,
  dns,
  zone,
  update,
  http,
  access,
  limits,
  cluster,
  sync,
  registration,
  heartbeat
};

/// What an empty text means for an option: not set (the default applies), or a mistake.
enum class Empty : std::uint8_t { unset, refused };

/// How a running node takes a changed value.
enum class Reload : std::uint8_t { restart, sighup };

struct OptionRow {
  std::string_view name = {};
  Section section{};
  Kind kind{};
  std::string_view default_text = {};  // read as if it had been given; empty: no value
  std::string_view default_note = {};  // what holds instead when there is no default text
  Accepted accepted = {};
  std::string_view unit = {};
  std::string_view help = {};   // one line, no final dot
  std::string_view alias = {};  // an older name of the same option; loses against `name`
  Empty empty = Empty::unset;
  Reload reload = Reload::restart;
  bool secret = false;  // never printed; `<name>_FILE` names a file that holds it
  void (*apply)(NodeSettings& settings, const Value& value) = nullptr;  // called when there is a value
};

/// All rows, by section. The rows of Section::zone are in the order in which they win (spec/configuration.md 2.4).
std::span<const OptionRow> options();

/// The title of a section in the documents.
std::string_view section_title(Section section);

}  // namespace dnsmesh::app
