// SPDX-License-Identifier: Apache-2.0
// The record store in memory: the twin of SqliteStore for tests and the simulation.
#pragma once

#include <memory>

#include "base/clock.hpp"
#include "base/random.hpp"
#include "store/record_store.hpp"

namespace dnsmesh::store {

/// A store without a thread: commit() applies the batch, tells the listener and calls back before it returns, so a
/// simulation stays deterministic. `clock` must outlive it; `random` is used only here.
std::unique_ptr<RecordStore> make_memory_store(const Clock& clock, Random& random);

}  // namespace dnsmesh::store
