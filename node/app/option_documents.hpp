// SPDX-License-Identifier: Apache-2.0
// What is written from the table of options. Every text ends with a line end. Any thread.
#pragma once

#include <expected>
#include <optional>
#include <string>
#include <vector>

#include "app/load_settings.hpp"

namespace dnsmesh::app {

/// The settings part of --help: one entry an option, by section.
std::string options_help();

/// docs/configuration.md.
std::string options_markdown();

/// docs/dnsmesh-node.env.sample: every option as a comment with its default.
std::string options_sample();

/// The output of --check-config: every value with where it comes from, or every fault. Secrets are masked. `refused` is
/// why a node with readable settings would not start all the same.
std::string check_report(const std::expected<Loaded, std::vector<Error>>& loaded,
                         const std::optional<Error>& refused = std::nullopt);

/// The value as a report shows it: `(set, 32 characters)` for a secret, `(no NSID option)` where there is none.
std::string shown_value(const EffectiveValue& value);

}  // namespace dnsmesh::app
