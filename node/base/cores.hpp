// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>

namespace dnsmesh {

/// Cores that this process may use, at least one: fewer than the machine has when it is bound to some of them, as in a
/// container. Any thread.
std::size_t usable_cores();

}  // namespace dnsmesh
