// SPDX-License-Identifier: Apache-2.0
// The rows of heartbeats and discovery in the table of options (spec/configuration.md 2.8).
#pragma once

#include <span>

#include "app/options.hpp"

namespace dnsmesh::app {

std::span<const OptionRow> discovery_options();

}  // namespace dnsmesh::app
