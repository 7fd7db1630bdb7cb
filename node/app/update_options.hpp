// SPDX-License-Identifier: Apache-2.0
// The rows of DNS UPDATE, TSIG and claims in the table of options (spec/configuration.md 2.2, 2.7).
#pragma once

#include <span>

#include "app/options.hpp"

namespace dnsmesh::app {

std::span<const OptionRow> update_options();

}  // namespace dnsmesh::app
