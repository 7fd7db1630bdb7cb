// SPDX-License-Identifier: Apache-2.0
// The rows of registration in the table of options (spec/configuration.md 2.5).
#pragma once

#include <span>

#include "app/options.hpp"

namespace dnsmesh::app {

std::span<const OptionRow> registration_options();

}  // namespace dnsmesh::app
