// SPDX-License-Identifier: Apache-2.0
// From the environment and the configuration file to settings. A later source beats an earlier one: default, file,
// environment. Pure: all that is read comes in as a parameter.
#pragma once

#include <expected>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "app/options.hpp"
#include "app/settings.hpp"
#include "app/sources.hpp"
#include "base/error.hpp"

namespace dnsmesh::app {

enum class Source : std::uint8_t { default_value, file, environment };

/// What an option came to.
struct EffectiveValue {
  const OptionRow* row = nullptr;
  Value value;        // monostate: no value; the row's default_note says what holds
  std::string given;  // as it was spelled; empty for a default and for a secret
  Source source = Source::default_value;
  std::string where;  // `default`, `environment` or `node.env:12`; with `as <name>` when another name gave it
};

struct Loaded {
  NodeSettings settings;
  std::vector<EffectiveValue> values;  // one a row of options(), in their order
  std::vector<std::string> warnings;   // one line each, for the log once it is set up
  std::vector<std::string> notes;      // the same at level info
};

/// The text of a configuration file and its path for messages.
struct ConfigText {
  std::string path;
  std::string contents;
};

/// Reads the file that a `_FILE` variable names.
using ReadFile = std::function<Result<std::string>(const std::string& path)>;

/// Settings, or every fault that was found, one line each: config_bad_value, config_unknown_key (file only),
/// config_file, config_refused. Secrets appear in no message. Any thread.
std::expected<Loaded, std::vector<Error>> load_settings(const Environment& environment,
                                                        const std::optional<ConfigText>& file,
                                                        const ReadFile& read_file);

/// The value of an option. Precondition: `name` is a row's name.
const EffectiveValue& value_of(const Loaded& loaded, std::string_view name);

/// The options that differ from those at start and that a running node cannot take (Reload::restart): what SIGHUP has
/// to tell the operator, each time anew.
std::vector<std::string_view> changes_that_need_a_restart(const Loaded& started, const Loaded& reloaded);

}  // namespace dnsmesh::app
