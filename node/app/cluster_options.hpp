// SPDX-License-Identifier: Apache-2.0
// The rows of the cluster and of sync in the table of options (spec/configuration.md 2.4).
#pragma once

#include <span>

#include "app/options.hpp"

namespace dnsmesh::app {

std::span<const OptionRow> cluster_options();

}  // namespace dnsmesh::app
