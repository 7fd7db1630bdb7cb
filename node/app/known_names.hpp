// SPDX-License-Identifier: Apache-2.0
// What a name of a setting means to this version, and which name was probably meant by an unknown one.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "app/options.hpp"

namespace dnsmesh::app {

enum class NameClass : std::uint8_t {
  option,       // a row's name or alias, or the `_FILE` name of a secret
  known_later,  // belongs to a part that this version does not have
  foreign,      // read by clients, deploy scripts or builds only (spec/configuration.md 2.9)
  unknown,
};

NameClass classify_name(std::string_view name);

/// The names of NameClass::known_later, by the order of spec/configuration.md 2.
std::span<const std::string_view> known_later_names();

/// The name under which a secret's file is given: `<name>_FILE`.
std::string secret_file_name(const OptionRow& row);

/// The known name with the fewest edits from `name`; nothing when even that one is too far to have been meant.
std::optional<std::string> nearest_name(std::string_view name);

/// Insertions, deletions, replacements and swaps of neighbours that turn `a` into `b`.
std::size_t edit_distance(std::string_view a, std::string_view b);

}  // namespace dnsmesh::app
